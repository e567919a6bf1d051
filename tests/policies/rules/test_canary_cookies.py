"""Two splits of one host keep their sessions apart."""

from __future__ import annotations

from typing import Any


def split(name: str, cookie: Any, *members: str) -> Any:
    services = [{"name": one, "port": 80, "weight": 50} for one in members]
    metadata = {"name": name, "namespace": "shop"}
    spec = {"weighted": {"sticky": {"cookie": cookie}, "services": services}}
    return {"apiVersion": "traefik.io/v1alpha1", "kind": "TraefikService", "metadata": metadata, "spec": spec}


def _routes(make_route: Any, host: str = "a.b") -> Any:
    to = [{"name": name, "kind": "TraefikService"} for name in ("one", "two")]
    return [
        make_route("cart", "Host(`a.b`) && PathPrefix(`/cart`)", to[0]),
        make_route("shop", f"Host(`{host}`) && PathPrefix(`/shop`)", to[1]),
    ]


CLASH = {("FLT-CANARY-016", f"TraefikService shop/{name}") for name in ("one", "two")}


def test_two_splits_that_share_a_cookie_name_on_one_host(found: Any, make_route: Any) -> None:
    one, two = (split(name, {"name": "release"}, name, f"{name}-next") for name in ("one", "two"))
    assert found([one, two, *_routes(make_route)]) == CLASH
    assert found([one, two]) == set()
    assert found([one, two, *_routes(make_route, "c.d")]) == set()


def test_splits_whose_cookies_do_not_meet(found: Any, make_route: Any) -> None:
    routes = _routes(make_route)
    one = split("one", {"name": "release"}, "a", "b")
    for cookie in ({"name": "other"}, {}, {"name": "release", "path": "/shop"}):
        assert found([one, split("two", cookie, "c", "d"), *routes]) == set()
    assert found([one, split("two", {"name": "release"}, "a", "b"), *routes]) == set()
