"""The world reaches the proxy and nothing behind it."""

from __future__ import annotations

from typing import Any

import pytest

from policies.values import UNKNOWN

STORES, NODES = "FLT-SECURITY-016", "FLT-SECURITY-017"


def _service(kind: Any, *ports: Any, name: str = "database", notes: Any = None, **spec: Any) -> dict[str, Any]:
    listed = [{"port": port} if isinstance(port, int) else port for port in ports]
    metadata = {"name": name, "namespace": "shop", "annotations": notes or {}}
    whole = {"type": kind, "ports": listed, "selector": {"app": name}} | spec
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": whole}


def _codes(found: Any, item: Any) -> set[str]:
    return {code for code, _ in found([item])}


@pytest.mark.parametrize(
    "item",
    [
        _service("LoadBalancer", 5432),
        _service("LoadBalancer", {"port": 15432, "targetPort": 5432}),
        _service("NodePort", 6379),
        _service("NodePort", 80, 27017),
        _service("LoadBalancer", 9200, loadBalancerSourceRanges=["0.0.0.0/0"]),
        _service("LoadBalancer", 5432, loadBalancerSourceRanges=[]),
        _service("LoadBalancer", 5432, notes={"service.beta.kubernetes.io/aws-load-balancer-internal": "false"}),
        _service("ClusterIP", 80, externalIPs=["203.0.113.7"]),
    ],
)
def test_an_open_store_and_a_taken_address_are_found(found: Any, item: Any) -> None:
    assert _codes(found, item) == {STORES}


@pytest.mark.parametrize(
    "item",
    [
        _service("ClusterIP", 5432),
        _service(None, 5432),
        _service("ClusterIP", 5432, clusterIP="None"),
        _service("ExternalName", 5432, externalName="db.example"),
        _service("LoadBalancer", 80, 443),
        _service("LoadBalancer", 5432, loadBalancerSourceRanges=["192.0.2.0/24"]),
        _service("LoadBalancer", 5432, loadBalancerSourceRanges=UNKNOWN),
        _service("LoadBalancer", 5432, notes={"service.beta.kubernetes.io/aws-load-balancer-internal": "true"}),
        _service("LoadBalancer", 5432, notes={"service.beta.kubernetes.io/aws-load-balancer-scheme": "internal"}),
        _service("LoadBalancer", 5432, notes={"networking.gke.io/load-balancer-type": "Internal"}),
        _service("LoadBalancer", 5432, loadBalancerClass="tailscale"),
        _service("NodePort", 80, 443, name="traefik"),
        _service("NodePort", 80, name="edge", selector={"app.kubernetes.io/name": "ingress-nginx"}),
        _service("ClusterIP", 80, externalIPs=[]),
        _service(UNKNOWN, 80),
    ],
)
def test_what_stays_inside_and_the_proxy_are_fine(found: Any, item: Any) -> None:
    assert _codes(found, item) - {"FLT-PLAN-001"} == set()


def test_a_port_on_every_node_is_advice(found: Any) -> None:
    assert _codes(found, _service("NodePort", 80, name="checkout")) == {NODES}
    assert _codes(found, _service("NodePort", 80, name="checkout", selector=None)) == {NODES}
