"""Traefik's own API and dashboard ask who is looking."""

from __future__ import annotations

from typing import Any

import pytest

from policies.world import World

OPEN, INSECURE = "FLT-SECURITY-018", "FLT-SECURITY-019"
WORLDWIDE = "Host(`traefik.shop.example`) && (PathPrefix(`/api`) || PathPrefix(`/dashboard`))"


def _route(*names: Any, match: str = WORLDWIDE, service: str = "api@internal", **spec: Any) -> dict[str, Any]:
    middlewares = [{"name": name} if isinstance(name, str) else name for name in names]
    services = [{"name": service, "kind": "TraefikService"}]
    route = {"match": match, "kind": "Rule", "services": services, "middlewares": middlewares}
    whole = {"entryPoints": ["websecure"], "routes": [route]} | spec
    metadata = {"name": "dashboard", "namespace": "traefik"}
    return {"apiVersion": "traefik.io/v1alpha1", "kind": "IngressRoute", "metadata": metadata, "spec": whole}


def _object(kind: str, name: str, spec: Any, namespace: str = "traefik") -> dict[str, Any]:
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "traefik.io/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}


def _codes(found: Any, *items: Any, **settings: Any) -> set[str]:
    return {code for code, _ in found(items, **settings)}


def _middleware(name: str, spec: Any, namespace: str = "traefik") -> dict[str, Any]:
    return _object("Middleware", name, spec, namespace)


HEADERS = _middleware("headers", {"headers": {"frameDeny": True}})
GUARDS: list[dict[str, Any]] = [
    {"basicAuth": {"secret": "operators"}},
    {"digestAuth": {"secret": "operators"}},
    {"forwardAuth": {"address": "http://auth.auth.svc"}},
    {"ipAllowList": {"sourceRange": ["10.0.0.0/8"]}},
    {"plugin": {"oidc": {}}},
]


@pytest.mark.parametrize("service", ["api@internal", "dashboard@internal", "rest@internal"])
def test_a_dashboard_without_a_guard_is_found(found: Any, service: str) -> None:
    assert _codes(found, _route(service=service)) == {OPEN}
    assert _codes(found, _route("headers", service=service), HEADERS) == {OPEN}


@pytest.mark.parametrize("guard", GUARDS)
def test_a_guard_of_any_kind_is_enough_also_in_a_chain(found: Any, guard: Any) -> None:
    chain = _middleware("chain", {"chain": {"middlewares": [{"name": "headers"}, {"name": "guard"}]}})
    assert _codes(found, _route("guard"), _middleware("guard", guard)) == set()
    assert _codes(found, _route("headers", "guard"), HEADERS, _middleware("guard", guard)) == set()
    assert _codes(found, _route("chain"), chain, HEADERS, _middleware("guard", guard)) == set()
    assert _codes(found, _route({"name": "guard", "namespace": "auth"}), _middleware("guard", guard, "auth")) == set()
    assert _codes(found, _route("guard"), HEADERS, _middleware("guard", guard, "auth"), world=World.CLOSED) == {OPEN}


@pytest.mark.parametrize(
    "spec",
    [
        {"headers": {}},
        {"ipAllowList": {"sourceRange": ["0.0.0.0/0"]}},
        {"ipAllowList": {"sourceRange": []}},
        {"chain": {"middlewares": [{"name": "guard"}]}},
        {"redirectScheme": {"scheme": "https"}},
    ],
)
def test_a_middleware_that_asks_nobody_is_no_guard(found: Any, spec: Any) -> None:
    assert _codes(found, _route("guard"), _middleware("guard", spec)) == {OPEN}


@pytest.mark.parametrize(
    "route",
    [
        _route(entryPoints=["traefik"]),
        _route(entryPoints=["internal", "admin"]),
        _route("auth@file"),
        _route("elsewhere"),
        _route(match="Host(`t.example`) && ClientIP(`10.0.0.0/8`)"),
        _route(match="(Host(`a.example`) || Host(`b.example`)) && ClientIP(`10.0.0.0/8`)"),
        _route(tls={"options": {"name": "elsewhere"}}),
        _route(parentRefs=[{"name": "guarded"}]),
        _route(service="ping@internal"),
        _route(service="checkout"),
    ],
)
def test_what_the_world_does_not_reach_or_another_place_guards_is_fine(found: Any, route: Any) -> None:
    assert _codes(found, route) == set()


@pytest.mark.parametrize(
    "route",
    [
        _route(entryPoints=None),
        _route(entryPoints=[]),
        _route(entryPoints=["traefik", "web"]),
        _route(match="Host(`a.example`) || ClientIP(`10.0.0.0/8`)"),
        _route(match="Host(`a.example`) && !ClientIP(`10.0.0.0/8`)"),
        _route(tls={"options": {"name": "default"}}),
    ],
)
def test_what_the_world_reaches_all_the_same_is_found(found: Any, route: Any) -> None:
    assert _codes(found, route) == {OPEN}


def test_known_clients_may_be_asked_for_certificates(found: Any) -> None:
    route = _route(tls={"options": {"name": "operators"}})
    for kind, expected in (("RequireAndVerifyClientCert", set()), ("RequestClientCert", {OPEN})):
        options = _object("TLSOption", "operators", {"clientAuth": {"clientAuthType": kind}})
        assert _codes(found, route, options) == expected


def _traefik(*args: Any, **container: Any) -> dict[str, Any]:
    spec = {"containers": [{"name": "traefik", "image": "traefik:v3.5.0", "args": list(args)} | container]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "traefik"}, "spec": spec}


def _file(name: str, text: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "traefik"}, "data": {name: text}}


@pytest.mark.parametrize(
    "item",
    [
        _traefik("--api.insecure=true"),
        _traefik("--api.insecure"),
        _traefik("--api.insecure", "--providers.kubernetescrd"),
        _traefik("--API.Insecure=true"),
        _traefik("--serversTransport.insecureSkipVerify=true"),
        _traefik("--providers.rest.insecure=true"),
        _traefik(command=["sh", "-c", "exec traefik --api.insecure=true"]),
        _traefik(env=[{"name": "TRAEFIK_API_INSECURE", "value": "true"}]),
        _file("traefik.yml", "entryPoints:\n  web:\n    address: :80\napi:\n  dashboard: true\n  insecure: true\n"),
        _file("traefik.toml", "[api]\n  dashboard = true\n  insecure = true\n"),
    ],
)
def test_a_traefik_that_is_started_open_is_found(found: Any, item: Any) -> None:
    assert _codes(found, item) == {INSECURE}


@pytest.mark.parametrize(
    "item",
    [
        _traefik("--api.dashboard=true"),
        _traefik("--api.insecure=false"),
        _traefik("--entryPoints.web.forwardedHeaders.insecure=false"),
        _traefik(env=[{"name": "TRAEFIK_API_INSECURE", "value": "false"}]),
        _file(
            "traefik.yml", "api:\n  dashboard: true\nentryPoints:\n  web:\n    proxyProtocol:\n      insecure: true\n"
        ),
        _file("traefik.toml", "[api]\n  dashboard = true\n[entryPoints.web.proxyProtocol]\n  insecure = true\n"),
    ],
)
def test_a_traefik_that_is_started_closed_is_fine(found: Any, item: Any) -> None:
    assert _codes(found, item) == set()
