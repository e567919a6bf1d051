"""The certificate that a host is served with is one for that host."""

from __future__ import annotations

from typing import Any

import pytest

from policies.values import UNKNOWN

BACKEND = {"name": "nobody", "port": 80}
INGRESS_BACKEND = {"name": "nobody", "port": {"number": 80}}
ROUTE = {("FLT-HOST-003", "IngressRoute shop/one")}


def _certificate(*names: Any, secret: str = "cert", namespace: str = "shop", **spec: Any) -> Any:
    return {
        "apiVersion": "cert-manager.io/v1",
        "kind": "Certificate",
        "metadata": {"name": f"for-{secret}", "namespace": namespace},
        "spec": {"secretName": secret, "dnsNames": list(names), "issuerRef": {"name": "x"}} | spec,
    }


@pytest.mark.parametrize(
    ("names", "fine"),
    [
        (["a.shop.example"], True),
        (["A.Shop.Example"], True),
        (["*.shop.example"], True),
        (["other.example", "a.shop.example"], True),
        (["shop.example"], False),
        (["*.example"], False),
        (["*.a.shop.example"], False),
        (["b.shop.example"], False),
        ([], False),
    ],
)
def test_a_certificate_is_for_the_host_or_for_all_of_its_domain(
    found: Any,
    make_route: Any,
    names: list[str],
    fine: bool,  # noqa: FBT001
) -> None:
    route = make_route("one", "Host(`a.shop.example`) && PathPrefix(`/x`)", BACKEND)
    assert found([route]) == set()
    assert found([route, _certificate(*names)]) == (set() if fine else ROUTE)


def test_every_host_of_a_route_counts_but_no_pattern(found: Any, make_route: Any) -> None:
    certificate = _certificate("a.shop.example")
    assert found([make_route("one", "Host(`a.shop.example`) || Host(`b.shop.example`)", BACKEND), certificate]) == ROUTE
    assert found([make_route("one", "HostRegexp(`^.+$`)", BACKEND), certificate]) == set()
    assert found([make_route("one", "Host(`b.${DOMAIN}`)", BACKEND), certificate]) == set()


def test_names_come_from_several_fields_and_may_be_unknown(found: Any, make_route: Any) -> None:
    route = make_route("one", "Host(`a.shop.example`)", BACKEND)
    assert found([route, _certificate(commonName="a.shop.example")]) == set()
    assert found([route, _certificate(UNKNOWN)]) == set()
    assert found([route, _certificate("*.${DOMAIN}")]) == set()
    assert found([route, _certificate("b.shop.example", namespace="other")]) == set()
    assert found([make_route("one", "Host(`10.0.0.1`)", BACKEND), _certificate(ipAddresses=["10.0.0.1"])]) == set()


def test_traefik_picks_among_all_certificates_by_the_name(found: Any, make_route: Any) -> None:
    route, own = make_route("one", "Host(`a.shop.example`)", BACKEND), _certificate("b.shop.example")
    assert found([route, own]) == ROUTE
    assert found([route, own, _certificate("*.shop.example", secret="another")]) == set()


def test_a_resolver_gets_a_certificate_for_its_domains_alone(found: Any, make_route: Any) -> None:
    route = make_route("one", "Host(`a.shop.example`)", BACKEND)
    route["spec"]["tls"] = {"certResolver": "le"}
    assert found([route]) == set()
    route["spec"]["tls"]["domains"] = [{"main": "shop.example", "sans": ["*.shop.example"]}]
    assert found([route]) == set()
    route["spec"]["tls"]["domains"] = [{"main": "shop.example", "sans": ["b.shop.example"]}]
    assert found([route]) == ROUTE


def _with_tls(ingress: Any, *hosts: str, secret: str = "cert") -> Any:
    ingress["spec"]["tls"] = [{"hosts": list(hosts), "secretName": secret}]
    return ingress


