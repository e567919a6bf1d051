"""Routes are ones that Traefik and the API server take."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from policies.world import World

BACKEND = {"name": "nobody", "port": 80}
INGRESS_BACKEND = {"name": "nobody", "port": {"number": 80}}


@pytest.mark.parametrize(
    "match",
    [
        "",
        "Host(`a.b`",
        "Host(a.b)",
        "Hostname(`a.b`)",
        "Host(`a.b`) & Path(`/`)",
        "Path(`x`)",
        "Host('a.b')",
        "Host(`a.b`, `c.d`)",
        "HostHeader(`a.b`)",
        "Host(`a.b`) && Headers(`k`, `v`)",
        "HostRegexp(`[a-z`)",
        "HostRegexp(`^(?!admin).+$`)",
        "ClientIP(`10.0.0.0/40`)",
        "HostSNI(`a.b`)",
    ],
)
def test_a_rule_that_traefik_refuses_is_found(found: Any, make_route: Any, match: str) -> None:
    assert found([make_route("one", match, BACKEND)]) == {("FLT-ROUTE-001", "IngressRoute shop/one")}


@pytest.mark.parametrize(
    "match", ["Host(`a.b`, `c.d`)", "HostHeader(`a.b`)", "Headers(`k`, `v`)", "HostRegexp(`{sub:[a-z]+}.b`)"]
)
def test_the_syntax_of_version_2_holds_where_a_route_says_so(found: Any, make_route: Any, match: str) -> None:
    route = make_route("one", match, BACKEND)
    route["spec"]["routes"][0]["syntax"] = "v2"
    assert found([route]) == set()


def test_a_rule_too_large_to_compare_is_not_passed_in_silence(found: Any, make_route: Any) -> None:
    either = " && ".join(f"(Header(`k{n}`, `1`) || Header(`k{n}`, `2`))" for n in range(13))
    assert found([make_route("one", either, BACKEND)]) == {("FLT-ROUTE-001", "IngressRoute shop/one")}


def _tcp(match: str, **spec: Any) -> Any:
    metadata = {"name": "one", "namespace": "shop"}
    routes = [{"match": match, "services": [BACKEND]}]
    kind = {"apiVersion": "traefik.io/v1alpha1", "kind": "IngressRouteTCP"}
    return kind | {"metadata": metadata, "spec": {"routes": routes} | spec}


@pytest.mark.parametrize(
    ("match", "tls", "fine"),
    [
        ("HostSNI(`*`)", None, True),
        ("HostSNI(`*`) && ClientIP(`::1`)", None, True),
        ("ClientIP(`::1`)", None, True),
        ("HostSNI(`a.b`)", {}, True),
        ("HostSNI(`a.b`)", {"passthrough": True}, True),
        ("HostSNIRegexp(`^.+\\.b$`)", {}, True),
        ("HostSNI(`a.b`)", None, False),
        ("HostSNI(`a.b`) || HostSNI(`*`)", None, False),
        ("HostSNI(`*.b`)", {}, False),
        ("Host(`a.b`)", {}, False),
    ],
)
def test_a_tcp_rule_that_names_a_host_needs_tls(found: Any, match: str, tls: Any, fine: bool) -> None:  # noqa: FBT001
    spec = {} if tls is None else {"tls": tls}
    assert found([_tcp(match, **spec)]) == (set() if fine else {("FLT-ROUTE-001", "IngressRouteTCP shop/one")})


@pytest.mark.parametrize(
    "path",
    [
        "/api/*",
        "/api/.*",
        "/products/{id}",
        "/products/{id:[0-9]+}",
        "/a$",
        "/(a|b)",
        "/[a-z]+",
        r"/\d",
        "/a?b=1",
        "/a#b",
    ],
)
def test_a_path_that_only_an_expression_could_match_is_found(found: Any, make_route: Any, path: str) -> None:
    for matcher in ("Path", "PathPrefix"):
        route = make_route("one", f"Host(`a.b`) && {matcher}(`{path}`)", BACKEND)
        assert found([route]) == {("FLT-ROUTE-003", "IngressRoute shop/one")}
    assert found([make_route("one", f"Host(`a.b`) && PathRegexp(`^{path}`)", BACKEND)]) == set()


@pytest.mark.parametrize(
    "path", ["/", "/a.b", "/$metadata", "/Foo_(bar)", "/a+b", "/a:b", "/~x", "/a/${X}", "/{{ x }}"]
)
def test_a_plain_path_is_fine_however_odd(found: Any, make_route: Any, make_ingress: Any, path: str) -> None:
    assert found([make_route("one", f"Host(`a.b`) && PathPrefix(`{path}`)", BACKEND)]) == set()
    assert found([make_ingress("one", "a.b", path, INGRESS_BACKEND)]) == set()


def test_a_template_of_version_2_is_fine_in_its_syntax(found: Any, make_route: Any) -> None:
    route = make_route("one", "Path(`/products/{id:[0-9]+}`)", BACKEND)
    assert found([route]) != set()
    route["spec"]["routes"][0]["syntax"] = "v2"
    assert found([route]) == set()


@pytest.mark.parametrize(
    ("change", "fine"),
    [
        ({}, True),
        ({"pathType": ...}, False),
        ({"pathType": "prefix"}, False),
        ({"path": ...}, False),
        ({"path": "x"}, False),
        ({"path": "/x/*"}, False),
        ({"path": "/x*", "pathType": "Exact"}, False),
        ({"path": "/x//y"}, False),
        ({"path": "/x/.."}, False),
        ({"path": "/x*", "pathType": "ImplementationSpecific"}, True),
        ({"path": ..., "pathType": "ImplementationSpecific"}, True),
        ({"path": "x", "pathType": "ImplementationSpecific"}, False),
        ({"path": "/.well-known/acme-challenge/x", "pathType": "Exact"}, True),
    ],
)
def test_an_ingress_path_is_one_that_the_api_server_takes(
    found: Any,
    make_ingress: Any,
    change: dict[str, Any],
    fine: bool,  # noqa: FBT001
) -> None:
    ingress = make_ingress("one", "a.b", "/x", INGRESS_BACKEND)
    entry = ingress["spec"]["rules"][0]["http"]["paths"][0]
    for key, value in change.items():
        if value is ...:
            del entry[key]
        else:
            entry[key] = value
    assert found([ingress]) == (set() if fine else {("FLT-ROUTE-003", "Ingress shop/one")})


def test_the_old_api_has_no_path_type_to_miss(found: Any, make_ingress: Any) -> None:
    ingress = make_ingress("one", "a.b", "/x", INGRESS_BACKEND)
    del ingress["spec"]["rules"][0]["http"]["paths"][0]["pathType"]
    assert found([ingress]) != set()
    for old in ("networking.k8s.io/v1beta1", "extensions/v1beta1"):
        assert found([ingress | {"apiVersion": old}]) == set()


def test_an_ingress_has_rules_with_paths_or_a_default_backend(found: Any, make_ingress: Any) -> None:
    ingress = make_ingress("one", "a.b", "/x", INGRESS_BACKEND)
    assert found([ingress]) == set()
    ingress["spec"]["rules"][0]["http"]["paths"] = []
    assert found([ingress]) == {("FLT-ROUTE-003", "Ingress shop/one")}
    ingress["spec"]["rules"] = []
    assert found([ingress]) == {("FLT-ROUTE-003", "Ingress shop/one")}
    ingress["spec"]["defaultBackend"] = {"service": INGRESS_BACKEND}
    assert found([ingress]) == set()
    ingress["spec"] = {"rules": [{"host": "a.b"}]}
    assert found([ingress]) == set()


def test_a_rule_that_another_tool_fills_in_is_not_judged_before(found: Any, make_route: Any) -> None:
    for match in ("{{ .Values.match }}", "${RULE}", "Host(`a.${DOMAIN}`) && ${MORE}"):
        assert found([make_route("one", match, BACKEND)]) == set()


@pytest.mark.parametrize("annotation", ["use-regex", "rewrite-target"])
def test_nginx_reads_expressions_where_an_annotation_says_so(found: Any, make_ingress: Any, annotation: str) -> None:
    ingress = make_ingress("one", "a.b", "/x(/|$)(.*)", INGRESS_BACKEND)
    assert found([ingress]) != set()
    ingress["metadata"]["annotations"] = {f"nginx.ingress.kubernetes.io/{annotation}": "/$2"}
    assert found([ingress]) == set()


@pytest.mark.parametrize(
    ("path", "fine"),
    [
        ({"value": "/x"}, True),
        ({"type": "Exact", "value": "/x"}, True),
        ({"type": "RegularExpression", "value": "/x/.*"}, True),
        ({"value": "x"}, False),
        ({"value": "/x/*"}, False),
        ({"type": "Exact", "value": "/x//y"}, False),
    ],
)
def test_a_gateway_routes_path_is_one_that_a_request_can_have(
    found: Any,
    path: dict[str, str],
    fine: bool,  # noqa: FBT001
) -> None:
    metadata = {"name": "one", "namespace": "shop"}
    spec = {"parentRefs": [{"name": "public"}], "rules": [{"matches": [{"path": path}]}]}
    route = {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": metadata, "spec": spec}
    assert found([route]) == (set() if fine else {("FLT-ROUTE-003", "HTTPRoute shop/one")})


@pytest.mark.parametrize(
    "change",
    [{"kind": "Regexp"}, {"services": []}, {"services": ...}, {"priority": 2**63 - 1}, {"priority": 2**63 - 1000}],
)
def test_a_route_that_traefik_drops_is_found(found: Any, make_route: Any, change: dict[str, Any]) -> None:
    route = make_route("one", "Host(`a.b`)", BACKEND)
    assert found([route]) == set()
    for key, value in change.items():
        if value is ...:
            del route["spec"]["routes"][0][key]
        else:
            route["spec"]["routes"][0][key] = value
    assert found([route]) == {("FLT-ROUTE-004", "IngressRoute shop/one")}


@pytest.mark.parametrize(
    "change", [{"kind": ""}, {"priority": 2**63 - 1001}, {"priority": -1}, {"services": [{"name": "noop@internal"}]}]
)
def test_a_route_that_traefik_serves_is_fine(found: Any, make_route: Any, change: dict[str, Any]) -> None:
    route = make_route("one", "Host(`a.b`)", BACKEND)
    route["spec"]["routes"][0] |= change
    assert found([route]) == set()


def test_a_parent_has_no_services_of_its_own(found: Any, make_route: Any) -> None:
    parent, child = make_route("parent", "Host(`a.b`)", BACKEND), make_route("child", "PathPrefix(`/x`)", BACKEND)
    del parent["spec"]["routes"][0]["services"]
    assert found([parent, child]) == {("FLT-ROUTE-004", "IngressRoute shop/parent")}
    assert found([parent, child], world=World.OPEN) == set()
    below = copy.deepcopy(child)
    below["spec"]["parentRefs"] = [{"name": "parent"}]
    assert found([parent, below]) == set()


@pytest.mark.parametrize("kind", ["IngressRouteTCP", "IngressRouteUDP"])
def test_a_route_for_connections_needs_services_too(found: Any, kind: str) -> None:
    route = _tcp("HostSNI(`*`)") | {"kind": kind}
    assert found([route]) == set()
    route["spec"]["routes"][0]["services"] = []
    assert found([route]) == {("FLT-ROUTE-004", f"{kind} shop/one")}
