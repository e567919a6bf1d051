"""A monitor scrapes a port that what it selects has."""

from __future__ import annotations

from typing import Any

import pytest

LABELS = {"app": "shop"}
SERVICE_FOUND, POD_FOUND = {("FLT-PORT-011", "ServiceMonitor m")}, {("FLT-PORT-011", "PodMonitor m")}


def pods(*ports: dict[str, Any], labels: Any = None) -> dict[str, Any]:
    spec = {"containers": [{"name": "c", "image": "a:1.0.0", "ports": list(ports)}]}
    template = {"metadata": {"labels": labels or LABELS}, "spec": spec}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": {"template": template}}


PODS = pods({"name": "http", "containerPort": 3000}, {"name": "metrics", "containerPort": 9091})


def service(*names: str, namespace: str = "default", labels: Any = None) -> dict[str, Any]:
    metadata = {"name": "s", "namespace": namespace, "labels": LABELS if labels is None else labels}
    ports = [{"name": name, "port": 80 + position} for position, name in enumerate(names)]
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {"selector": LABELS, "ports": ports}}


def monitor(kind: str, endpoint: dict[str, Any], **spec: Any) -> dict[str, Any]:
    field = "endpoints" if kind == "ServiceMonitor" else "podMetricsEndpoints"
    body = {"selector": {"matchLabels": LABELS}, field: [endpoint]} | spec
    return {"apiVersion": "monitoring.coreos.com/v1", "kind": kind, "metadata": {"name": "m"}, "spec": body}


@pytest.mark.parametrize(
    "wrong", [{"port": "metric"}, {"port": "9091"}, {"port": "http-metrics"}, {"targetPort": 9090}]
)
def test_a_port_that_no_selected_service_has_is_found(found: Any, wrong: dict[str, Any]) -> None:
    services = [PODS, service("http", "metrics")]
    assert found([*services, monitor("ServiceMonitor", {"port": "metrics"})]) == set()
    assert found([*services, monitor("ServiceMonitor", wrong)]) == SERVICE_FOUND


@pytest.mark.parametrize("wrong", [{"port": "metric"}, {"portNumber": 9090}, {"targetPort": 9090}, {"targetPort": "x"}])
def test_a_port_that_no_selected_pod_declares_is_found(found: Any, wrong: dict[str, Any]) -> None:
    for right in ({"port": "metrics"}, {"portNumber": 9091}, {"targetPort": "metrics"}, {"path": "/metrics"}):
        assert found([PODS, monitor("PodMonitor", right)]) == set()
    assert found([PODS, monitor("PodMonitor", wrong)]) == POD_FOUND


def test_what_a_monitor_selects_may_stand_elsewhere(found: Any) -> None:
    wrong = monitor("ServiceMonitor", {"port": "x"})
    assert found([PODS, wrong]) == set()
    assert found([service("http"), wrong]) == set()
    assert found([PODS, service("http", labels={"app": "other"}), wrong]) == set()
    assert found([PODS, service("http", namespace="other"), wrong]) == set()


def test_a_monitor_looks_into_the_namespaces_that_it_names(found: Any) -> None:
    there = pods({"name": "http", "containerPort": 3000})
    there["metadata"]["namespace"] = "shop"
    objects = [there, service("http", namespace="shop")]
    for selector in ({"any": True}, {"matchNames": ["shop"]}):
        assert found([*objects, monitor("ServiceMonitor", {"port": "x"}, namespaceSelector=selector)]) == SERVICE_FOUND
    assert found([*objects, monitor("ServiceMonitor", {"port": "x"}, namespaceSelector={"matchNames": ["b"]})]) == set()


def test_one_service_of_several_with_the_port_is_enough(found: Any) -> None:
    other = service("metrics")
    other["metadata"]["name"] = "t"
    assert found([PODS, service("http"), other, monitor("ServiceMonitor", {"port": "metrics"})]) == set()


def test_an_empty_selector_and_expressions_select_too(found: Any) -> None:
    expressions = {"matchExpressions": [{"key": "app", "operator": "Exists"}]}
    for selector in ({}, expressions):
        assert found([PODS, monitor("PodMonitor", {"port": "x"}, selector=selector)]) == POD_FOUND
