"""What else a Service's ports promise."""

from __future__ import annotations

from typing import Any

import pytest

SERVICE = "Service checkout"


def test_a_name_in_two_containers_that_a_service_asks_for_is_advice(stack: Any, put: Any, found: Any) -> None:
    sidecar = "spec/template/spec/initContainers/1/ports/0/name"
    assert found(stack) == set()
    assert found(put(stack, "Deployment checkout", sidecar, "http")) == {("FLT-PORT-013", "Deployment shop/checkout")}
    unasked = put(stack, "Deployment checkout", sidecar, "metrics")
    assert found(unasked) == set()


@pytest.mark.parametrize("kind", [..., "ClusterIP", "NodePort"])
def test_a_health_check_of_an_inner_service_is_found(stack: Any, put: Any, found: Any, kind: Any) -> None:
    checked = put(stack, "IngressRoute checkout-cart", "spec/routes/0/services/0/healthCheck", {"path": "/live"})
    if kind is not ...:
        checked = put(checked, SERVICE, "spec/type", kind)
    assert found(checked) == {("FLT-PORT-014", "IngressRoute shop/checkout-cart")}


def test_a_health_check_in_a_split_is_found(stack: Any, put: Any, found: Any) -> None:
    path = "spec/weighted/services/0/healthCheck"
    checked = put(stack, "TraefikService checkout-split", path, {"path": "/live", "port": 3000})
    assert found(checked) == {("FLT-PORT-014", "TraefikService shop/checkout-split")}


def test_a_health_check_of_an_outer_or_unseen_service_is_fine(stack: Any, put: Any, found: Any) -> None:
    path = "spec/routes/0/services/0"
    outside = put(stack, "IngressRoute checkout-cart", path, {"name": "x", "port": 443, "healthCheck": {"path": "/"}})
    assert found(outside) == set()
    external = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x", "namespace": "shop"}}
    assert found([*outside, external | {"spec": {"type": "ExternalName", "externalName": "a.b"}}]) == set()


def _headless(stack: Any, put: Any, *ports: dict[str, Any]) -> Any:
    kept = [one for one in stack if one["kind"] in {"Deployment", "Service"}]
    return put(put(kept, SERVICE, "spec/clusterIP", "None"), SERVICE, "spec/ports", list(ports))


def test_a_headless_service_that_would_have_to_translate_is_advice(stack: Any, put: Any, found: Any) -> None:
    expected = {("FLT-PORT-015", "Service shop/checkout")}
    assert found(_headless(stack, put, {"port": 80, "targetPort": "http"})) == expected
    assert found(_headless(stack, put, {"port": 80, "targetPort": 3000})) == expected
    assert found(_headless(stack, put, {"port": 3000, "targetPort": "http"})) == set()
    assert found(_headless(stack, put, {"port": 3000})) == set()
    assert found(_headless(stack, put, {"port": 80, "targetPort": "unknown"})) == set()


def test_a_headless_service_behind_a_route_is_reached_at_its_pods(stack: Any, put: Any, found: Any) -> None:
    routed = put(stack, SERVICE, "spec/clusterIP", "None")
    assert found(routed) == set()
