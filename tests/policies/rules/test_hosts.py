"""One owner for one host and path at one entry point."""

from __future__ import annotations

import copy
from typing import Any

import pytest

BACKEND = {"name": "nobody", "port": 80}
INGRESS_BACKEND = {"name": "nobody", "port": {"number": 80}}
BOTH = {("FLT-HOST-001", "IngressRoute shop/one"), ("FLT-HOST-001", "IngressRoute shop/two")}


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Host(`a.b`)", "Host(`a.b`)"),
        ("Host(`a.b`)", 'host("A.B")'),
        ("Host(`a.b`)", "Host(`a.b.`)"),
        ("Host(`a.b`)", "Host(`a.b`) && PathPrefix(`/`)"),
        ("Host(`a.b`)", "Host(`c.d`) || Host(`a.b`)"),
        ("Host(`a.b`) && Path(`/x`)", "Path(`/x`) && Host(`a.b`)"),
        ("Host(`a.b`) && (PathPrefix(`/x`) || PathPrefix(`/y`))", "PathPrefix(`/y`) && Host(`a.b`)"),
        ("Host(`a.b`) && Header(`k`, `v`)", "Header(`k`, `v`) && Host(`a.b`)"),
        ("!(!Host(`a.b`) || !Path(`/x`))", "Host(`a.b`) && Path(`/x`)"),
        ("PathPrefix(`/`)", "PathPrefix(`/`)"),
        ("HostRegexp(`^.+$`)", "HostRegexp(`^.+$`)"),
    ],
)
def test_two_owners_of_one_claim_are_both_named(found: Any, make_route: Any, one: str, two: str) -> None:
    assert found([make_route("one", one, BACKEND)]) == set()
    assert found([make_route("two", two, BACKEND)]) == set()
    assert found([make_route("one", one, BACKEND), make_route("two", two, BACKEND)]) == BOTH


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Host(`a-b`)", "Host(`a.b`)"),
        ("Host(`a.b`)", "Host(`a.b`) && PathPrefix(`/x`)"),
        ("Host(`a.b`) && Path(`/x`)", "Host(`a.b`) && PathPrefix(`/x`)"),
        ("Host(`a.b`)", "Host(`a.b`) && Header(`k`, `v`)"),
        ("Host(`a.b`) && Method(`GET`)", "Host(`a.b`) && Method(`POST`)"),
        ("Host(`a.b`) && ClientIP(`10.0.0.0/8`)", "Host(`a.b`) && !ClientIP(`10.0.0.0/8`)"),
        ("Host(`a.b`) && PathPrefix(`/X`)", "Host(`a.b`) && PathPrefix(`/x`)"),
        ("Host(`a.b`) && Host(`c.d`)", "Host(`c.d`)"),
    ],
)
def test_claims_that_differ_are_fine(found: Any, make_route: Any, one: str, two: str) -> None:
    assert found([make_route("one", one, BACKEND), make_route("two", two, BACKEND)]) == set()


def test_another_namespace_is_no_excuse(found: Any, make_route: Any) -> None:
    other = make_route("two", "Host(`a.b`)", BACKEND)
    other["metadata"]["namespace"] = "legacy"
    found_two = {("FLT-HOST-001", "IngressRoute shop/one"), ("FLT-HOST-001", "IngressRoute legacy/two")}
    assert found([make_route("one", "Host(`a.b`)", BACKEND), other]) == found_two


def test_ingress_and_ingressroute_share_one_space_of_hosts(found: Any, make_route: Any, make_ingress: Any) -> None:
    ingress = make_ingress("two", "A.b", "/", INGRESS_BACKEND)
    expected = {("FLT-HOST-001", "IngressRoute shop/one"), ("FLT-HOST-001", "Ingress shop/two")}
    assert found([make_route("one", "Host(`a.b`)", BACKEND), ingress]) == expected
    ingress["spec"]["ingressClassName"] = "traefik"
    assert found([make_route("one", "Host(`a.b`)", BACKEND), ingress]) == expected


