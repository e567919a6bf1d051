"""A port of the nodes is taken once in a cluster."""

from __future__ import annotations

from typing import Any

CODE = "FLT-PORT-010"


def service(name: str, node_port: int, *, kind: str = "NodePort", namespace: str = "shop") -> dict[str, Any]:
    spec = {"type": kind, "ports": [{"port": 80, "nodePort": node_port}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": namespace}, "spec": spec}


def daemon(name: str, port: dict[str, Any], **spec: Any) -> dict[str, Any]:
    containers = [{"name": "c", "image": "a:1.0.0", "ports": [port]}]
    body = {"template": {"spec": {"containers": containers} | spec}}
    return {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": name}, "spec": body}


def test_two_services_with_one_node_port_are_found(found: Any) -> None:
    assert found([service("a", 30080), service("b", 30081)]) == set()
    assert found([service("a", 30080), service("b", 30080)]) == {(CODE, "Service shop/b")}
    elsewhere = service("b", 30080, kind="LoadBalancer", namespace="test")
    assert found([service("a", 30080), elsewhere]) == {(CODE, "Service test/b")}


def test_one_service_written_twice_or_without_node_ports_takes_nothing_twice(found: Any) -> None:
    assert found([service("a", 30080), service("a", 30080)]) == set()
    assert found([service("a", 30080), service("b", 30080, kind="ClusterIP")]) == set()
    assert found([service("a", 0), service("b", 0)]) == set()


def test_two_daemon_sets_with_one_port_of_every_node_are_found(found: Any) -> None:
    a, b = daemon("a", {"containerPort": 1, "hostPort": 9100}), daemon("b", {"containerPort": 2, "hostPort": 9100})
    assert found([a, daemon("b", {"containerPort": 9100})]) == set()
    assert found([a, b]) == {(CODE, "DaemonSet b")}
    on_host = daemon("b", {"containerPort": 9100}, hostNetwork=True)
    assert found([a, on_host]) == {(CODE, "DaemonSet b")}


def test_daemon_sets_of_different_nodes_or_protocols_never_meet(found: Any) -> None:
    port = {"containerPort": 1, "hostPort": 9100}
    assert found([daemon("a", port), daemon("b", port | {"protocol": "UDP"})]) == set()
    assert found([daemon("a", port), daemon("b", port, nodeSelector={"kubernetes.io/os": "windows"})]) == set()
