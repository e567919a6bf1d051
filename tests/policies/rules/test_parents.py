"""Gateway API routes attach to listeners, and cross namespaces with a grant."""

from __future__ import annotations

from typing import Any

import pytest

from policies.values import UNKNOWN
from policies.world import World

API = "gateway.networking.k8s.io/v1"
FOUND = {("FLT-REF-016", "HTTPRoute shop/web")}
GRANT = {("FLT-REF-017", "HTTPRoute shop/web")}


def _object(kind: str, name: str, namespace: str | None, spec: Any, api: str = API) -> dict[str, Any]:
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": api, "kind": kind, "metadata": metadata, "spec": spec}


def _gateway(namespace: str | None = "shop", name: str = "public", **listener: Any) -> dict[str, Any]:
    listeners = [{"name": "https", "port": 443, "protocol": "HTTPS"} | listener]
    return _object("Gateway", name, namespace, {"gatewayClassName": "traefik", "listeners": listeners})


def _route(parent: dict[str, Any], **spec: Any) -> dict[str, Any]:
    return _object("HTTPRoute", "web", "shop", {"parentRefs": [{"name": "public"} | parent]} | spec)


@pytest.mark.parametrize(
    ("parent", "expected"),
    [
        ({}, set()),
        ({"sectionName": "https"}, set()),
        ({"sectionName": "http"}, FOUND),
        ({"port": 443}, set()),
        ({"port": 80}, FOUND),
        ({"name": "publik"}, FOUND),
        ({"sectionName": UNKNOWN}, {("FLT-PLAN-001", "HTTPRoute shop/web")}),
        ({"name": "mesh", "kind": "Service", "group": ""}, set()),
        ({"name": "shared", "namespace": "infra"}, set()),
    ],
)
def test_a_route_names_a_gateway_and_its_listener(found: Any, parent: Any, expected: Any) -> None:
    assert found([_gateway(), _route(parent)]) == expected


def test_a_gateway_that_is_not_in_the_input_is_not_judged(found: Any) -> None:
    assert found([_route({"sectionName": "http"})]) == set()
    assert found([_route({})], world=World.CLOSED) == FOUND


@pytest.mark.parametrize(
    ("allowed", "expected"),
    [
        ({}, FOUND),
        ({"namespaces": {"from": "Same"}}, FOUND),
        ({"namespaces": {"from": "All"}}, set()),
        ({"namespaces": {"from": "Selector", "selector": {"matchLabels": {"team": "shop"}}}}, set()),
        ({"namespaces": {"from": "Selector", "selector": {"matchLabels": {"team": "other"}}}}, FOUND),
        (
            {
                "namespaces": {
                    "from": "Selector",
                    "selector": {"matchLabels": {"kubernetes.io/metadata.name": "shop"}},
                }
            },
            set(),
        ),
    ],
)
def test_a_listener_lets_namespaces_in(found: Any, allowed: Any, expected: Any) -> None:
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": {"team": "shop"}}}
    gateway = _gateway("infra", allowedRoutes=allowed)
    assert found([gateway, namespace, _route({"namespace": "infra"})]) == expected


def test_a_gateway_without_namespace_is_where_its_routes_are(found: Any) -> None:
    assert found([_gateway(None), _route({})]) == set()


@pytest.mark.parametrize(("kind", "expected"), [("HTTPRoute", set()), ("GRPCRoute", FOUND)])
def test_a_listener_lets_kinds_in(found: Any, kind: str, expected: Any) -> None:
    assert found([_gateway(allowedRoutes={"kinds": [{"kind": kind}]}), _route({})]) == expected


@pytest.mark.parametrize(
    ("own", "hosts", "expected"),
    [
        ("shop.example", ["shop.example"], set()),
        ("Shop.example", ["shop.EXAMPLE"], set()),
        ("*.shop.example", ["a.shop.example"], set()),
        ("*.shop.example", ["a.b.shop.example"], set()),
        ("a.shop.example", ["*.shop.example"], set()),
        ("*.shop.example", ["shop.example"], FOUND),
        ("shop.example", ["shop.test", "shop.example"], set()),
        ("shop.example", ["shop.test"], FOUND),
        ("shop.example", [UNKNOWN], {("FLT-PLAN-001", "HTTPRoute shop/web")}),
        (None, ["shop.test"], set()),
    ],
)
def test_a_route_and_its_listener_share_a_host(found: Any, own: Any, hosts: Any, expected: Any) -> None:
    assert found([_gateway(hostname=own), _route({}, hostnames=hosts)]) == expected


@pytest.fixture
def service() -> dict[str, Any]:
    return _object("Service", "pay", "payment", {"ports": [{"port": 80}]}, "v1")


def _crossing(**more: Any) -> dict[str, Any]:
    backend = {"name": "pay", "namespace": "payment", "port": 80} | more
    return _route({}, rules=[{"backendRefs": [backend]}])


def _grant(kind: str = "HTTPRoute", namespace: str = "shop", **to: str) -> dict[str, Any]:
    trusted = [{"group": "gateway.networking.k8s.io", "kind": kind, "namespace": namespace}]
    return _object("ReferenceGrant", "g", "payment", {"from": trusted, "to": [{"group": "", "kind": "Service"} | to]})


@pytest.mark.parametrize(
    ("grant", "expected"),
    [
        (_grant(), set()),
        (_grant(name="pay"), set()),
        (_grant(name="other"), GRANT),
        (_grant(kind="GRPCRoute"), GRANT),
        (_grant(namespace="other"), GRANT),
        (_grant(kind="HTTPRoute") | {"metadata": {"name": "g", "namespace": "shop"}}, GRANT),
    ],
)
def test_a_backend_in_another_namespace_takes_a_grant(found: Any, service: Any, grant: Any, expected: Any) -> None:
    assert found([service, _crossing()]) == GRANT
    assert found([service, _crossing(), grant]) == expected


def test_within_one_namespace_no_grant_is_needed(found: Any, service: Any) -> None:
    assert found([service, _crossing(namespace="shop")]) == set()
    assert found([_crossing()]) == set()
    assert found([service, _crossing()], world=World.OPEN) == set()


def test_a_mirror_takes_a_grant_too(found: Any, service: Any) -> None:
    mirror = {"type": "RequestMirror", "requestMirror": {"backendRef": {"name": "pay", "namespace": "payment"}}}
    assert found([service, _route({}, rules=[{"filters": [mirror]}])]) == GRANT


def test_a_certificate_of_another_namespace_takes_a_grant(found: Any) -> None:
    secret = _object("Secret", "tls", "payment", None, "v1")
    gateway = _gateway(tls={"certificateRefs": [{"name": "tls", "namespace": "payment"}]})
    assert found([secret, gateway]) == {("FLT-REF-017", "Gateway shop/public")}
    grant = _grant(kind="Gateway")
    grant["spec"]["to"] = [{"group": "", "kind": "Secret"}]
    assert found([secret, gateway, grant]) == set()


def test_wrong_ports_and_names_of_gateway_backends_are_found(stack: Any, everything: Any) -> None:
    for backend, code in (
        ({"name": "checkout", "port": 80}, None),
        ({"name": "checkout", "port": 8080}, "FLT-PORT-003"),
        ({"name": "chekout", "port": 80}, "FLT-REF-002"),
        ({"name": "checkout", "port": 80, "group": "core"}, None),
    ):
        codes = {
            code
            for code, title in everything([*stack, _route({}, rules=[{"backendRefs": [backend]}])])
            if "web" in title
        }
        assert codes & {"FLT-PORT-003", "FLT-REF-002"} == ({code} if code else set())
