"""A session stays with one version."""

from __future__ import annotations

from typing import Any

import pytest

from policies.values import UNKNOWN

SPLIT = "TraefikService shop/split"
COOKIE = {"name": "release", "secure": True, "httpOnly": True, "sameSite": "lax", "maxAge": 3600}


def member(name: str, weight: Any, **more: Any) -> Any:
    return {"name": name, "port": 80, "weight": weight, **more}


def split(*members: Any, sticky: Any = None, labels: Any = None) -> Any:
    metadata = {"name": "split", "namespace": "shop", "labels": labels or {}}
    weighted = {"services": list(members)} | ({"sticky": sticky} if sticky is not None else {})
    return {
        "apiVersion": "traefik.io/v1alpha1",
        "kind": "TraefikService",
        "metadata": metadata,
        "spec": {"weighted": weighted},
    }


PAIR = member("shop", 90), member("shop-canary", 10)
HOUSE, ADVICE = {("FLT-CANARY-006", SPLIT)}, {("FLT-CANARY-007", SPLIT)}


@pytest.mark.parametrize("sticky", [None, {}, {"cookie": None}])
def test_two_releases_without_a_cookie(found: Any, sticky: Any) -> None:
    assert found([split(*PAIR, sticky={"cookie": COOKIE})]) == set()
    assert found([split(*PAIR, sticky=sticky)]) == HOUSE


def test_a_cookie_of_the_members_keeps_pods_and_not_versions(found: Any) -> None:
    own = [one | {"sticky": {"cookie": COOKIE | {"name": "pod"}}} for one in PAIR]
    assert found([split(*own)]) == HOUSE
    assert found([split(*own, sticky={"cookie": COOKIE})]) == set()


def test_two_cookies_of_one_name_overwrite_each_other(found: Any) -> None:
    own = [PAIR[0], PAIR[1] | {"sticky": {"cookie": COOKIE}}]
    assert found([split(*own, sticky={"cookie": COOKIE | {"name": "version"}})]) == set()
    assert found([split(*own, sticky={"cookie": COOKIE})]) == {("FLT-CANARY-008", "TraefikService shop/split")}


def test_a_split_in_the_route_itself_cannot_stick(found: Any) -> None:
    spec = {"routes": [{"match": "Host(`a.b`)", "kind": "Rule", "services": list(PAIR)}]}
    metadata = {"name": "route", "namespace": "shop"}
    route = {"apiVersion": "traefik.io/v1alpha1", "kind": "IngressRoute", "metadata": metadata, "spec": spec}
    assert found([route]) == {("FLT-CANARY-006", "IngressRoute shop/route")}
    spec["routes"] = [{"match": "Host(`a.b`)", "kind": "Rule", "services": [one]} for one in PAIR]
    assert found([route]) == set()


@pytest.mark.parametrize(
    "manifest",
    [
        split(member("shop", 100), member("shop-canary", 0)),
        split(member("shop-canary", 100)),
        split({"name": "stable"}, {"name": "canary"}),
        split(member("a", 50), member("b", 50)),
        split(*PAIR, sticky={"cookie": {"secure": True, "httpOnly": True}}),
    ],
)
def test_a_split_that_draws_for_nobody_or_between_equals(found: Any, manifest: Any) -> None:
    assert found([manifest]) == set()


def test_a_fleet_keeps_its_sessions_whatever_its_members_are_called(found: Any) -> None:
    labels = {"flotilla.dev/fleet": "shop"}
    assert found([split(member("a", 50), member("b", 50), labels=labels)]) == HOUSE
    assert found([split({"name": "stable"}, {"name": "canary"}, labels=labels)]) == HOUSE


@pytest.mark.parametrize("names", [("app-v1", "app-v2"), ("shop-blue", "shop-green"), ("web", "web-next")])
def test_versions_under_other_names_are_advice(found: Any, names: Any) -> None:
    assert found([split(*(member(name, 50) for name in names))]) == ADVICE
    assert found([split(*(member(name, 50) for name in names), sticky={"cookie": COOKIE})]) == set()


KEPT, FLAGS = ("FLT-CANARY-008", SPLIT), ("FLT-CANARY-009", SPLIT)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"sameSite": "none", "secure": False}, KEPT),
        ({"sameSite": "none", "secure": None}, KEPT),
        ({"maxAge": -1}, KEPT),
        ({"name": "__Host-release", "domain": "shop.example"}, KEPT),
        ({"name": "__Host-release", "path": "/cart"}, KEPT),
        ({"name": "__Secure-release", "secure": False}, KEPT),
        ({"secure": False}, FLAGS),
        ({"httpOnly": None}, FLAGS),
        ({"name": "my release"}, FLAGS),
        ({"name": "a=b"}, FLAGS),
        ({"maxAge": 60}, FLAGS),
    ],
)
def test_a_cookie_that_is_dropped_or_badly_kept(found: Any, change: Any, code: Any) -> None:
    assert found([split(*PAIR, sticky={"cookie": COOKIE | change})]) == {code}


@pytest.mark.parametrize(
    "change",
    [
        {"sameSite": "none"},
        {"sameSite": "strict"},
        {"maxAge": 0},
        {"maxAge": 300},
        {"name": "__Host-release"},
        {"name": "__Host-release", "path": "/"},
        {"name": None},
        {"name": "rel!#$%&'*+-.^_`|~1"},
    ],
)
def test_a_cookie_that_is_kept(found: Any, change: Any) -> None:
    assert found([split(*PAIR, sticky={"cookie": COOKIE | change})]) == set()


@pytest.mark.parametrize("field", [*COOKIE, None])
def test_a_cookie_that_is_not_known_is_a_finding_of_the_plan(found: Any, field: Any) -> None:
    cookie = COOKIE | {field: UNKNOWN} if field else UNKNOWN
    assert found([split(*PAIR, sticky={"cookie": cookie})]) == {("FLT-PLAN-001", SPLIT)}


def test_every_place_of_a_cookie_is_looked_at(found: Any) -> None:
    bad = {"sticky": {"cookie": COOKIE | {"maxAge": -1}}}
    assert found([split(member("a", 1, **bad))]) == {KEPT}
    mirrored = split()
    mirrored["spec"] = {"mirroring": {"name": "a", "port": 80, **bad, "mirrors": [member("b", None, **bad)]}}
    assert found([mirrored]) == {KEPT}
    spec = {"routes": [{"match": "Host(`a.b`)", "services": [member("a", None, **bad)]}]}
    metadata = {"name": "route", "namespace": "shop"}
    route = {"apiVersion": "traefik.io/v1alpha1", "kind": "IngressRoute", "metadata": metadata, "spec": spec}
    assert found([route]) == {("FLT-CANARY-008", "IngressRoute shop/route")}
