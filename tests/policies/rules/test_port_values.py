"""A port is written as the API server takes it."""

from __future__ import annotations

from typing import Any

import pytest

POD = "spec/template/spec/containers/0"
DEPLOYMENT, SERVICE, INGRESS = "Deployment checkout", "Service checkout", "Ingress checkout-docs"
PORT = "spec/rules/0/http/paths/0/backend/service/port"


@pytest.mark.parametrize(
    ("title", "path", "value"),
    [
        (DEPLOYMENT, f"{POD}/ports/0/containerPort", 0),
        (DEPLOYMENT, f"{POD}/ports/0/containerPort", 65536),
        (DEPLOYMENT, f"{POD}/ports/0/containerPort", -1),
        (DEPLOYMENT, f"{POD}/ports/0/hostPort", 70000),
        (DEPLOYMENT, f"{POD}/ports/0/name", "checkout-http-port"),
        (DEPLOYMENT, f"{POD}/ports/0/name", "HTTP"),
        (DEPLOYMENT, f"{POD}/ports/0/name", "http_api"),
        (DEPLOYMENT, f"{POD}/ports/0/name", "http--api"),
        (DEPLOYMENT, f"{POD}/ports/0/name", "-http"),
        (DEPLOYMENT, f"{POD}/ports/0/name", "8080"),
        (DEPLOYMENT, f"{POD}/ports/0/name", "1-2"),
        (DEPLOYMENT, f"{POD}/readinessProbe/httpGet/port", "3000"),
        (DEPLOYMENT, f"{POD}/readinessProbe/httpGet/port", 99999),
        (DEPLOYMENT, f"{POD}/readinessProbe/httpGet/port", "a-name-that-is-too-long"),
        (DEPLOYMENT, f"{POD}/lifecycle", {"preStop": {"httpGet": {"port": "3000"}}}),
        (DEPLOYMENT, "spec/template/spec/initContainers/0/ports", [{"containerPort": 0}]),
        (SERVICE, "spec/ports/0/port", 0),
        (SERVICE, "spec/ports/0/port", 100000),
        (SERVICE, "spec/ports/0/targetPort", 100000),
        (SERVICE, "spec/ports/0/targetPort", "3000"),
        (SERVICE, "spec/ports/0/targetPort", "Http"),
        (SERVICE, "spec/ports/0/name", "By_Name"),
        (SERVICE, "spec/ports/0/name", "n" * 64),
        (SERVICE, "spec/ports/0/appProtocol", "http 2"),
        (INGRESS, PORT, {"number": 0}),
        (INGRESS, PORT, {"name": "81"}),
    ],
)
def test_what_the_api_server_refuses_is_found(
    stack: Any, put: Any, found: Any, title: str, path: str, value: Any
) -> None:
    kind, _, name = title.partition(" ")
    assert found(stack) == set()
    assert found(put(stack, title, path, value)) == {("FLT-PORT-007", f"{kind} shop/{name}")}


@pytest.mark.parametrize(
    ("title", "path", "value"),
    [
        (DEPLOYMENT, f"{POD}/ports/0/containerPort", 1),
        (DEPLOYMENT, f"{POD}/ports/0/containerPort", 65535),
        (DEPLOYMENT, f"{POD}/ports/0/hostPort", 0),
        (DEPLOYMENT, f"{POD}/ports/0/protocol", "SCTP"),
        (DEPLOYMENT, f"{POD}/ports/0/name", "p8080"),
        (DEPLOYMENT, f"{POD}/ports/0/name", "fifteen-letters"),
        (DEPLOYMENT, f"{POD}/ports/0/name", "8a"),
        (DEPLOYMENT, f"{POD}/readinessProbe", {"grpc": {"port": 3000}}),
        (SERVICE, "spec/ports/0/name", "a-name-longer-than-fifteen-letters"),
        (SERVICE, "spec/ports/0/name", "80"),
        (SERVICE, "spec/ports/0/targetPort", 0),
        (SERVICE, "spec/ports/0/appProtocol", "kubernetes.io/h2c"),
        (SERVICE, "spec/ports/0/appProtocol", "HTTP2"),
        (INGRESS, "spec/rules/0/http/paths/0/backend", {"resource": {"kind": "Bucket", "name": "b"}}),
    ],
)
def test_what_it_takes_is_not_flagged(stack: Any, put: Any, found: Any, title: str, path: str, value: Any) -> None:
    assert found(put(stack, title, path, value)) == set()


@pytest.mark.parametrize("kind", ["NodePort", "LoadBalancer"])
def test_a_node_port_lies_where_node_ports_are(stack: Any, put: Any, found: Any, kind: str) -> None:
    on_nodes = put(stack, SERVICE, "spec/type", kind)
    for fine in (0, 30000, 32767):
        assert found(put(on_nodes, SERVICE, "spec/ports/0/nodePort", fine)) == set()
    for wrong in (80, 29999, 32768):
        assert found(put(on_nodes, SERVICE, "spec/ports/0/nodePort", wrong)) == {
            ("FLT-PORT-007", "Service shop/checkout")
        }


@pytest.mark.parametrize(
    ("title", "path", "value"),
    [
        (DEPLOYMENT, f"{POD}/ports/0/containerPort", 99999),
        (DEPLOYMENT, f"{POD}/readinessProbe/httpGet/port", "3000"),
        (DEPLOYMENT, f"{POD}/livenessProbe/tcpSocket/port", 0),
        (SERVICE, "spec/ports/0/targetPort", "3000"),
        (SERVICE, "spec/ports/1/targetPort", 99999),
        (SERVICE, "spec/ports/1/port", 0),
        (INGRESS, PORT, {"number": 99999}),
        (INGRESS, PORT, {"name": "81"}),
    ],
)
def test_what_can_be_no_port_is_said_once(
    stack: Any, put: Any, everything: Any, title: str, path: str, value: Any
) -> None:
    changed = put(stack, title, path, value)
    codes = [code for code, _ in everything(changed) if code.startswith("FLT-PORT")]
    assert codes == ["FLT-PORT-007"]


def test_under_host_network_the_host_port_is_the_containers(stack: Any, put: Any, found: Any) -> None:
    differing = put(stack, DEPLOYMENT, f"{POD}/ports/0/hostPort", 80)
    assert found(differing) == set()
    on_host = put(differing, DEPLOYMENT, "spec/template/spec/hostNetwork", True)
    assert found(on_host) == {("FLT-PORT-007", "Deployment shop/checkout")}
    assert found(put(on_host, DEPLOYMENT, f"{POD}/ports/0/hostPort", 3000)) == set()
