"""More than one pod where customers arrive, and some pod wherever a route leads."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from policies.purpose import Purpose

TITLE = "Deployment shop/checkout"
PRODUCTION, ADVICE = {("FLT-SCALE-011", TITLE)}, {("FLT-SCALE-012", TITLE)}


@pytest.fixture
def single(stack: Any, put: Any) -> Any:
    """The clean stack with one replica."""
    return put(stack, "Deployment checkout", "spec/replicas", 1)


def _hpa(**bounds: Any) -> Any:
    spec = {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "checkout"}, "maxReplicas": 5}
    metadata = {"name": "checkout", "namespace": "shop"}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": metadata,
        "spec": spec | bounds,
    }


def test_one_pod_is_an_outage_in_production_and_advice_where_nothing_is_said(
    stack: Any, single: Any, put: Any, found: Any
) -> None:
    assert found(stack, purpose=Purpose.PRODUCTION) == set()
    unset = put(stack, "Deployment checkout", "spec/replicas", ...)
    for mutated in (single, unset):
        assert found(mutated, purpose=Purpose.PRODUCTION) == PRODUCTION
        assert found(mutated) == ADVICE
        assert found(mutated, purpose=Purpose.TEST) == found(mutated, purpose=Purpose.DISPOSABLE) == set()


def test_the_label_of_the_namespace_decides(single: Any, found: Any) -> None:
    labels = {"flotilla.dev/purpose": "production"}
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": labels}}
    assert found([*single, namespace], purpose=Purpose.DISPOSABLE) == PRODUCTION


@pytest.mark.parametrize(
    ("title", "path", "value"),
    [
        ("Deployment checkout", "metadata/labels", {"track": "canary"}),
        ("Deployment checkout", "spec/template/metadata/labels", {"app": "checkout", "track": "canary"}),
        ("Deployment checkout", "metadata/name", "checkout-canary"),
        ("Deployment checkout", "spec/strategy", {"type": "Recreate"}),
        (
            "Deployment checkout",
            "spec/template/spec/volumes",
            [{"name": "d", "persistentVolumeClaim": {"claimName": "d"}}],
        ),
        ("Deployment checkout", "kind", "StatefulSet"),
        ("Service checkout", "spec/selector", {"app": "other"}),
        ("Service checkout", "spec/ports", [{"name": "metrics", "port": 9091}]),
    ],
)
def test_one_pod_is_enough_for_what_must_or_may_be_alone(
    single: Any, put: Any, found: Any, title: str, path: str, value: Any
) -> None:
    assert found(put(single, title, path, value), purpose=Purpose.PRODUCTION) == set()


def test_an_autoscaler_stands_for_replicas_but_its_minimum_counts(stack: Any, put: Any, found: Any) -> None:
    unset = put(stack, "Deployment checkout", "spec/replicas", ...)
    low = {("FLT-SCALE-012", "HorizontalPodAutoscaler shop/checkout")}
    assert found([*unset, _hpa(minReplicas=2)], purpose=Purpose.PRODUCTION) == set()
    assert found([*unset, _hpa(minReplicas=1)], purpose=Purpose.PRODUCTION) == low
    assert found([*unset, _hpa()]) == low
    assert found([*unset, _hpa()], purpose=Purpose.TEST) == set()
    canary = put(unset, "Deployment checkout", "metadata/labels", {"track": "canary"})
    assert found([*canary, _hpa()]) == set()


STOPPED = {
    ("FLT-SCALE-013", f"{kind} shop/checkout-{name}")
    for kind, name in (
        ("IngressRoute", "cart"),
        ("IngressRoute", "redirect"),
        ("Ingress", "docs"),
        ("Ingress", "faq"),
        ("TraefikService", "split"),
    )
}


def test_a_route_to_a_stopped_workload_names_it(stack: Any, put: Any, found: Any) -> None:
    stopped = put(stack, "Deployment checkout", "spec/replicas", 0)
    assert found(stopped) == STOPPED
    assert found([one for one in stopped if one["kind"] in {"Deployment", "Service"}]) == set()


def test_a_member_of_weight_0_may_be_stopped(stack: Any, put: Any, found: Any) -> None:
    stopped = put(stack, "Deployment checkout", "spec/replicas", 0)
    resting = put(stopped, "TraefikService checkout-split", "spec/weighted/services/0/weight", 0)
    assert found(resting) == STOPPED - {("FLT-SCALE-013", "TraefikService shop/checkout-split")}


def test_one_running_workload_behind_the_service_is_enough(stack: Any, put: Any, found: Any) -> None:
    stopped = put(stack, "Deployment checkout", "spec/replicas", 0)
    other = copy.deepcopy(stack[0])
    other["metadata"]["name"] = "second"
    assert found([*stopped, other]) == set()
    other["spec"]["replicas"] = 0
    assert found([*stopped, other]) == STOPPED
    assert found([*stopped, _hpa(minReplicas=2)]) == set()
