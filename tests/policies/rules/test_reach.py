"""No route is hidden whole behind another one."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from policies.judge import judge

BACKEND = {"name": "nobody", "port": 80}
HIDDEN = {("FLT-ROUTE-002", "IngressRoute shop/narrow")}
SECOND = {("FLT-ROUTE-006", "IngressRoute shop/narrow")}


def _with_priority(route: Any, priority: int | None) -> Any:
    changed = copy.deepcopy(route)
    if priority is not None:
        changed["spec"]["routes"][0]["priority"] = priority
    return changed


@pytest.mark.parametrize(
    ("broad", "narrow"),
    [
        ("Host(`a.b`)", "Host(`a.b`) && PathPrefix(`/x`)"),
        ("Host(`a.b`) && PathPrefix(`/x`)", "Host(`a.b`) && PathPrefix(`/x/y`)"),
        ("Host(`a.b`) && PathPrefix(`/x`)", "Host(`a.b`) && PathPrefix(`/xyz`)"),
        ("Host(`a.b`) && PathPrefix(`/x`)", "Host(`A.b`) && Path(`/x`)"),
        ("Host(`a.b`)", "Host(`a.b`) && Header(`k`, `v`)"),
        ("Host(`a.b`) && Header(`k`, `v`)", "Host(`a.b`) && Header(`k`, `v`) && Method(`GET`)"),
        ("Host(`a.b`)", "Host(`a.b`) && (PathPrefix(`/x`) || PathPrefix(`/y`))"),
        ("Host(`c.d`) || Host(`a.b`)", "Host(`a.b`) && PathPrefix(`/x`)"),
        ("PathPrefix(`/`)", "Host(`a.b`)"),
        ("HostRegexp(`.+`)", "Host(`a.b`)"),
        ("HostRegexp(`^[a-z]+\\.b$`)", "Host(`a.b`)"),
        ("HostRegexp(`^[a-z]+\\.b$`)", "HostRegexp(`^[a-z]+\\.b$`) && PathPrefix(`/x`)"),
    ],
)
def test_a_priority_that_puts_the_broader_route_first_is_found(
    found: Any, make_route: Any, broad: str, narrow: str
) -> None:
    first, second = make_route("broad", broad, BACKEND), make_route("narrow", narrow, BACKEND)
    assert found([_with_priority(first, 1), second]) == set()
    assert found([_with_priority(first, 1000), second]) == HIDDEN
    assert found([first, _with_priority(second, 1)]) == HIDDEN
    assert found([_with_priority(first, 1000), _with_priority(second, 1001)]) == set()
    assert found([_with_priority(first, 50), _with_priority(second, 50)]) == HIDDEN


@pytest.mark.parametrize(
    ("broad", "narrow"),
    [
        ("Host(`a.b`)", "Host(`c.d`) && PathPrefix(`/x`)"),
        ("Host(`a.b`)", "(Host(`a.b`) || Host(`c.d`)) && PathPrefix(`/x`)"),
        ("Host(`a.b`) && PathPrefix(`/x`)", "Host(`a.b`) && PathPrefix(`/y`)"),
        ("Host(`a.b`) && PathPrefix(`/x/`)", "Host(`a.b`) && PathPrefix(`/x`)"),
        ("Host(`a.b`) && Path(`/x`)", "Host(`a.b`) && PathPrefix(`/x`)"),
        ("Host(`a.b`) && Header(`k`, `v`)", "Host(`a.b`) && PathPrefix(`/x`)"),
        ("Host(`a.b`) && ClientIP(`10.0.0.0/8`)", "Host(`a.b`)"),
        ("HostRegexp(`^[a-z]+\\.c$`)", "Host(`a.b`)"),
    ],
)
def test_a_route_that_keeps_some_requests_is_fine(found: Any, make_route: Any, broad: str, narrow: str) -> None:
    first, second = make_route("broad", broad, BACKEND), make_route("narrow", narrow, BACKEND)
    assert found([_with_priority(first, 1000), second]) == set()


def test_what_goes_first_at_one_entry_point_hides_nothing_at_another(found: Any, make_route: Any) -> None:
    first = _with_priority(make_route("broad", "Host(`a.b`)", BACKEND), 1000)
    second = make_route("narrow", "Host(`a.b`) && PathPrefix(`/x`)", BACKEND)
    assert found([first, second]) == HIDDEN
    second["spec"]["entryPoints"] = ["websecure", "internal"]
    assert found([first, second]) == set()
    first["spec"]["entryPoints"] = ["internal", "websecure"]
    assert found([first, second]) == HIDDEN
    del first["spec"]["entryPoints"]
    assert found([first, second]) == HIDDEN
    del first["spec"]["tls"]
    assert found([first, second]) == set()


def test_an_object_in_two_versions_hides_nothing_of_itself(found: Any, make_route: Any) -> None:
    first = _with_priority(make_route("narrow", "Host(`a.b`)", BACKEND), 1000)
    assert found([first, make_route("narrow", "Host(`a.b`) && PathPrefix(`/x`)", BACKEND)]) == set()


def test_a_longer_rule_that_is_broader_is_pointed_out(found: Any, make_route: Any) -> None:
    pattern = make_route("broad", r"HostRegexp(`^[a-z0-9-]+\.b$`)", BACKEND)
    exact = make_route("narrow", "Host(`a.b`)", BACKEND)
    assert found([pattern, exact]) == SECOND
    assert found([pattern, _with_priority(exact, 100)]) == set()
    either = make_route("broad", "Host(`a.b`) || Host(`www.a.b`) || Host(`shop.a.b`)", BACKEND)
    assert found([either, make_route("narrow", "Host(`a.b`) && PathPrefix(`/x`)", BACKEND)]) == SECOND


def test_an_equal_route_of_lower_priority_is_pointed_out(found: Any, make_route: Any) -> None:
    first, second = make_route("broad", "Host(`a.b`)", BACKEND), make_route("narrow", "Host(`a.b`)", BACKEND)
    assert found([first, second]) == set(), "rivals are another rule's matter"
    assert found([_with_priority(first, 1000), second]) == SECOND
    second["spec"]["entryPoints"] = ["internal"]
    assert found([_with_priority(first, 1000), second]) == set()


def test_an_ingress_of_traefik_takes_its_place_in_the_order(found: Any, make_route: Any, make_ingress: Any) -> None:
    ingress = make_ingress("docs", "a.b", "/x", {"name": "nobody", "port": {"number": 80}})
    ingress["spec"]["tls"] = [{"secretName": "cert"}]
    first = _with_priority(make_route("broad", "Host(`a.b`)", BACKEND), 1000)
    assert found([first, ingress]) == set(), "it may be another proxy's"
    ingress["metadata"]["annotations"] = {"traefik.ingress.kubernetes.io/router.entrypoints": "websecure"}
    assert found([first, ingress]) == {("FLT-ROUTE-002", "Ingress shop/docs")}
    ingress["spec"]["ingressClassName"] = "nginx"
    assert found([first, ingress]) == set()
    ingress["spec"]["ingressClassName"] = "traefik"
    assert found([first, ingress]) == {("FLT-ROUTE-002", "Ingress shop/docs")}
    first["spec"]["routes"][0]["priority"] = 5
    assert found([first, ingress]) == set()


def test_one_priority_for_all_paths_of_an_ingress_leaves_nested_ones_to_chance(found: Any, make_ingress: Any) -> None:
    ingress = make_ingress("docs", "a.b", "/", {"name": "nobody", "port": {"number": 80}})
    paths = ingress["spec"]["rules"][0]["http"]["paths"]
    paths.append(copy.deepcopy(paths[0]) | {"path": "/x"})
    assert found([ingress]) == set()
    ingress["metadata"]["annotations"] = {"traefik.ingress.kubernetes.io/router.priority": "300"}
    assert found([ingress]) == {("FLT-ROUTE-002", "Ingress shop/docs")}


def _tcp(match: str, *points: str, tls: Any = None) -> Any:
    spec: Any = {"routes": [{"match": match, "services": [BACKEND]}]}
    spec |= {"entryPoints": list(points)} if points else {}
    spec |= {} if tls is None else {"tls": tls}
    metadata = {"name": "raw", "namespace": "shop"}
    return {"apiVersion": "traefik.io/v1alpha1", "kind": "IngressRouteTCP", "metadata": metadata, "spec": spec}


RAW = {("FLT-ROUTE-002", "IngressRouteTCP shop/raw")}


def test_a_tcp_route_without_tls_hides_every_plain_route_of_its_entry_point(found: Any, make_route: Any) -> None:
    plain = make_route("shop", "Host(`a.b`)", BACKEND, secure=False)
    assert found([plain, _tcp("HostSNI(`*`)", "web")]) == RAW
    assert found([plain, _tcp("HostSNI(`*`)")]) == RAW
    assert found([plain, _tcp("HostSNI(`*`)", "postgres")]) == set()
    assert found([plain, _tcp("HostSNI(`*`) && ClientIP(`10.0.0.0/8`)", "web")]) == set()
    assert found([plain, _tcp("HostSNI(`*`)", "web", tls={})]) == set()
    assert found([make_route("shop", "Host(`a.b`)", BACKEND), _tcp("HostSNI(`*`)", "websecure")]) == set()


def test_a_tcp_route_with_tls_gives_way_to_the_host_of_a_web_route(found: Any, make_route: Any) -> None:
    secure = make_route("shop", "Host(`a.b`) && PathPrefix(`/x`)", BACKEND)
    for tls in ({}, {"passthrough": True}):
        assert found([secure, _tcp("HostSNI(`a.b`)", "websecure", tls=tls)]) == RAW
        assert found([secure, _tcp("HostSNI(`c.d`) || HostSNI(`a.b`)", "websecure", tls=tls)]) == RAW
        assert found([secure, _tcp("HostSNI(`c.d`)", "websecure", tls=tls)]) == set()
        assert found([secure, _tcp("HostSNI(`*`)", "websecure", tls=tls)]) == set()
        assert found([secure, _tcp("HostSNI(`a.b`)", "other", tls=tls)]) == set()
    everything = make_route("shop", "PathPrefix(`/x`)", BACKEND)
    assert found([everything, _tcp("HostSNI(`*`)", "websecure", tls={})]) == RAW
    assert found([everything, _tcp("HostSNI(`a.b`)", "websecure", tls={})]) == set()


def test_the_message_names_both_priorities_and_the_other_object(make_route: Any) -> None:
    broad = _with_priority(make_route("broad", "Host(`a.b`)", BACKEND), 100)
    narrow = make_route("narrow", "Host(`a.b`) && PathPrefix(`/x`)", BACKEND)
    said = [one.message for one in judge([broad, narrow]) if one.rule.code == "FLT-ROUTE-002"]
    expected = "never answers for a.b/x: IngressRoute shop/broad takes a.b/ with priority 100 and goes first"
    assert said == [f"has priority 31, and {expected}"]
