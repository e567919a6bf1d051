"""Probes that the API server takes and that do what they are written for."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from policies.values import UNKNOWN

APP = "spec/template/spec/containers/0"
SIDECAR = "spec/template/spec/initContainers/1"
TITLE = "Deployment shop/checkout"


def _probe(put: Any, stack: Any, name: str, probe: Any, at: str = APP) -> Any:
    return put(stack, "Deployment checkout", f"{at}/{name}", probe)


HTTP = {"httpGet": {"path": "/", "port": 3000}}


@pytest.mark.parametrize(
    ("name", "probe"),
    [
        ("livenessProbe", {}),
        ("livenessProbe", {"periodSeconds": 5}),
        ("livenessProbe", HTTP | {"tcpSocket": {"port": 3000}}),
        ("livenessProbe", {"exec": {}}),
        ("livenessProbe", {"exec": {"command": []}}),
        ("livenessProbe", HTTP | {"successThreshold": 2}),
        ("startupProbe", HTTP | {"successThreshold": 3}),
        ("livenessProbe", HTTP | {"failureThreshold": -1}),
        ("readinessProbe", HTTP | {"initialDelaySeconds": -1}),
        ("readinessProbe", HTTP | {"terminationGracePeriodSeconds": 10}),
        ("livenessProbe", HTTP | {"terminationGracePeriodSeconds": 0}),
        ("livenessProbe", {"httpGet": {"path": "/", "port": 3000, "scheme": "https"}}),
    ],
)
def test_a_probe_that_is_refused(stack: Any, put: Any, found: Any, name: str, probe: Any) -> None:
    assert found(stack) == set()
    assert found(_probe(put, stack, name, probe)) == {("FLT-PROBE-001", TITLE)}
    assert found(_probe(put, stack, name, probe, SIDECAR)) >= {("FLT-PROBE-001", TITLE)}


@pytest.mark.parametrize(
    ("name", "probe"),
    [
        ("readinessProbe", HTTP | {"successThreshold": 3}),
        ("livenessProbe", HTTP | {"successThreshold": 1, "terminationGracePeriodSeconds": 10}),
        ("livenessProbe", {"exec": {"command": ["pg_isready"]}}),
        ("livenessProbe", {"exec": {"command": UNKNOWN}}),
        ("livenessProbe", {"exec": UNKNOWN}),
        ("livenessProbe", UNKNOWN),
        ("livenessProbe", {"httpGet": UNKNOWN}),
        ("livenessProbe", {"grpc": {"port": 3000}, "httpGet": None}),
        ("livenessProbe", HTTP | {"failureThreshold": UNKNOWN}),
        ("livenessProbe", {"httpGet": {"path": "/", "port": 3000, "scheme": "HTTPS"}}),
        ("startupProbe", HTTP | {"failureThreshold": 600, "periodSeconds": 10}),
        ("livenessProbe", ...),
    ],
)
def test_a_probe_that_is_unusual_but_right(stack: Any, put: Any, found: Any, name: str, probe: Any) -> None:
    assert found(_probe(put, stack, name, probe)) - {("FLT-PLAN-001", TITLE)} == set()


def test_an_init_container_that_ends_and_an_ephemeral_one_have_no_probes(stack: Any, put: Any, found: Any) -> None:
    init = "spec/template/spec/initContainers/0"
    assert found(_probe(put, stack, "livenessProbe", HTTP, init)) == {("FLT-PROBE-001", TITLE)}
    debugger = [{"name": "debug", "image": "busybox:1.36.1", "readinessProbe": HTTP}]
    mutated = put(stack, "Deployment checkout", "spec/template/spec/ephemeralContainers", debugger)
    assert found(mutated) == {("FLT-PROBE-001", TITLE)}


@pytest.mark.parametrize("kind", ["StatefulSet", "DaemonSet", "ReplicaSet"])
def test_every_kind_that_makes_pods_is_looked_at(stack: Any, put: Any, found: Any, kind: str) -> None:
    mutated = _probe(put, stack, "livenessProbe", {})
    mutated[0]["kind"] = kind
    assert found(mutated) == {("FLT-PROBE-001", f"{kind} shop/checkout")}


@pytest.mark.parametrize(
    "times",
    [
        {"timeoutSeconds": 0},
        {"periodSeconds": 0},
        {"failureThreshold": 0},
        {"successThreshold": 0},
        {"timeoutSeconds": 11},
        {"timeoutSeconds": 5, "periodSeconds": 3},
        {"initialDelaySeconds": 3600},
    ],
)
def test_times_that_do_not_fit(stack: Any, put: Any, found: Any, times: Any) -> None:
    assert found(_probe(put, stack, "readinessProbe", HTTP | times)) == {("FLT-PROBE-002", TITLE)}


@pytest.mark.parametrize(
    "times",
    [
        {"timeoutSeconds": 10},
        {"initialDelaySeconds": 0},
        {"timeoutSeconds": 5, "periodSeconds": 5},
        {"timeoutSeconds": 30, "periodSeconds": UNKNOWN},
        {"timeoutSeconds": False},
    ],
)
def test_times_that_fit(stack: Any, put: Any, found: Any, times: Any) -> None:
    assert found(_probe(put, stack, "readinessProbe", HTTP | times)) == set()


def _pair(stack: Any, live: Any, ready: Any) -> Any:
    changed = copy.deepcopy(stack)
    container = changed[0]["spec"]["template"]["spec"]["containers"][0]
    del container["startupProbe"]
    container |= {"livenessProbe": live, "readinessProbe": ready}
    return changed


@pytest.mark.parametrize(
    ("live", "ready"),
    [
        (HTTP, HTTP),
        (HTTP | {"failureThreshold": 2}, HTTP),
        (HTTP | {"periodSeconds": 5}, HTTP | {"periodSeconds": 6}),
        ({"tcpSocket": {"port": 3000}, "failureThreshold": 1}, {"tcpSocket": {"port": 3000}}),
        (HTTP | {"initialDelaySeconds": 5}, {"tcpSocket": {"port": 3000}, "initialDelaySeconds": 120}),
    ],
)
def test_a_liveness_probe_with_less_patience(stack: Any, found: Any, live: Any, ready: Any) -> None:
    assert found(_pair(stack, live, ready)) == {("FLT-PROBE-003", TITLE)}


@pytest.mark.parametrize(
    ("live", "ready"),
    [
        (HTTP | {"failureThreshold": 6}, HTTP),
        ({"tcpSocket": {"port": 3000}}, {"tcpSocket": {"port": 3000}}),
        ({"exec": {"command": ["a"]}}, {"exec": {"command": ["a"]}}),
        ({"httpGet": {"path": "/live", "port": 3000}}, HTTP),
        (HTTP | {"initialDelaySeconds": 120, "failureThreshold": 4}, HTTP | {"initialDelaySeconds": 120}),
        (UNKNOWN, HTTP),
    ],
)
def test_a_liveness_probe_with_patience(stack: Any, found: Any, live: Any, ready: Any) -> None:
    assert found(_pair(stack, live, ready)) - {("FLT-PLAN-001", TITLE)} == set()
