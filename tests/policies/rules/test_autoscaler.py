"""An autoscaler is one that the API server takes."""

from __future__ import annotations

from typing import Any

import pytest

from policies.values import UNKNOWN
from tests.policies.autoscalers import hpa

HPA, KEDA = "HorizontalPodAutoscaler shop/checkout", "ScaledObject shop/checkout"
BOUNDS, METRICS = {("FLT-SCALE-008", HPA)}, {("FLT-SCALE-009", HPA)}


def keda(**spec: Any) -> Any:
    metadata = {"name": "checkout", "namespace": "shop"}
    spec = {"scaleTargetRef": {"name": "checkout"}, "triggers": [{"type": "kafka"}], **spec}
    return {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": metadata, "spec": spec}


EXTERNAL = {
    "type": "External",
    "external": {"metric": {"name": "q"}, "target": {"type": "AverageValue", "averageValue": 5}},
}


@pytest.mark.parametrize(
    "bounds",
    [
        {"minReplicas": 7},
        {"maxReplicas": 0},
        {"maxReplicas": -1},
        {"maxReplicas": None},
        {"minReplicas": -1},
        {"minReplicas": 0},
        {"minReplicas": 0, "metrics": [{"type": "Pods"}]},
    ],
)
def test_bounds_that_are_refused(found: Any, bounds: Any) -> None:
    assert found([hpa()]) == set()
    assert BOUNDS <= found([hpa(**bounds)]) <= BOUNDS | METRICS


@pytest.mark.parametrize(
    "bounds",
    [
        {"minReplicas": 6},
        {"minReplicas": None, "maxReplicas": 1},
        {"minReplicas": 0, "metrics": [EXTERNAL]},
        {"minReplicas": 0, "metrics": UNKNOWN},
    ],
)
def test_bounds_that_are_taken(found: Any, bounds: Any) -> None:
    assert found([hpa(**bounds)]) == set()


def test_bounds_that_are_not_known_are_a_finding_of_the_plan(found: Any) -> None:
    assert found([hpa(maxReplicas=UNKNOWN)]) == {("FLT-PLAN-001", HPA)}


def test_keda_scales_to_zero_and_has_defaults(found: Any) -> None:
    assert found([keda()]) == found([keda(minReplicaCount=0, maxReplicaCount=5)]) == set()
    assert found([keda(minReplicaCount=101)]) == found([keda(minReplicaCount=3, maxReplicaCount=2)]) != set()


def resource(**target: Any) -> Any:
    return {"type": "Resource", "resource": {"name": "cpu", "target": target}}


@pytest.mark.parametrize(
    "metric",
    [
        {"type": "CPU"},
        {},
        {"type": "Resource"},
        EXTERNAL | {"resource": {"name": "cpu"}},
        resource(type="Utilization", averageUtilization=0),
        resource(type="Utilization", averageUtilization=-5),
        resource(type="Percent", averageUtilization=5),
        resource(type="Utilization", value=70),
        resource(type="Utilization"),
        resource(type="Utilization", averageUtilization=70, averageValue="1"),
        resource(type="AverageValue", averageValue="500mm"),
        {"type": "Pods", "pods": {"metric": {"name": "rps"}, "target": {"type": "Value", "value": 5}}},
        {"type": "External", "external": {"target": {"type": "Value", "averageUtilization": 5}}},
    ],
)
def test_metrics_that_are_refused(found: Any, metric: Any) -> None:
    assert found([hpa(metrics=[metric])]) == METRICS


@pytest.mark.parametrize(
    "metric",
    [
        resource(type="Utilization", averageUtilization=150),
        resource(type="AverageValue", averageValue="500m"),
        resource(type="Utilization", averageUtilization=UNKNOWN),
        {"type": "Object", "object": {"target": {"type": "Value", "value": "2k", "averageValue": 5}}},
        {"type": UNKNOWN},
        EXTERNAL,
    ],
)
def test_metrics_that_are_taken(found: Any, metric: Any) -> None:
    assert found([hpa(metrics=[metric])]) == set()


def test_the_share_of_version_1_is_above_0(found: Any) -> None:
    assert found([hpa("v1", targetCPUUtilizationPercentage=0)]) == METRICS
    assert found([hpa("v1", targetCPUUtilizationPercentage=80)]) == set()


@pytest.mark.parametrize(
    "rules",
    [
        {"stabilizationWindowSeconds": 3601},
        {"stabilizationWindowSeconds": -1},
        {"policies": []},
        {"policies": [{"type": "Pods", "value": 0, "periodSeconds": 60}]},
        {"policies": [{"type": "Pods", "value": 1, "periodSeconds": 1801}]},
        {"policies": [{"type": "Pods", "value": 1, "periodSeconds": 0}]},
    ],
)
def test_behaviour_that_is_refused(found: Any, rules: Any) -> None:
    assert found([hpa(behavior={"scaleDown": rules})]) == found([hpa(behavior={"scaleUp": rules})]) == METRICS


def test_behaviour_that_is_taken(found: Any) -> None:
    rules = {"stabilizationWindowSeconds": 0, "policies": [{"type": "Percent", "value": 900, "periodSeconds": 1800}]}
    assert found([hpa(behavior={"scaleDown": rules, "scaleUp": {"selectPolicy": "Disabled"}})]) == set()
