"""Canaries of ingress-nginx."""

from __future__ import annotations

from typing import Any

import pytest

from policies.values import UNKNOWN
from policies.world import World

PREFIX = "nginx.ingress.kubernetes.io/"
WRONG = {("FLT-CANARY-014", "Ingress shop/canary")}
ALONE = {("FLT-CANARY-015", "Ingress shop/canary")}


@pytest.fixture
def make(make_ingress: Any) -> Any:
    """Make an Ingress with annotations."""

    def ingress(name: str, service: str, *, host: str = "a.b", path: str = "/", **notes: Any) -> Any:
        made = make_ingress(name, host, path, {"name": service, "port": {"number": 80}})
        made["metadata"]["annotations"] = {PREFIX + key.replace("_", "-"): value for key, value in notes.items()}
        return made

    return ingress


@pytest.mark.parametrize(
    "notes",
    [
        {"canary": "true", "canary_weight": "10%"},
        {"canary": "true", "canary_weight": "101"},
        {"canary": "true", "canary_weight": "-1"},
        {"canary": "true", "canary_weight": "0.5"},
        {"canary": "true", "canary_weight": "501", "canary_weight_total": "500"},
        {"canary": "true", "canary_weight": "5", "canary_weight_total": "0"},
        {"canary": "true"},
        {"canary_weight": "10"},
        {"canary": "true", "canary_by_header_value": "always"},
        {"canary": "true", "canary_weight": "1", "canary_by_header_pattern": ".*"},
    ],
)
def test_annotations_that_nginx_cannot_act_on(found: Any, make: Any, notes: Any) -> None:
    assert found([make("canary", "next", **notes)]) == WRONG


@pytest.mark.parametrize(
    "notes",
    [
        {},
        {"canary": "true", "canary_weight": "0"},
        {"canary": "true", "canary_weight": "100"},
        {"canary": "true", "canary_weight": 20},
        {"canary": "true", "canary_weight": "250", "canary_weight_total": "1000"},
        {"canary": "true", "canary_by_header": "x-canary", "canary_by_header_value": "1"},
        {"canary": "true", "canary_by_cookie": "canary"},
        {"canary": "true", "canary_weight": UNKNOWN},
        {"canary": "false", "canary_weight": "10"},
    ],
)
def test_annotations_that_are_right(found: Any, make: Any, notes: Any) -> None:
    assert found([make("canary", "next", **notes)]) == set()


SHARE = {"canary": "true", "canary_weight": "10"}


def test_a_canary_with_the_stable_service_tries_nothing(found: Any, make: Any) -> None:
    stable = make("stable", "shop")
    assert found([stable, make("canary", "next", **SHARE)]) == set()
    assert found([stable, make("canary", "shop", **SHARE)]) == ALONE
    assert found([stable, make("canary", "shop", path="/new", **SHARE)]) == set()


def test_a_canary_without_a_stable_ingress(found: Any, make: Any, stack: Any) -> None:
    canary = make("canary", "next", **SHARE)
    assert found([canary]) == found([canary], world=World.OPEN) == set()
    assert found([canary], world=World.CLOSED) == ALONE
    assert found([make("stable", "shop", host="c.d"), canary]) == set()
    service = stack[2] | {"metadata": {"name": "next", "namespace": "shop"}}
    assert found([make("stable", "shop", host="c.d"), canary, service]) == ALONE
    assert found([make("stable", "shop", host="A.B."), canary, service]) == set()
    assert found([make("stable", "shop", host="c.d"), canary, service], world=World.OPEN) == set()
