"""Pods behind a Service say when they are ready, and are restarted when they hang."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from policies.purpose import Purpose
from policies.values import UNKNOWN

APP = "spec/template/spec/containers/0"
PRODUCTION = {("FLT-PROBE-004", "Deployment shop/checkout")}
ELSEWHERE = {("FLT-PROBE-005", "Deployment shop/checkout")}
HANGS = {("FLT-PROBE-006", "Deployment shop/checkout")}


@pytest.fixture
def silent(stack: Any, put: Any) -> Any:
    """The clean stack without a readinessProbe in any container."""
    mutated = put(stack, "Deployment checkout", f"{APP}/readinessProbe", ...)
    return put(mutated, "Deployment checkout", "spec/template/spec/initContainers/1/readinessProbe", ...)


def _codes(found: Any, stack: Any, **settings: Any) -> Any:
    return {one for one in found(stack, **settings) if one[0] != "FLT-PLAN-001"}


def test_a_pod_without_readiness_is_an_outage_in_production_and_advice_elsewhere(
    stack: Any, silent: Any, found: Any
) -> None:
    assert found(stack) == set()
    assert found(silent, purpose=Purpose.PRODUCTION) == PRODUCTION
    assert found(silent) == found(silent, purpose=Purpose.TEST) == ELSEWHERE


def test_the_serving_container_is_asked_itself(stack: Any, put: Any, found: Any) -> None:
    mutated = put(stack, "Deployment checkout", f"{APP}/readinessProbe", ...)
    assert found(mutated, purpose=Purpose.PRODUCTION) == ELSEWHERE


def test_nothing_is_asked_of_what_no_service_selects(silent: Any, put: Any, found: Any) -> None:
    assert found([one for one in silent if one["kind"] != "Service"]) == set()
    assert _codes(found, put(silent, "Service checkout", "spec/selector", {"app": "other"})) == set()
    assert _codes(found, put(silent, "Service checkout", "spec/selector", UNKNOWN)) == set()


@pytest.mark.parametrize(
    ("title", "path", "value"),
    [
        ("Service checkout", "spec/publishNotReadyAddresses", True),
        ("Service checkout", "spec/type", "ExternalName"),
        ("Service checkout", "spec/ports", [{"name": "metrics", "port": 9091}]),
        ("Service checkout", "spec/ports", [{"port": 9091, "targetPort": "metrics"}]),
        ("Deployment checkout", "spec/template/spec/readinessGates", [{"conditionType": "balancer/ready"}]),
    ],
)
def test_what_is_reached_without_readiness_on_purpose(
    silent: Any, put: Any, found: Any, title: str, path: str, value: Any
) -> None:
    assert _codes(found, put(silent, title, path, value)) - HANGS == set()


@pytest.mark.parametrize("kind", ["StatefulSet", "DaemonSet", "ReplicaSet", "Pod"])
def test_every_serving_kind_is_looked_at(silent: Any, found: Any, kind: str) -> None:
    changed = copy.deepcopy(silent)
    workload = changed[0]
    workload["kind"] = kind
    if kind == "Pod":
        template = workload["spec"]["template"]
        workload |= {"apiVersion": "v1", "spec": template["spec"]}
        workload["metadata"]["labels"] = template["metadata"]["labels"]
    assert found(changed) == {("FLT-PROBE-005", f"{kind} shop/checkout")}


def test_a_job_serves_nobody(silent: Any, found: Any) -> None:
    silent[0] |= {"apiVersion": "batch/v1", "kind": "Job"}
    assert found(silent) == set()


def test_pods_without_declared_ports_are_asked_as_a_whole(silent: Any, put: Any, found: Any) -> None:
    bare = put(silent, "Deployment checkout", f"{APP}/ports", ...)
    bare = put(bare, "Service checkout", "spec/ports", [{"port": 3000}])
    assert found(bare) == ELSEWHERE
    assert found(put(bare, "Deployment checkout", f"{APP}/readinessProbe", {"exec": {"command": ["true"]}})) == set()


def test_a_container_that_hangs_is_restarted(stack: Any, put: Any, found: Any) -> None:
    mutated = put(stack, "Deployment checkout", f"{APP}/livenessProbe", ...)
    assert found(mutated) == HANGS
    assert found([one for one in mutated if one["kind"] != "Service"]) == set()
    assert found(put(mutated, "Deployment checkout", f"{APP}/readinessProbe", ...)) == ELSEWHERE
