"""A route of the Gateway API hangs on a listener of its Gateway."""

from __future__ import annotations

from typing import Any

import pytest

from policies.values import UNKNOWN

KIND = {"apiVersion": "gateway.networking.k8s.io/v1"}
FOUND = {("FLT-REF-016", "HTTPRoute shop/one")}


@pytest.fixture
def found(everything: Any) -> Any:
    """Give what is found of routes and their listeners."""
    return lambda items: {one for one in everything(items) if one[0] in {"FLT-REF-016", "FLT-PLAN-001"}}


def _gateway(**listener: Any) -> Any:
    listeners = [{"name": "web", "port": 80, "protocol": "HTTP"} | listener]
    return KIND | {
        "kind": "Gateway",
        "metadata": {"name": "public", "namespace": "shop"},
        "spec": {"gatewayClassName": "x", "listeners": listeners},
    }


def _route(*hosts: str, kind: str = "HTTPRoute", namespace: str = "shop", **parent: Any) -> Any:
    spec = {"parentRefs": [{"name": "public", "namespace": "shop"} | parent], "hostnames": list(hosts)}
    return KIND | {"kind": kind, "metadata": {"name": "one", "namespace": namespace}, "spec": spec}


@pytest.mark.parametrize(
    ("parent", "listener", "hosts"),
    [
        ({}, {}, []),
        ({"sectionName": "web"}, {}, ["a.b"]),
        ({"port": 80}, {}, []),
        ({}, {"hostname": "a.b"}, ["A.B"]),
        ({}, {"hostname": "*.b"}, ["x.a.b"]),
        ({}, {"hostname": "a.b"}, ["*.b"]),
        ({}, {"hostname": "*.b"}, ["c.d", "a.b"]),
        ({}, {"hostname": "*.b"}, ["a.${DOMAIN}"]),
        ({"sectionName": UNKNOWN}, {}, []),
        ({"kind": "ListenerSet", "sectionName": "other"}, {}, []),
    ],
)
def test_a_route_that_a_listener_takes_is_fine(found: Any, parent: Any, listener: Any, hosts: list[str]) -> None:
    assert {code for code, _ in found([_gateway(**listener), _route(*hosts, **parent)])} <= {"FLT-PLAN-001"}


@pytest.mark.parametrize(
    ("parent", "listener", "hosts"),
    [
        ({"sectionName": "other"}, {}, []),
        ({"port": 81}, {}, []),
        ({}, {"protocol": "TCP"}, []),
        ({}, {"hostname": "a.b"}, ["c.d"]),
        ({}, {"hostname": "*.b"}, ["b"]),
    ],
)
def test_a_route_that_no_listener_takes_is_found(found: Any, parent: Any, listener: Any, hosts: list[str]) -> None:
    route = _route(*hosts, **parent)
    assert found([route]) == set(), "the Gateway may be elsewhere"
    assert found([_gateway(**listener), route]) == FOUND


def test_a_listener_takes_its_own_namespace_unless_it_says_otherwise(found: Any) -> None:
    route = _route(namespace="other")
    assert found([_gateway(), route]) == {("FLT-REF-016", "HTTPRoute other/one")}
    for chosen in ("All", "Selector"):
        assert found([_gateway(allowedRoutes={"namespaces": {"from": chosen}}), route]) == set()


@pytest.mark.parametrize(
    ("kind", "protocol"),
    [("GRPCRoute", "HTTPS"), ("TLSRoute", "TLS"), ("TCPRoute", "TCP"), ("TCPRoute", "TLS"), ("UDPRoute", "UDP")],
)
def test_each_kind_of_route_has_its_protocols(found: Any, kind: str, protocol: str) -> None:
    assert found([_gateway(protocol=protocol), _route(kind=kind)]) == set()
    assert found([_gateway(protocol="other"), _route(kind=kind)]) == {("FLT-REF-016", f"{kind} shop/one")}
