"""Routes fit their entry point, and middlewares their route."""

from __future__ import annotations

from typing import Any

import pytest

BACKEND = {"name": "nobody", "port": 80}


@pytest.mark.parametrize(
    ("points", "tls", "fine"),
    [
        (["websecure"], {}, True),
        (["websecure"], {"secretName": "x"}, True),
        (["web"], None, True),
        (["web", "websecure"], None, True),
        (["web", "websecure"], {}, True),
        (["internal"], None, True),
        (["internal"], {}, True),
        (None, None, True),
        (None, {}, True),
        (["websecure"], None, False),
        (["web"], {}, False),
    ],
)
def test_tls_and_the_entry_point_agree(
    found: Any,
    make_route: Any,
    points: list[str] | None,
    tls: Any,
    fine: bool,  # noqa: FBT001
) -> None:
    route = make_route("one", "Host(`a.b`)", BACKEND, secure=False)
    route["spec"] |= {"entryPoints": points} | ({} if tls is None else {"tls": tls})
    if points is None:
        del route["spec"]["entryPoints"]
    assert found([route]) == (set() if fine else {("FLT-ROUTE-005", "IngressRoute shop/one")})


def test_a_route_with_a_parent_has_the_parents_entry_point(found: Any, make_route: Any) -> None:
    route = make_route("one", "Host(`a.b`)", BACKEND)
    del route["spec"]["tls"]
    assert found([route]) != set()
    route["spec"]["parentRefs"] = [{"name": "parent"}]
    assert found([route]) == set()


def _middleware(name: str, **spec: Any) -> Any:
    metadata = {"name": name, "namespace": "shop"}
    return {"apiVersion": "traefik.io/v1alpha1", "kind": "Middleware", "metadata": metadata, "spec": spec}


@pytest.mark.parametrize(
    ("points", "tls", "fine"),
    [
        (["web"], None, True),
        (["web", "websecure"], None, True),
        (None, None, True),
        (["websecure"], {}, False),
        (["internal"], {}, False),
    ],
)
@pytest.mark.parametrize("scheme", ["https", "http"])
def test_a_redirect_between_schemes_is_on_the_plain_route(
    found: Any,
    make_route: Any,
    points: Any,
    tls: Any,
    fine: bool,  # noqa: FBT001
    scheme: str,
) -> None:
    route = make_route("one", "Host(`a.b`)", BACKEND, secure=False)
    route["spec"] |= {"entryPoints": points} | ({} if tls is None else {"tls": tls})
    assert found([route, _middleware("away", redirectScheme={"scheme": scheme})]) == set()
    route["spec"]["routes"][0]["middlewares"] = [{"name": "away"}]
    expected = set() if fine else {("FLT-ROUTE-009", "IngressRoute shop/one")}
    assert found([route, _middleware("away", redirectScheme={"scheme": scheme})]) == expected
    assert found([route, _middleware("away", redirectRegex={"regex": "x"})]) == found([route]) == set()


@pytest.mark.parametrize(
    ("match", "fine"),
    [
        ("Host(`a.b`) && PathPrefix(`/api`)", True),
        ("Host(`a.b`) && PathPrefix(`/api/v1`)", True),
        ("Host(`a.b`) && PathPrefix(`/`)", True),
        ("Host(`a.b`)", True),
        ("Host(`a.b`) && (PathPrefix(`/api`) || PathPrefix(`/v1`))", True),
        ("Host(`a.b`) && PathRegexp(`^/v[0-9]`)", True),
        ("Host(`a.b`) && PathPrefix(`/v1`)", False),
        ("Host(`a.b`) && (Path(`/`) || PathPrefix(`/v1`))", False),
    ],
)
def test_a_prefix_that_is_stripped_is_one_that_the_route_takes(
    found: Any,
    make_route: Any,
    match: str,
    fine: bool,  # noqa: FBT001
) -> None:
    metadata = {"name": "strip", "namespace": "shop"}
    spec = {"stripPrefix": {"prefixes": ["/api"]}}
    middleware = {"apiVersion": "traefik.io/v1alpha1", "kind": "Middleware", "metadata": metadata, "spec": spec}
    route = make_route("one", match, BACKEND)
    assert found([route, middleware]) == set()
    route["spec"]["routes"][0]["middlewares"] = [{"name": "other"}, {"name": "strip"}]
    assert found([route, middleware]) == (set() if fine else {("FLT-ROUTE-007", "IngressRoute shop/one")})
    assert found([route]) == set()
