"""Weights of a traffic split."""

from __future__ import annotations

from typing import Any

import pytest

from policies.values import UNKNOWN

SPLIT = "TraefikService shop/split"
STICKY = {"cookie": {"name": "release", "secure": True, "httpOnly": True}}


def member(name: str, weight: Any = None, **more: Any) -> Any:
    return {"name": name, "port": 80, **({} if weight is None else {"weight": weight}), **more}


def split(*members: Any, key: str = "weighted", labels: Any = None) -> Any:
    metadata = {"name": "split", "namespace": "shop", "labels": labels or {}}
    spec = {key: {"services": list(members), "sticky": STICKY}}
    return {"apiVersion": "traefik.io/v1alpha1", "kind": "TraefikService", "metadata": metadata, "spec": spec}


def pair(stable: Any, canary: Any, **more: Any) -> Any:
    return split(member("shop", stable), member("shop-canary", canary), **more)


def inline(*members: Any) -> Any:
    spec = {"routes": [{"match": "Host(`a.b`)", "kind": "Rule", "services": list(members)}]}
    metadata = {"name": "route", "namespace": "shop"}
    return {"apiVersion": "traefik.io/v1alpha1", "kind": "IngressRoute", "metadata": metadata, "spec": spec}


def gateway(*members: Any) -> Any:
    metadata = {"name": "route", "namespace": "shop"}
    spec = {"rules": [{"backendRefs": list(members)}]}
    return {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": metadata, "spec": spec}


FLEET = {"flotilla.dev/fleet": "shop"}


@pytest.mark.parametrize(
    ("manifest", "title"),
    [
        (pair(0, 0), SPLIT),
        (split(member("shop", 0)), SPLIT),
        (split(member("a", 0), member("b", 0), key="highestRandomWeight"), SPLIT),
        (inline(member("a", 0), member("b", 0)), "IngressRoute shop/route"),
        (gateway(member("a", 0), member("b", 0)), "HTTPRoute shop/route"),
        (gateway(member("a", 0)), "HTTPRoute shop/route"),
    ],
)
def test_a_split_that_serves_nobody(found: Any, manifest: Any, title: str) -> None:
    assert found([manifest]) == {("FLT-CANARY-001", title)}


@pytest.mark.parametrize(
    "manifest",
    [
        pair(100, 0),
        pair(0, 100),
        split(member("shop")),
        split(member("a", 0), member("b")),
        inline(member("a", 0)),
        gateway(member("a")),
        gateway(),
    ],
)
def test_a_split_that_serves_somebody(found: Any, manifest: Any) -> None:
    assert found([manifest]) == set()


def test_a_weight_that_is_not_known_is_a_finding_of_the_plan(found: Any) -> None:
    assert found([pair(0, UNKNOWN)]) == {("FLT-PLAN-001", SPLIT)}
    assert found([gateway(member("a", 0), member("b", UNKNOWN))]) == {("FLT-PLAN-001", "HTTPRoute shop/route")}


def test_a_connection_is_split_as_a_request_is(found: Any) -> None:
    for kind in ("IngressRouteTCP", "IngressRouteUDP"):
        title = f"{kind} shop/route"
        assert found([inline(member("a", 0), member("b", 0)) | {"kind": kind}]) == {("FLT-CANARY-001", title)}
        assert found([inline(member("a", 90), member("a-canary", 20)) | {"kind": kind}]) == {("FLT-CANARY-003", title)}
        assert found([inline(member("a", 90), member("a-canary", 10)) | {"kind": kind}]) == set()


@pytest.mark.parametrize(
    ("percent", "is_taken"), [(0, True), (100, True), (None, True), (101, False), (-1, False), ("10", False)]
)
def test_a_mirror_gets_a_percentage(found: Any, percent: Any, is_taken: bool) -> None:  # noqa: FBT001
    manifest = split(member("shop"))
    manifest["spec"] = {"mirroring": {"name": "shop", "port": 80, "mirrors": [member("next") | {"percent": percent}]}}
    assert found([manifest]) == (set() if is_taken else {("FLT-CANARY-001", SPLIT)})


@pytest.mark.parametrize("make", [split, inline, gateway])
def test_an_absent_weight_is_1_beside_percentages(found: Any, make: Any) -> None:
    assert {code for code, _ in found([make(member("shop", 90), member("shop-canary"))])} == {"FLT-CANARY-002"}
    assert {code for code, _ in found([make(member("v1"), member("v2", 10))])} == {"FLT-CANARY-002"}


@pytest.mark.parametrize("weights", [(None, None), (None, 3), (0, None), (9, None)])
def test_an_absent_weight_beside_small_numbers_is_a_share(found: Any, weights: Any) -> None:
    assert found([split(*(member(name, weight) for name, weight in zip("ab", weights, strict=True)))]) == set()


SUM, ODD = {("FLT-CANARY-003", SPLIT)}, {("FLT-CANARY-004", SPLIT)}


@pytest.mark.parametrize(("stable", "canary"), [(70, 40), (90, 5), (95, 10), (60, 30)])
def test_percentages_of_two_releases_sum_to_100(found: Any, stable: int, canary: int) -> None:
    assert found([pair(stable, canary)]) == SUM
    assert found([pair(canary, stable)]) == SUM
    assert found([split(member("shop-v1", stable), member("shop-v2", canary))]) == ODD


def test_a_fleet_holds_all_its_splits_to_100(found: Any) -> None:
    assert found([pair(3, 1, labels=FLEET)]) == SUM
    assert found([split(member("a", 1), member("b", 1), labels=FLEET)]) == SUM
    assert found([split(member("a", 50), member("b", 50), labels=FLEET)]) == set()
    assert found([split(member("a", 1), labels=FLEET)]) == set()


@pytest.mark.parametrize("weights", [(3, 1), (9, 1), (1, 1), (990, 10), (50, 50), (100, 0)])
def test_a_ratio_is_no_percentage(found: Any, weights: Any) -> None:
    assert found([pair(*weights)]) == set()


@pytest.mark.parametrize("weights", [(300, 20), (5, 7)])
def test_two_releases_in_other_sums_are_advice(found: Any, weights: Any) -> None:
    assert found([pair(*weights)]) == ODD
    assert found([split(*(member(name, weight) for name, weight in zip("ab", weights, strict=True)))]) == set()


def test_weights_that_a_controller_fills_in_are_left_alone(found: Any) -> None:
    assert found([pair(None, None)]) == set()
    assert found([split(member("a", 50), member("b", 50), member("c", 50))]) == set()
    assert found([split(member("a", 70), member("b", 20), key="highestRandomWeight")]) == set()


@pytest.mark.parametrize("make", [split, inline, gateway])
def test_a_member_that_stands_twice(found: Any, make: Any) -> None:
    assert {code for code, _ in found([make(member("shop", 90), member("shop", 10))])} == {"FLT-CANARY-005"}


def test_members_that_only_look_alike(found: Any) -> None:
    assert found([split(member("shop", 90), member("shop", 10, namespace="other"))]) == set()
    assert found([split(member("shop", 90), member("shop", 10, kind="TraefikService"))]) == set()
    assert found([split(member("shop", 90), {"name": "shop", "port": 81, "weight": 10})]) == set()
    assert (
        found([gateway(member("shop", 90), member("shop", 10, filters=[{"type": "RequestHeaderModifier"}]))]) == set()
    )
