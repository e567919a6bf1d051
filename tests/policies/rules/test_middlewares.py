"""A Middleware does one thing."""

from __future__ import annotations

from typing import Any

import pytest

from policies.values import UNKNOWN

FOUND = {("FLT-ROUTE-008", "Middleware shop/x")}


def _middleware(spec: Any, kind: str = "Middleware", api: str = "traefik.io/v1alpha1") -> dict[str, Any]:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": "x", "namespace": "shop"}, "spec": spec}


@pytest.mark.parametrize("spec", [{"compress": {}}, {"plugin": {"a": {}, "b": {}}}, {"headers": {"frameDeny": True}}])
def test_one_type_is_right(found: Any, spec: Any) -> None:
    assert found([_middleware(spec)]) == set()


def test_a_type_that_is_not_known_yet_is_no_mistake(found: Any) -> None:
    assert FOUND & found([_middleware(UNKNOWN)]) == set()


@pytest.mark.parametrize("spec", [{}, None, {"compress": None}, {"compress": {}, "headers": {}}])
def test_no_type_and_two_are_wrong(found: Any, spec: Any) -> None:
    assert found([_middleware(spec)]) == FOUND
    assert found([_middleware(spec, kind="MiddlewareTCP")]) == {("FLT-ROUTE-008", "MiddlewareTCP shop/x")}
    assert found([_middleware(spec, api="example.com/v1")]) == set()
