"""Hosts are names that somebody can ask for, and patterns take no more than what is meant."""

from __future__ import annotations

from typing import Any

import pytest

BACKEND = {"name": "nobody", "port": 80}
INGRESS_BACKEND = {"name": "nobody", "port": {"number": 80}}
ROUTE = {("FLT-HOST-002", "IngressRoute shop/one")}
INGRESS = {("FLT-HOST-002", "Ingress shop/one")}

NEVER = [
    "https://shop.example",
    "shop.example:443",
    "shop.example/cart",
    "shop example",
    " shop.example",
    ".shop.example",
    "shop..example",
    "-shop.example",
    "shop-.example",
    "shop,example",
    "*.shop.example",
    "shop.*.example",
    "a" * 64 + ".example",
    ".".join(["a" * 50] * 6),
]


@pytest.mark.parametrize("host", NEVER)
def test_a_host_that_no_client_can_ask_for_is_found(found: Any, make_route: Any, host: str) -> None:
    assert found([make_route("one", f"Host(`{host}`)", BACKEND)]) == ROUTE
    assert found([make_route("one", f"PathPrefix(`/x`) || !Host(`{host}`)", BACKEND)]) == ROUTE


@pytest.mark.parametrize(
    "host",
    [
        "shop.example",
        "Shop.Example",
        "shop.example.",
        "localhost",
        "10.0.0.1",
        "::1",
        "1shop.example",
        "xn--p1ai.example",
        "shop.${DOMAIN}",
        "{{ .Values.host }}",
        "<your-domain>",
        "__HOST__",
        "a--b.example",
    ],
)
def test_a_host_that_traefik_can_match_is_fine(found: Any, make_route: Any, host: str) -> None:
    assert found([make_route("one", f"Host(`{host}`)", BACKEND)]) == set()


@pytest.mark.parametrize(
    "host", [*NEVER[:-4], *NEVER[-3:], "Shop.Example", "10.0.0.1", "shop_1.example", "shop.example.", "*"]
)
def test_a_host_that_the_api_server_refuses_in_an_ingress_is_found(found: Any, make_ingress: Any, host: str) -> None:
    assert found([make_ingress("one", host, "/", INGRESS_BACKEND)]) == INGRESS
    ingress = make_ingress("one", "shop.example", "/", INGRESS_BACKEND)
    assert found([ingress]) == set()
    ingress["spec"]["tls"] = [{"hosts": ["shop.example", host]}]
    assert found([ingress]) == INGRESS


@pytest.mark.parametrize("host", ["shop.example", "*.shop.example", "a", "1.example", "", "shop.${DOMAIN}"])
def test_a_host_that_the_api_server_takes_is_fine(found: Any, make_ingress: Any, host: str) -> None:
    assert found([make_ingress("one", host, "/", INGRESS_BACKEND)]) == set()


@pytest.mark.parametrize(
    ("host", "fine"), [("shop.example", True), ("*.shop.example", True), ("shop.example:443", False)]
)
@pytest.mark.parametrize("kind", ["HTTPRoute", "GRPCRoute", "TLSRoute"])
def test_a_gateway_routes_host_is_a_name(found: Any, kind: str, host: str, fine: bool) -> None:  # noqa: FBT001
    metadata = {"name": "one", "namespace": "shop"}
    spec = {"parentRefs": [{"name": "public"}], "hostnames": ["a.b", host]}
    route = {"apiVersion": "gateway.networking.k8s.io/v1", "kind": kind, "metadata": metadata, "spec": spec}
    assert found([route]) == (set() if fine else {("FLT-HOST-002", f"{kind} shop/one")})


@pytest.mark.parametrize(("name", "fine"), [("*", True), ("shop.example", True), ("Shop.example", False)])
def test_traefik_compares_a_server_name_as_it_is_written(found: Any, name: str, fine: bool) -> None:  # noqa: FBT001
    metadata = {"name": "one", "namespace": "shop"}
    spec = {"routes": [{"match": f"HostSNI(`{name}`)", "services": [BACKEND]}], "tls": {"passthrough": True}}
    route = {"apiVersion": "traefik.io/v1alpha1", "kind": "IngressRouteTCP", "metadata": metadata, "spec": spec}
    assert found([route]) == (set() if fine else {("FLT-HOST-002", "IngressRouteTCP shop/one")})


@pytest.mark.parametrize("pattern", ["{sub:[a-z]+}.shop.example", "{sub}.shop.example", "^{n:[a-z]{1,3}}$"])
def test_a_pattern_of_version_2_is_found_in_version_3(found: Any, make_route: Any, pattern: str) -> None:
    route = make_route("one", f"HostRegexp(`{pattern}`)", BACKEND)
    assert found([route]) == ROUTE
    route["spec"]["routes"][0]["syntax"] = "v2"
    assert found([route]) == set()


@pytest.mark.parametrize(
    "pattern",
    [
        "shop.example",
        "^shop.example$",
        r"^shop\.example",
        r"shop\.example$",
        r"[a-z]+\.shop\.example",
        r"^.+\.shop.example$",
        r"^(shop.example|www\.shop\.example)$",
        r"^shop\.example|www\.shop\.example$",
        r"(?i)shop\.example",
        r"^shop[^/]example$",
    ],
)
def test_a_pattern_that_takes_more_than_meant_is_found(found: Any, make_route: Any, pattern: str) -> None:
    expected = {("FLT-HOST-005", "IngressRoute shop/one")}
    assert found([make_route("one", f"HostRegexp(`{pattern}`)", BACKEND)]) == expected


@pytest.mark.parametrize(
    "pattern",
    [
        r"^shop\.example$",
        r"^[a-z0-9-]+\.shop\.example$",
        r"^(www\.)?shop\.example$",
        r"^(^|\.)shop\.example$",
        r"(^|\.)shop\.example$",
        r"^shop\.example$|^www\.shop\.example$",
        r"^(shop|www)\.example$",
        r"(?i)^\Qshop.example\E$",
        r"\Ashop\.[a-z.]+\z",
        ".+",
        "^.*$",
        r"^[a-z]{1,3}\.example$",
    ],
)
def test_a_pattern_that_says_what_it_takes_is_fine(found: Any, make_route: Any, pattern: str) -> None:
    assert found([make_route("one", f"HostRegexp(`{pattern}`)", BACKEND)]) == set()


def test_an_underscore_works_in_traefik_but_is_pointed_out(found: Any, make_route: Any) -> None:
    assert found([make_route("one", "Host(`shop_1.example`)", BACKEND)]) == {("FLT-HOST-005", "IngressRoute shop/one")}
