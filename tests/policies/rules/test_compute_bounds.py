"""Every container has its share of memory, and fits what its namespace says."""

from __future__ import annotations

from typing import Any

import pytest

from policies.purpose import Purpose
from policies.values import UNKNOWN

TITLE = "Deployment shop/checkout"
RESOURCES = "spec/template/spec/containers/0/resources"
DANGER, ADVICE = ("FLT-RESOURCE-004", TITLE), ("FLT-RESOURCE-005", TITLE)


def _with(put: Any, stack: Any, resources: Any, at: str = RESOURCES) -> Any:
    return put(stack, "Deployment checkout", at, resources)


@pytest.mark.parametrize(
    ("resources", "production", "elsewhere"),
    [
        ({}, DANGER, ADVICE),
        (..., DANGER, ADVICE),
        ({"requests": {"cpu": 1, "memory": "1Gi"}}, DANGER, ADVICE),
        ({"limits": {"cpu": 1}}, DANGER, ADVICE),
        ({"limits": {"memory": "1Gi"}}, ADVICE, ADVICE),
        ({"limits": {"memory": "1Gi"}, "requests": {"memory": "1Gi"}}, ADVICE, ADVICE),
    ],
)
def test_memory_without_bounds_is_a_danger_in_production_only(
    stack: Any, put: Any, found: Any, resources: Any, production: Any, elsewhere: Any
) -> None:
    assert found(stack, purpose=Purpose.PRODUCTION) == set()
    mutated = _with(put, stack, resources)
    assert found(mutated, purpose=Purpose.PRODUCTION) == {production}
    assert found(mutated) == found(mutated, purpose=Purpose.DISPOSABLE) == {elsewhere}


@pytest.mark.parametrize(
    "resources",
    [
        {"limits": {"memory": "1Gi"}, "requests": {"cpu": "1m"}},
        {"limits": {"memory": "1Gi", "cpu": 1}},
        {"limits": {"memory": "1Gi"}, "requests": {"cpu": UNKNOWN}},
        {"limits": UNKNOWN},
        UNKNOWN,
    ],
)
def test_nobody_needs_a_cpu_limit_nor_to_write_a_request_twice(
    stack: Any, put: Any, found: Any, resources: Any
) -> None:
    assert found(_with(put, stack, resources), purpose=Purpose.PRODUCTION) == set()


def test_a_sidecar_counts_as_a_container_and_an_init_container_is_advice(stack: Any, put: Any, found: Any) -> None:
    sidecar = _with(put, stack, ..., "spec/template/spec/initContainers/1/resources")
    assert found(sidecar, purpose=Purpose.PRODUCTION) == {DANGER}
    init = _with(put, stack, ..., "spec/template/spec/initContainers/0/resources")
    assert found(init, purpose=Purpose.PRODUCTION) == {ADVICE}
    debugger = [{"name": "debug", "image": "busybox:1.36.1"}]
    assert found(put(stack, "Deployment checkout", "spec/template/spec/ephemeralContainers", debugger)) == set()


def test_a_request_that_an_autoscaler_divides_by_is_another_rules_matter(stack: Any, put: Any, found: Any) -> None:
    mutated = _with(put, stack, {"requests": {"memory": "1Gi"}, "limits": {"memory": "1Gi"}})
    spec = {"scaleTargetRef": {"kind": "Deployment", "name": "checkout"}, "maxReplicas": 5}
    metadata = {"name": "checkout", "namespace": "shop"}
    scaler = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": metadata, "spec": spec}
    assert found(mutated) == {ADVICE}
    assert found([*mutated, scaler]) == set()


def test_the_pod_may_ask_for_all_its_containers(stack: Any, put: Any, found: Any) -> None:
    whole = {"requests": {"cpu": 1}, "limits": {"memory": "1Gi"}}
    mutated = _with(put, stack, whole, "spec/template/spec/resources")
    assert found(_with(put, mutated, {})) == set()


def _object(kind: str, spec: Any) -> Any:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": "house", "namespace": "shop"}, "spec": spec}


def _range(**entry: Any) -> Any:
    return _object("LimitRange", {"limits": [{"type": "Container", **entry}]})


def test_a_limit_range_fills_in_what_is_not_written(stack: Any, put: Any, found: Any) -> None:
    mutated = _with(put, stack, {})
    assert found([*mutated, _range(default={"cpu": 1, "memory": "1Gi"})]) == set()
    assert found([*mutated, _range(max={"memory": "1Gi"}, defaultRequest={"cpu": 1})]) == set()
    assert found([*mutated, _range(defaultRequest={"cpu": 1, "memory": "1Gi"})]) == {ADVICE}
    assert found([*mutated, _object("LimitRange", {"limits": [{"type": "Pod", "max": {"memory": "1Gi"}}]})]) == {ADVICE}
    elsewhere = _range(default={"cpu": 1, "memory": "1Gi"})
    elsewhere["metadata"]["namespace"] = "other"
    assert found([*mutated, elsewhere]) == {ADVICE}


@pytest.mark.parametrize(
    ("resources", "entry"),
    [
        ({"limits": {"memory": "2Gi"}, "requests": {"cpu": 1}}, {"max": {"memory": "1Gi"}}),
        ({"limits": {"memory": "1Gi"}, "requests": {"cpu": "10m"}}, {"min": {"cpu": "50m"}}),
        ({"requests": {"cpu": 1, "memory": "512Mi"}}, {"default": {"memory": "256Mi"}}),
        ({"requests": {"cpu": 1, "memory": "512Mi"}}, {"max": {"memory": "256Mi"}}),
    ],
)
def test_a_container_that_its_limit_range_refuses(stack: Any, put: Any, found: Any, resources: Any, entry: Any) -> None:
    mutated = _with(put, stack, resources)
    assert ("FLT-RESOURCE-006", TITLE) not in found(mutated)
    assert ("FLT-RESOURCE-006", TITLE) in found([*mutated, _range(**entry)])


def test_a_container_within_its_limit_range(stack: Any, found: Any) -> None:
    bounds = {"min": {"memory": "64Mi"}, "max": {"memory": "128Mi", "cpu": "200m"}, "default": {"memory": "128Mi"}}
    assert found([*stack, _range(**bounds)]) == set()
    assert found([*stack, _range(max=UNKNOWN, default={"memory": UNKNOWN})]) == set()


def test_a_quota_counts_what_every_container_must_ask_for(stack: Any, put: Any, found: Any) -> None:
    quota = _object("ResourceQuota", {"hard": {"limits.cpu": 4, "pods": 10}})
    assert found([*stack, quota]) == set()
    mutated = _with(put, stack, {"requests": {"cpu": 1}, "limits": {"memory": "1Gi"}})
    assert found(mutated) == set()
    assert found([*mutated, quota]) == {("FLT-RESOURCE-007", TITLE)}
    assert found([*mutated, quota, _range(default={"cpu": 1})]) == set()
    quota["spec"]["scopes"] = ["BestEffort"]
    assert found([*mutated, quota]) == set()
