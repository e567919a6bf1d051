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
        ("Host(`a.b`)", "Host(`a.b`) && !Host(`c.d`) && HostRegexp(`^a`)"),
        ("Host(`a.b`) && Path(`/x`)", "Host(`a.b`) && Path(`/x`) && PathPrefix(`/`) && !Path(`/y`)"),
        ("Host(`a.b`) && Method(`get`)", "Host(`a.b`) && Method(`GET`)"),
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
        ("Host(`a.b`) && Query(`k`, `v`)", "Host(`a.b`) && Query(`k`, `w`)"),
        ("Host(`a.b`)", "HostRegexp(`^[a-z]+\\.b$`)"),
        ("Host(`a.b`) && !Host(`a.b`)", "Host(`a.b`)"),
        ("Host(`a.b`) && HostRegexp(`^c`)", "Host(`a.b`)"),
        ("Host(`a.b`) && Path(`/x`) && !PathPrefix(`/`)", "Host(`a.b`) && Path(`/x`)"),
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


@pytest.mark.parametrize("kind", ["ImplementationSpecific", "Prefix", None])
def test_an_ingress_path_of_no_type_of_its_own_is_a_prefix(found: Any, make_ingress: Any, kind: str | None) -> None:
    one, two = (make_ingress(name, "a.b", "/x", INGRESS_BACKEND) for name in ("one", "two"))
    two["spec"]["rules"][0]["http"]["paths"][0]["pathType"] = kind
    assert {title for _, title in found([one, two])} == {"Ingress shop/one", "Ingress shop/two"}
    two["spec"]["rules"][0]["http"]["paths"][0]["pathType"] = "Exact"
    assert found([one, two]) == set()


def test_an_expression_is_no_prefix_of_the_same_text(found: Any, make_ingress: Any) -> None:
    one, two = (make_ingress(name, "a.b", "/x(/|$)(.*)", INGRESS_BACKEND) for name in ("one", "two"))
    two["spec"]["rules"][0]["http"]["paths"][0]["pathType"] = "ImplementationSpecific"
    assert found([one, two]) == set()


def test_one_ingress_may_tell_a_path_from_the_same_with_a_slash_but_not_from_itself(
    found: Any, make_ingress: Any
) -> None:
    ingress = make_ingress("one", "a.b", "/x", INGRESS_BACKEND)
    paths = ingress["spec"]["rules"][0]["http"]["paths"]
    paths.append(copy.deepcopy(paths[0]) | {"path": "/x/"})
    assert found([ingress]) == set()
    paths.append(copy.deepcopy(paths[0]))
    assert found([ingress]) == {("FLT-HOST-001", "Ingress shop/one")}


@pytest.mark.parametrize("proxy", ["alb", "gce"])
def test_a_class_that_makes_a_load_balancer_for_each_ingress_has_no_rivals(
    found: Any, make_ingress: Any, proxy: str
) -> None:
    one, two = (make_ingress(name, "a.b", "/", INGRESS_BACKEND) for name in ("one", "two"))
    for ingress in (one, two):
        ingress["spec"]["ingressClassName"] = proxy
    assert found([one, two]) == set()
    for ingress in (one, two):
        ingress["metadata"]["annotations"] = {"alb.ingress.kubernetes.io/group.name": "shops"}
    assert found([one, two]) != set()
    one["metadata"]["annotations"]["alb.ingress.kubernetes.io/group.order"] = "10"
    assert found([one, two]) == set()


def test_an_action_of_aws_and_a_condition_share_the_path_of_a_service(found: Any, make_ingress: Any) -> None:
    ingress = make_ingress("one", "a.b", "/", {"name": "web", "port": {"number": 80}})
    paths = ingress["spec"]["rules"][0]["http"]["paths"]
    redirect = {"name": "ssl-redirect", "port": {"name": "use-annotation"}}
    grpc = {"name": "grpc", "port": {"number": 80}}
    paths.insert(0, {"path": "/", "pathType": "Prefix", "backend": {"service": redirect}})
    assert found([ingress]) == set()
    paths.insert(0, {"path": "/", "pathType": "Prefix", "backend": {"service": grpc}})
    assert found([ingress]) != set()
    ingress["metadata"]["annotations"] = {"alb.ingress.kubernetes.io/conditions.grpc": "[...]"}
    assert found([ingress]) == set()


@pytest.mark.parametrize(
    ("annotation", "value"), [("kubernetes.io/ingress.class", "other"), ("kubernetes.io/ingress.class", "nginx")]
)
def test_an_ingressroute_of_another_class_is_another_proxys(
    found: Any, make_route: Any, annotation: str, value: str
) -> None:
    one, two = (make_route(name, "Host(`a.b`)", BACKEND) for name in ("one", "two"))
    assert found([one, two]) == BOTH
    two["metadata"]["annotations"] = {annotation: value}
    assert found([one, two]) == set()
    one["metadata"]["annotations"] = {annotation: value}
    assert found([one, two]) == BOTH


