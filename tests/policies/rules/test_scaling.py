"""Autoscalers: one owner of the replicas, one autoscaler, a target that has replicas."""

from __future__ import annotations

from typing import Any

import pytest

from policies.values import UNKNOWN


def hpa(name: str = "checkout", kind: str = "Deployment", target: str = "checkout", **spec: Any) -> Any:
    """Make an autoscaler of the clean stack's workload."""
    ref = {"apiVersion": "apps/v1", "kind": kind, "name": target}
    metric = {
        "type": "Resource",
        "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}},
    }
    defaults: dict[str, Any] = {"scaleTargetRef": ref, "minReplicas": 2, "maxReplicas": 6, "metrics": [metric]}
    metadata = {"name": name, "namespace": "shop"}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": metadata,
        "spec": defaults | spec,
    }


def keda(**spec: Any) -> Any:
    metadata = {"name": "queue", "namespace": "shop"}
    trigger = {"type": "cpu", "metricType": "Utilization", "metadata": {"value": "60"}}
    defaults = {"scaleTargetRef": {"name": "checkout"}, "triggers": [trigger]}
    return {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": metadata, "spec": defaults | spec}


def vpa(mode: Any = None, policies: Any = None) -> Any:
    spec: dict[str, Any] = {"targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "checkout"}}
    spec |= {"updatePolicy": {"updateMode": mode}} if mode else {}
    spec |= {"resourcePolicy": {"containerPolicies": policies}} if policies else {}
    metadata = {"name": "sizes", "namespace": "shop"}
    return {"apiVersion": "autoscaling.k8s.io/v1", "kind": "VerticalPodAutoscaler", "metadata": metadata, "spec": spec}


@pytest.fixture
def scaled(stack: Any, put: Any) -> Any:
    """The clean stack without replicas, so that an autoscaler may own them."""
    return put(stack, "Deployment checkout", "spec/replicas", ...)


OWNED = {("FLT-SCALE-001", "Deployment shop/checkout")}


@pytest.mark.parametrize("autoscaler", [hpa(), keda()])
def test_replicas_beside_an_autoscaler_are_set_back_at_each_apply(
    stack: Any, scaled: Any, put: Any, found: Any, autoscaler: Any
) -> None:
    assert found(stack) == found([*scaled, autoscaler]) == set()
    assert found([*stack, autoscaler]) == OWNED
    assert found([*put(stack, "Deployment checkout", "spec/replicas", 0), autoscaler]) == set()
    elsewhere = {**autoscaler, "metadata": {"name": "x", "namespace": "other"}}
    assert found([*stack, elsewhere]) == set()


def test_a_statefulset_is_scaled_alike_and_another_kind_is_another_workload(stack: Any, found: Any) -> None:
    stack[0]["kind"] = "StatefulSet"
    assert found([*stack, hpa(kind="StatefulSet")]) == {("FLT-SCALE-001", "StatefulSet shop/checkout")}
    assert found([*stack, hpa()]) == set()


def test_replicas_that_are_not_known_are_a_finding_of_the_plan(stack: Any, put: Any, found: Any) -> None:
    mutated = put(stack, "Deployment checkout", "spec/replicas", UNKNOWN)
    assert found([*mutated, hpa()]) == {("FLT-PLAN-001", "Deployment shop/checkout")}


def test_two_autoscalers_name_each_other(scaled: Any, found: Any) -> None:
    first, second = (
        ("FLT-SCALE-004", "HorizontalPodAutoscaler shop/checkout"),
        ("FLT-SCALE-004", "ScaledObject shop/queue"),
    )
    assert found([*scaled, hpa(), hpa()]) == set()
    assert found([*scaled, hpa(), keda()]) == {first, second}
    assert found([hpa(), hpa("other")]) == {first, ("FLT-SCALE-004", "HorizontalPodAutoscaler shop/other")}
    assert found([hpa(), hpa("other", target="other"), hpa("third", kind="StatefulSet")]) == set()


def test_keda_may_take_an_hpa_over(scaled: Any, found: Any) -> None:
    owner = keda()
    owner["metadata"]["annotations"] = {"scaledobject.keda.sh/transfer-hpa-ownership": "true"}
    assert found([*scaled, hpa(), owner]) == set()


@pytest.mark.parametrize(
    "autoscaler",
    [
        vpa(),
        vpa("Auto"),
        vpa("Recreate"),
        vpa("InPlaceOrRecreate"),
        vpa("Auto", [{"containerName": "app", "controlledResources": ["cpu"]}]),
        vpa("Auto", [{"containerName": "proxy", "mode": "Off"}]),
    ],
)
def test_both_directions_of_scaling_chase_each_other(scaled: Any, found: Any, autoscaler: Any) -> None:
    assert found([*scaled, autoscaler]) == set()
    assert found([*scaled, hpa(), autoscaler]) == {("FLT-SCALE-005", "VerticalPodAutoscaler shop/sizes")}


@pytest.mark.parametrize(
    "autoscaler",
    [
        vpa("Off"),
        vpa("Initial"),
        vpa("Auto", [{"containerName": "*", "controlledResources": ["memory"]}]),
        vpa("Auto", [{"containerName": "*", "mode": "Off"}]),
        vpa(UNKNOWN),
    ],
)
def test_a_vertical_autoscaler_that_leaves_the_measured_resource_alone(
    scaled: Any, found: Any, autoscaler: Any
) -> None:
    assert found([*scaled, hpa(), autoscaler]) == set()


def test_a_vertical_autoscaler_beside_a_metric_that_is_no_share(scaled: Any, found: Any) -> None:
    requests = {
        "type": "Pods",
        "pods": {"metric": {"name": "rps"}, "target": {"type": "AverageValue", "averageValue": 9}},
    }
    absolute = {
        "type": "Resource",
        "resource": {"name": "cpu", "target": {"type": "AverageValue", "averageValue": "1"}},
    }
    assert found([*scaled, hpa(metrics=[requests, absolute]), vpa()]) == set()


@pytest.mark.parametrize("kind", ["Job", "CronJob", "Pod", "Service", "deployment", "Statefulset"])
def test_a_target_without_replicas(found: Any, kind: str) -> None:
    assert found([hpa(kind=kind)]) == {("FLT-SCALE-006", "HorizontalPodAutoscaler shop/checkout")}


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "ReplicaSet", "Rollout", "Cluster"])
def test_a_target_that_has_replicas_or_may_have(found: Any, kind: str) -> None:
    assert found([hpa(kind=kind)]) == set()


def test_an_autoscaler_with_nothing_to_decide(found: Any) -> None:
    assert found([hpa(minReplicas=3, maxReplicas=3)]) == {("FLT-SCALE-007", "HorizontalPodAutoscaler shop/checkout")}
    assert found([hpa(minReplicas=3, maxReplicas=4)]) == set()
