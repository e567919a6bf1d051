"""What an autoscaler measures can be worked out."""

from __future__ import annotations

from typing import Any

import pytest

from policies.values import UNKNOWN
from tests.policies.autoscalers import hpa

TITLE = "Deployment shop/checkout"
APP, SIDECAR = "spec/template/spec/containers/0", "spec/template/spec/initContainers/1"
DIVIDED = {("FLT-SCALE-002", TITLE)}


def share(name: str, percent: int = 70, **source: Any) -> Any:
    target = {"type": "Utilization", "averageUtilization": percent}
    field = "containerResource" if source else "resource"
    return {"type": field[0].upper() + field[1:], field: {"name": name, "target": target, **source}}


def keda(kind: str, **metadata: Any) -> Any:
    trigger = {"type": kind, "metadata": {"value": "60", **metadata}}
    spec = {"scaleTargetRef": {"name": "checkout"}, "triggers": [trigger]}
    return {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": {"name": "checkout", "namespace": "shop"},
        "spec": spec,
    }


@pytest.mark.parametrize(
    ("autoscaler", "name"),
    [
        (hpa(), "cpu"),
        (hpa(metrics=[]), "cpu"),
        (hpa(metrics=[share("cpu")]), "cpu"),
        (hpa(metrics=[share("memory")]), "memory"),
        (hpa(metrics=[share("cpu", container="app")]), "cpu"),
        (hpa("v1", targetCPUUtilizationPercentage=50), "cpu"),
        (hpa("v1"), "cpu"),
        (
            hpa("v2beta1", metrics=[{"type": "Resource", "resource": {"name": "cpu", "targetAverageUtilization": 50}}]),
            "cpu",
        ),
        (keda("cpu"), "cpu"),
        (keda("memory", type="Utilization"), "memory"),
    ],
)
@pytest.mark.parametrize("at", [APP, SIDECAR])
def test_a_share_of_nothing(stack: Any, put: Any, found: Any, autoscaler: Any, name: str, at: str) -> None:
    assert found([*stack, autoscaler]) == set()
    other = {"memory": "cpu", "cpu": "memory"}[name]
    mutated = put(
        stack, "Deployment checkout", f"{at}/resources", {"requests": {other: "64Mi"}, "limits": {other: "64Mi"}}
    )
    assert found(mutated) == set()
    of_one = "containerResource" in str(autoscaler) and at == SIDECAR
    assert found([*mutated, autoscaler]) == (set() if of_one else DIVIDED)


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (f"{APP}/resources", {"limits": {"cpu": "1", "memory": "1Gi"}}),
        (f"{APP}/resources", UNKNOWN),
        (f"{APP}/resources", {"requests": UNKNOWN}),
        ("spec/template/spec/initContainers/0/resources", {}),
    ],
)
def test_a_share_of_something(stack: Any, put: Any, found: Any, at: str, value: Any) -> None:
    assert found([*put(stack, "Deployment checkout", at, value), hpa()]) == set()


def test_a_pod_or_a_limit_range_may_hold_the_request(stack: Any, put: Any, found: Any) -> None:
    bare = put(stack, "Deployment checkout", f"{APP}/resources", {})
    assert found([*bare, hpa()]) == DIVIDED
    whole = put(bare, "Deployment checkout", "spec/template/spec/resources", {"requests": {"cpu": 1}})
    assert found([*whole, hpa()]) == set()
    spec = {"limits": [{"type": "Container", "defaultRequest": {"cpu": "100m"}}]}
    limits = {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "x", "namespace": "shop"}, "spec": spec}
    assert found([*bare, limits, hpa()]) == set()


@pytest.mark.parametrize(
    "metric",
    [
        {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "AverageValue", "averageValue": "500m"}}},
        {"type": "External", "external": {"metric": {"name": "q"}, "target": {"type": "Value", "value": 9}}},
    ],
)
def test_an_amount_needs_no_request(stack: Any, put: Any, found: Any, metric: Any) -> None:
    bare = put(stack, "Deployment checkout", f"{APP}/resources", {})
    assert found([*bare, hpa(metrics=[metric])]) == set()
    assert found([*bare, keda("kafka"), hpa(metrics=[metric])]) == set()


def test_a_measured_container_exists(stack: Any, found: Any) -> None:
    missing = {("FLT-SCALE-003", "HorizontalPodAutoscaler shop/checkout")}
    assert found([*stack, hpa(metrics=[share("cpu", container="app")])]) == set()
    assert found([*stack, hpa(metrics=[share("cpu", container="proxy")])]) == set()
    assert found([*stack, hpa(metrics=[share("cpu", container="wait")])]) == missing
    assert found([*stack, hpa(metrics=[share("cpu", container="checkout")])]) == missing
    assert found([hpa(metrics=[share("cpu", container="checkout")])]) == set()


def test_a_target_beyond_the_limits(stack: Any, put: Any, found: Any) -> None:
    beyond = {("FLT-SCALE-010", "HorizontalPodAutoscaler shop/checkout")}
    assert found([*stack, hpa(metrics=[share("cpu", 200)])]) == set()
    assert found([*stack, hpa(metrics=[share("cpu", 201)])]) == beyond
    unlimited = put(stack, "Deployment checkout", f"{APP}/resources/limits/cpu", ...)
    assert found([*unlimited, hpa(metrics=[share("cpu", 900)])]) == set()