def test_traefiks_annotations_say_where_an_ingress_holds(found: Any, make_route: Any, make_ingress: Any) -> None:
    router = "traefik.ingress.kubernetes.io/router."
    route, ingress = make_route("one", "Host(`a.b`)", BACKEND), make_ingress("two", "a.b", "/", INGRESS_BACKEND)
    both = {("FLT-HOST-001", "IngressRoute shop/one"), ("FLT-HOST-001", "Ingress shop/two")}
    for notes, expected in (
        ({"entrypoints": "web"}, set()),
        ({"entrypoints": "websecure"}, both),
        ({"entrypoints": "web, websecure"}, both),
        ({"entrypoints": "internal", "tls": "true"}, set()),
        ({"tls": "true"}, both),
        ({"priority": "7"}, set()),
        ({"priority": "none"}, both),
    ):
        ingress["metadata"]["annotations"] = {router + key: value for key, value in notes.items()}
        assert found([route, ingress]) == expected, notes


def test_priorities_that_come_out_equal_decide_nothing(found: Any, make_route: Any) -> None:
    routes = [make_route("one", "Host(`a.b`)", BACKEND), make_route("two", "Host(`a.b`)", BACKEND)]
    routes[0]["spec"]["routes"][0]["priority"] = len("Host(`a.b`)")
    assert found(routes) == BOTH


def test_a_route_that_traefik_drops_or_that_has_a_parent_claims_nothing(found: Any, make_route: Any) -> None:
    one, two = (make_route(name, "Host(`a.b`)", BACKEND) for name in ("one", "two"))
    assert found([one, two]) == BOTH
    changes: list[dict[str, Any]] = [{"services": []}, {"kind": "Regexp"}, {"match": "Host(`a.b`"}]
    for change in changes:
        dropped = copy.deepcopy(two)
        dropped["spec"]["routes"][0] |= change
        assert found([one, dropped]) == set()
    two["spec"]["parentRefs"] = [{"name": "parent"}]
    assert found([one, two]) == set()


def _connections(name: str, match: str, kind: str = "TCP", **spec: Any) -> Any:
    routes = [{"match": match, "services": [BACKEND]} if match else {"services": [BACKEND]}]
    metadata = {"name": name, "namespace": "shop"}
    return {
        "apiVersion": "traefik.io/v1alpha1",
        "kind": f"IngressRoute{kind}",
        "metadata": metadata,
        "spec": {"entryPoints": ["db"], "routes": routes} | spec,
    }


@pytest.mark.parametrize(
    ("one", "two"),
    [("HostSNI(`*`)", "HostSNI(`*`)"), ("HostSNI(`a.b`)", "HostSNI(`c.d`) || HostSNI(`a.b`)")],
)
def test_two_tcp_routes_of_one_name_and_entry_point_are_rivals(found: Any, one: str, two: str) -> None:
    routes = [_connections("one", one, tls={}), _connections("two", two, tls={})]
    assert {title for _, title in found(routes)} == {"IngressRouteTCP shop/one", "IngressRouteTCP shop/two"}
    assert found([routes[0], _connections("two", two, tls={}, entryPoints=["other"])]) == set()
    assert found([routes[0], _connections("two", f"{two} && ClientIP(`10.0.0.0/8`)", tls={})]) == set()
    assert found([routes[0], _connections("two", "HostSNI(`*`)", tls=None)]) == set()


def test_a_tcp_route_without_entry_points_is_at_all_of_them(found: Any) -> None:
    one, two = _connections("one", "HostSNI(`*`)"), _connections("two", "HostSNI(`*`)")
    del two["spec"]["entryPoints"]
    assert len(found([one, two])) == 2


def test_an_entry_point_serves_one_udp_route(found: Any) -> None:
    one, two = _connections("one", "", "UDP"), _connections("two", "", "UDP")
    assert {title for _, title in found([one, two])} == {"IngressRouteUDP shop/one", "IngressRouteUDP shop/two"}
    two["spec"]["entryPoints"] = ["other"]
    assert found([one, two]) == set()
    one["spec"]["routes"] *= 2
    assert found([one]) == {("FLT-HOST-001", "IngressRouteUDP shop/one")}
    assert found([one, _connections("two", "HostSNI(`*`)")]) == {("FLT-HOST-001", "IngressRouteUDP shop/one")}


def _gateway_route(name: str, *hosts: str, kind: str = "HTTPRoute", namespace: str = "shop", **parent: Any) -> Any:
    match = {"path": {"type": "PathPrefix", "value": "/x"}}
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "parentRefs": [{"name": "public", "namespace": "edge"} | parent],
            "hostnames": list(hosts),
            "rules": [{"matches": [match], "backendRefs": [BACKEND]}],
        },
    }


