"""A route for every host beside shops only redirects, or serves errors and comes last."""

from __future__ import annotations

from typing import Any

import pytest

from policies.judge import judge
from policies.rules.catch_all import CATCH_ALL

BACKEND = {"name": "hero", "port": 80}
INGRESS_BACKEND = {"name": "hero", "port": {"number": 80}}
ROUTE = {("FLT-HOST-004", "IngressRoute shop/all")}


@pytest.mark.parametrize(
    "match",
    [
        "PathPrefix(`/`)",
        "HostRegexp(`.*`)",
        "HostRegexp(`^.+$`)",
        "HostRegexp(`.+`) && PathPrefix(`/`)",
        "PathPrefix(`/cart`)",
        "Host(`c.d`) || PathPrefix(`/cart`)",
        "!Host(`c.d`)",
    ],
)
def test_a_route_for_every_host_is_found_alone_and_beside_a_shop(found: Any, make_route: Any, match: str) -> None:
    route = make_route("all", match, BACKEND)
    assert found([route]) == ROUTE
    assert found([route, make_route("one", "Host(`a.b`)", BACKEND)]) == ROUTE


@pytest.mark.parametrize(
    "match",
    [
        "PathPrefix(`/.well-known/acme-challenge/`)",
        "HostRegexp(`^.+\\.shop\\.example$`)",
        "PathPrefix(`/`) && ClientIP(`10.0.0.0/8`)",
        "PathPrefix(`/`) && Header(`x-probe`, `1`)",
        "Path(`/`)",
    ],
)
def test_a_route_that_something_narrows_is_fine(found: Any, make_route: Any, match: str) -> None:
    assert found([make_route("all", match, BACKEND), make_route("one", "Host(`a.b`)", BACKEND)]) == set()


@pytest.mark.parametrize(
    "change",
    [
        {"priority": 1},
        {"priority": -1},
        {"services": [{"name": "error-pages", "port": 80}]},
        {"services": [{"name": "noop@internal", "kind": "TraefikService"}]},
        {"middlewares": [{"name": "redirect-to-https"}]},
        {"middlewares": [{"name": "send-away"}]},
    ],
)
def test_a_route_for_every_host_on_purpose_is_fine(found: Any, make_route: Any, change: dict[str, Any]) -> None:
    route = make_route("all", "PathPrefix(`/`)", BACKEND)
    route["spec"]["routes"][0] |= change
    others = [make_route("one", "Host(`a.b`)", BACKEND), _middleware("send-away", redirectRegex={"regex": "x"})]
    assert found([route, *others]) == set()


def _middleware(name: str, **spec: Any) -> Any:
    metadata = {"name": name, "namespace": "shop"}
    return {"apiVersion": "traefik.io/v1alpha1", "kind": "Middleware", "metadata": metadata, "spec": spec}


@pytest.mark.parametrize("change", [{"priority": 100}, {"middlewares": [{"name": "compress"}]}])
def test_what_serves_a_shop_is_no_fallback(found: Any, make_route: Any, change: dict[str, Any]) -> None:
    route = make_route("all", "PathPrefix(`/`)", BACKEND)
    route["spec"]["routes"][0] |= change
    others = [make_route("one", "Host(`a.b`)", BACKEND), _middleware("compress", compress={})]
    assert found([route, *others]) == ROUTE


def test_another_entry_point_or_proxy_has_its_own_hosts(make_route: Any) -> None:
    def names_the_shop(*items: Any) -> bool:
        return any("beside routes for a.b" in one.message for one in judge(items) if one.rule is CATCH_ALL)

    route, shop = make_route("all", "PathPrefix(`/`)", BACKEND), make_route("one", "Host(`a.b`)", BACKEND)
    assert names_the_shop(route, shop)
    route["spec"]["entryPoints"] = ["metrics"]
    assert not names_the_shop(route, shop)
    route["spec"]["entryPoints"] = ["websecure"]
    route["metadata"]["annotations"] = {"kubernetes.io/ingress.class": "internal"}
    assert not names_the_shop(route, shop)


def test_an_ingress_without_a_host_is_found_too(found: Any, make_ingress: Any) -> None:
    every, shop = make_ingress("all", "", "/", INGRESS_BACKEND), make_ingress("one", "a.b", "/", INGRESS_BACKEND)
    assert found([shop]) == set()
    assert found([every]) == {("FLT-HOST-004", "Ingress shop/all")}
    assert found([every, shop]) == {("FLT-HOST-004", "Ingress shop/all")}
    every["metadata"]["annotations"] = {"nginx.ingress.kubernetes.io/permanent-redirect": "https://a.b"}
    assert found([every, shop]) == set()


@pytest.mark.parametrize(("service", "fine"), [("hero", False), ("default-http-backend", True), ("error-pages", True)])
def test_a_default_backend_is_for_errors(found: Any, make_ingress: Any, service: str, fine: bool) -> None:  # noqa: FBT001
    shop = make_ingress("one", "a.b", "/", INGRESS_BACKEND)
    assert found([shop]) == set()
    shop["spec"]["defaultBackend"] = {"service": {"name": service, "port": {"number": 80}}}
    assert found([shop]) == (set() if fine else {("FLT-HOST-004", "Ingress shop/one")})


def test_a_gateway_route_has_every_host_only_where_its_listener_has(found: Any) -> None:
    kind = {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute"}
    parent = {"parentRefs": [{"name": "public"}]}
    rule: Any = {"backendRefs": [{"name": "hero", "port": 80}]}
    every = kind | {"metadata": {"name": "all", "namespace": "shop"}, "spec": parent | {"rules": [rule]}}
    named = kind | {"metadata": {"name": "one", "namespace": "shop"}, "spec": parent | {"hostnames": ["a.b"]}}
    listener: Any = {"name": "web", "port": 80, "protocol": "HTTP"}
    gateway = kind | {
        "kind": "Gateway",
        "metadata": {"name": "public", "namespace": "shop"},
        "spec": {"listeners": [listener]},
    }
    assert found([every, named]) == set()
    assert found([every, named, gateway]) == {("FLT-HOST-004", "HTTPRoute shop/all")}
    rule["filters"] = [{"type": "RequestRedirect"}]
    assert found([every, named, gateway]) == set()
    del rule["filters"]
    listener["hostname"] = "*.b"
    assert found([every, named, gateway]) == set()