def test_an_ingress_shows_the_certificate_beside_the_host(found: Any, make_ingress: Any) -> None:
    ingress = _with_tls(make_ingress("one", "a.shop.example", "/", INGRESS_BACKEND), "a.shop.example")
    assert found([ingress]) == found([ingress, _certificate("*.shop.example")]) == set()
    expected = {("FLT-HOST-003", "Ingress shop/one")}
    assert found([ingress, _certificate("b.shop.example")]) == expected
    assert found([ingress, _certificate("b.shop.example"), _certificate("a.shop.example", secret="x")]) == expected
    ingress["spec"]["ingressClassName"] = "traefik"
    assert found([ingress, _certificate("b.shop.example"), _certificate("a.shop.example", secret="x")]) == set()


@pytest.mark.parametrize(
    ("host", "fine"), [("a.shop.example", True), ("*.shop.example", True), ("shop.example", False)]
)
def test_a_listener_shows_the_certificate_it_refers_to(found: Any, host: str, fine: bool) -> None:  # noqa: FBT001
    listener = {"name": "https", "port": 443, "protocol": "HTTPS", "hostname": host}
    listener["tls"] = {"certificateRefs": [{"name": "cert", "namespace": "shop"}]}
    metadata = {"name": "public", "namespace": "edge"}
    kind = {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway"}
    gateway = kind | {"metadata": metadata, "spec": {"listeners": [listener]}}
    expected = set() if fine else {("FLT-HOST-003", "Gateway edge/public")}
    assert found([gateway, _certificate("*.shop.example")]) == expected


@pytest.mark.parametrize(
    ("hosts", "fine"),
    [(["a.shop.example"], True), (["*.shop.example"], True), (["shop.example"], False), (["a.shop.exmaple"], False)],
)
def test_an_ingress_lists_what_it_serves_with_tls(
    found: Any,
    make_ingress: Any,
    hosts: list[str],
    fine: bool,  # noqa: FBT001
) -> None:
    ingress = make_ingress("one", "a.shop.example", "/", INGRESS_BACKEND)
    assert found([ingress]) == set()
    assert found([_with_tls(ingress, *hosts)]) == (set() if fine else {("FLT-HOST-006", "Ingress shop/one")})


def test_tls_without_a_list_of_hosts_is_for_all(found: Any, make_ingress: Any) -> None:
    ingress = _with_tls(make_ingress("one", "a.shop.example", "/", INGRESS_BACKEND), "other.example")
    assert found([ingress]) != set()
    ingress["spec"]["tls"].append({"secretName": "wild"})
    assert found([ingress]) == set()


def test_routes_of_one_host_ask_for_the_same_tls_options(found: Any, make_route: Any) -> None:
    one = make_route("one", "Host(`a.b`)", BACKEND)
    two = make_route("two", "Host(`A.b`) && PathPrefix(`/x`)", BACKEND)
    assert found([one, two]) == set()
    two["spec"]["tls"]["options"] = {"name": "mutual"}
    assert found([one, two]) == {("FLT-HOST-007", "IngressRoute shop/two")}
    one["spec"]["tls"]["options"] = {"name": "mutual", "namespace": "other"}
    assert {title for _, title in found([one, two])} == {"IngressRoute shop/one", "IngressRoute shop/two"}
    one["spec"]["tls"]["options"]["namespace"] = "shop"
    assert found([one, two]) == set()


def test_tls_options_meet_only_at_one_host_and_entry_point(found: Any, make_route: Any) -> None:
    one, two = make_route("one", "Host(`a.b`)", BACKEND), make_route("two", "Host(`a.b`) && Path(`/x`)", BACKEND)
    two["spec"]["tls"]["options"] = {"name": "mutual"}
    assert found([one, two]) != set()
    assert found([one, two | {"spec": two["spec"] | {"entryPoints": ["internal"]}}]) == set()
    two["spec"]["routes"][0]["match"] = "Host(`c.d`)"
    assert found([one, two]) == set()