def _gateway(*listeners: Any) -> Any:
    metadata = {"name": "public", "namespace": "edge"}
    open_to_all = {"allowedRoutes": {"namespaces": {"from": "All"}}}
    listed = [
        {"name": f"l{number}", "port": 80, "protocol": "HTTP"} | open_to_all | one
        for number, one in enumerate(listeners)
    ]
    kind = {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway"}
    return kind | {"metadata": metadata, "spec": {"gatewayClassName": "x", "listeners": listed}}


GATEWAY_BOTH = {("FLT-HOST-001", "HTTPRoute shop/one"), ("FLT-HOST-001", "HTTPRoute shop/two")}


def test_two_gateway_routes_of_one_host_and_match_are_rivals(found: Any) -> None:
    one, two = _gateway_route("one", "a.b"), _gateway_route("two", "c.d", "A.b")
    assert found([one]) == found([two]) == set()
    assert found([one, two]) == GATEWAY_BOTH
    for field, value in (
        ("method", "POST"),
        ("headers", [{"name": "x-beta", "value": "1"}]),
        ("queryParams", [{"name": "beta", "value": "1"}]),
        ("path", {"type": "Exact", "value": "/x"}),
        ("path", {"value": "/y"}),
    ):
        other = copy.deepcopy(two)
        other["spec"]["rules"][0]["matches"][0][field] = value
        assert found([one, other]) == set(), field
    other["spec"]["rules"][0]["matches"][0]["path"] = {"value": "/x/"}
    assert found([one, other]) == GATEWAY_BOTH


def test_gateway_routes_meet_only_at_one_parent_and_listener(found: Any) -> None:
    one = _gateway_route("one", "a.b")
    other = _gateway_route("two", "a.b")
    other["spec"]["parentRefs"][0]["name"] = "private"
    assert found([one, other]) == set()
    assert found([one, _gateway_route("two", "a.b", sectionName="https")]) == GATEWAY_BOTH
    one["spec"]["parentRefs"][0]["sectionName"] = "http"
    assert found([one, _gateway_route("two", "a.b", sectionName="https")]) == set()


def test_two_rules_of_one_route_may_not_match_the_same_but_one_rule_may_repeat_itself(found: Any) -> None:
    route = _gateway_route("one", "a.b")
    route["spec"]["rules"][0]["matches"] *= 2
    assert found([route]) == set()
    route["spec"]["rules"] *= 2
    assert found([route]) == {("FLT-HOST-001", "HTTPRoute shop/one")}


def test_a_route_without_hostnames_has_its_listeners(found: Any) -> None:
    one, two = _gateway_route("one", "a.b"), _gateway_route("two")
    assert found([one, two]) == found([one, two, _gateway({})]) == set()
    assert found([one, two, _gateway({"hostname": "a.b"})]) == GATEWAY_BOTH
    assert found([one, two, _gateway({"hostname": "a.b"}, {"hostname": "*.c"})]) == GATEWAY_BOTH
    two["spec"]["parentRefs"][0]["sectionName"] = "l1"
    assert found([one, two, _gateway({"hostname": "a.b"}, {"hostname": "c.d"})]) == set()


def test_namespaces_that_a_listener_may_tell_apart_do_not_meet(found: Any) -> None:
    one, two = _gateway_route("one"), _gateway_route("two", namespace="other")
    assert found([one, _gateway_route("two")]) == GATEWAY_BOTH
    assert found([one, two]) == set()
    chosen = {"allowedRoutes": {"namespaces": {"from": "Selector"}}}
    assert found([one, two, _gateway(chosen)]) == set()
    assert found([one, two, _gateway({"allowedRoutes": {"namespaces": {"from": "Same"}}})]) == set()
    assert len(found([one, two, _gateway({})])) == 2


@pytest.mark.parametrize("kind", ["TLSRoute", "TCPRoute", "UDPRoute", "GRPCRoute"])
def test_every_kind_of_gateway_route_has_rivals_of_its_kind(found: Any, kind: str) -> None:
    one, two = (_gateway_route(name, "a.b", kind=kind) for name in ("one", "two"))
    assert {title for _, title in found([one, two])} == {f"{kind} shop/one", f"{kind} shop/two"}
    assert found([one, _gateway_route("two", "a.b")]) == set()


def test_listeners_of_one_port_protocol_and_host_are_rivals(found: Any) -> None:
    assert found([_gateway({"hostname": "a.b"}, {"hostname": "c.d"}, {"port": 8080}, {"protocol": "HTTPS"})]) == set()
    assert found([_gateway({"hostname": "a.b"}, {"hostname": "A.b"})]) == {("FLT-HOST-001", "Gateway edge/public")}