def test_two_ingresses_may_split_a_host_but_not_a_path(found: Any, make_ingress: Any) -> None:
    one = make_ingress("one", "a.b", "/x/", INGRESS_BACKEND)
    two = make_ingress("two", "a.b", "/y", INGRESS_BACKEND)
    assert found([one, two]) == set()
    assert {title for _, title in found([one, make_ingress("two", "a.b", "/x", INGRESS_BACKEND)])} == {
        "Ingress shop/one",
        "Ingress shop/two",
    }


def test_proxies_of_two_classes_do_not_meet(found: Any, make_ingress: Any, make_route: Any) -> None:
    inside, outside = (make_ingress(name, "a.b", "/", INGRESS_BACKEND) for name in ("one", "two"))
    assert found([inside, outside]) != set()
    inside["spec"]["ingressClassName"], outside["spec"]["ingressClassName"] = "nginx-internal", "nginx"
    assert found([inside, outside]) == set()
    assert found([inside, make_route("three", "Host(`a.b`)", BACKEND)]) == set()


def test_an_nginx_canary_shares_its_host_on_purpose(found: Any, make_ingress: Any) -> None:
    stable, canary = (make_ingress(name, "a.b", "/", INGRESS_BACKEND) for name in ("one", "two"))
    assert found([stable, canary]) != set()
    canary["metadata"]["annotations"] = {"nginx.ingress.kubernetes.io/canary": "true"}
    assert found([stable, canary]) == set()


def test_a_redirect_on_web_and_the_route_on_websecure_are_right(found: Any, make_route: Any) -> None:
    secure, plain = make_route("one", "Host(`a.b`)", BACKEND), make_route("two", "Host(`a.b`)", BACKEND, secure=False)
    assert found([secure, plain]) == set()
    del plain["spec"]["entryPoints"]
    assert found([secure, plain]) == set()
    plain["spec"]["tls"] = {}
    assert found([secure, plain]) == BOTH


def test_priorities_that_were_set_apart_are_a_decision(found: Any, make_route: Any) -> None:
    routes = [make_route("one", "Host(`a.b`)", BACKEND), make_route("two", "Host(`a.b`)", BACKEND)]
    routes[0]["spec"]["routes"][0]["priority"] = 1000
    assert found(routes) == set()
    routes[1]["spec"]["routes"][0]["priority"] = 1000
    assert found(routes) == BOTH


def test_one_object_may_not_claim_twice(found: Any, make_route: Any) -> None:
    route = make_route("one", "Host(`a.b`) || Host(`A.B`)", BACKEND)
    assert found([route]) == set()
    route["spec"]["routes"].append(copy.deepcopy(route["spec"]["routes"][0]))
    assert found([route]) == {("FLT-HOST-001", "IngressRoute shop/one")}


def test_an_object_that_is_written_down_twice_is_not_its_own_rival(found: Any, make_route: Any) -> None:
    route = make_route("one", "Host(`a.b`)", BACKEND)
    assert found([route, copy.deepcopy(route)]) == set()


def test_every_rival_is_named_in_order(make_route: Any) -> None:
    from policies.judge import judge  # noqa: PLC0415  (the fixture shortens messages away)

    findings = judge(make_route(name, "Host(`a.b`)", BACKEND) for name in ("c", "a", "b"))
    assert [finding.message for finding in findings] == [
        "claims a.b/, which IngressRoute shop/b and IngressRoute shop/c claims too",
        "claims a.b/, which IngressRoute shop/a and IngressRoute shop/c claims too",
        "claims a.b/, which IngressRoute shop/a and IngressRoute shop/b claims too",
    ]


@pytest.mark.parametrize(
    "match", ["", "Host(`a.b`", "Host(a.b)", "Hostname(`a.b`)", "Host(`a.b`) & Path(`/`)", "Path(`x`)", "Host('a.b')"]
)
def test_a_rule_that_traefik_refuses_is_found(found: Any, make_route: Any, match: str) -> None:
    assert found([make_route("one", match, BACKEND)]) == {("FLT-ROUTE-001", "IngressRoute shop/one")}


def test_a_rule_too_large_to_compare_is_not_passed_in_silence(found: Any, make_route: Any) -> None:
    either = " && ".join(f"(Header(`k{n}`, `1`) || Header(`k{n}`, `2`))" for n in range(13))
    assert found([make_route("one", either, BACKEND)]) == {("FLT-ROUTE-001", "IngressRoute shop/one")}
