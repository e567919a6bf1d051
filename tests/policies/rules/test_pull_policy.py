"""A reference that can move must be looked up again."""

from __future__ import annotations

from typing import Any

import pytest

DIGEST = "@sha256:" + "0" * 64
MOVING, WORD = {("FLT-IMAGE-001", "Pod p")}, {("FLT-IMAGE-003", "Pod p")}


def _pod(image: str, policy: str | None, where: str = "containers") -> dict[str, Any]:
    container = {"name": "c", "image": image} | ({"imagePullPolicy": policy} if policy else {})
    spec = {"containers": [{"name": "m", "image": "a:1.0.0"}]} | {where: [container]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}


def _volume(image: str, policy: str | None) -> dict[str, Any]:
    pod = _pod("a:1.0.0", None)
    source = {"reference": image} | ({"pullPolicy": policy} if policy else {})
    pod["spec"]["volumes"] = [{"name": "v", "image": source}]
    return pod


@pytest.mark.parametrize("where", ["containers", "initContainers", "ephemeralContainers", "volumes"])
@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("shop:latest", "IfNotPresent"),
        ("shop:latest", "Never"),
        ("shop", "IfNotPresent"),
        ("shop", "Never"),
        ("registry.example:5000/shop", "IfNotPresent"),
        ("registry.example:5000/shop:latest", "IfNotPresent"),
        ("shop:main", None),
        ("shop:main", "IfNotPresent"),
        ("shop:LATEST", None),
        ("shop:Stable-alpine3.20", None),
        ("shop:master-head", None),
        ("shop:v1.37-latest", None),
        ("shop:2.1-SNAPSHOT", None),
    ],
)
def test_a_moving_tag_that_is_not_pulled_again_is_found(found: Any, image: str, policy: str | None, where: str) -> None:
    assert found([_volume(image, policy) if where == "volumes" else _pod(image, policy, where)]) == MOVING


@pytest.mark.parametrize("make", [_pod, _volume])
@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("shop:latest", None),
        ("shop", None),
        ("shop:latest", "Always"),
        ("shop:main", "Always"),
        ("shop:1.2.3", None),
        ("shop:1.2.3", "IfNotPresent"),
        ("shop:1.2.3", "Never"),
        ("shop:1.2.3", "Always"),
        ("shop:1", None),
        ("shop:main-4f2a91c", "IfNotPresent"),
        ("shop:latest" + DIGEST, "IfNotPresent"),
        ("shop" + DIGEST, "Never"),
        ("shop" + DIGEST, "Always"),
        ("registry.example:5000/shop:1.2.3", "IfNotPresent"),
        ("stable/latest:1.2.3", "IfNotPresent"),
        ("auto", "IfNotPresent"),
    ],
)
def test_what_cannot_move_or_is_pulled_again_is_fine(found: Any, make: Any, image: str, policy: str | None) -> None:
    assert found([make(image, policy)]) == set()


@pytest.mark.parametrize("make", [_pod, _volume])
@pytest.mark.parametrize("policy", ["Allways", "always", "ifNotPresent", "IfNotPresent ", "never", "ALWAYS"])
def test_a_policy_that_is_none_of_the_three_is_found_and_nothing_else(found: Any, make: Any, policy: str) -> None:
    assert found([make("shop:1.2.3", policy)]) == WORD
    assert found([make("shop:latest", policy)]) == WORD


def test_two_tracks_may_run_one_image_under_two_tags(found: Any) -> None:
    assert found([_pod("shop:1.2.3", None), _pod("shop:1.3.0", "Always")]) == set()


@pytest.mark.parametrize(
    ("kind", "api", "path"),
    [
        ("StatefulSet", "apps/v1", ["spec", "template"]),
        ("DaemonSet", "apps/v1", ["spec", "template"]),
        ("ReplicationController", "v1", ["spec", "template"]),
        ("Job", "batch/v1", ["spec", "template"]),
        ("CronJob", "batch/v1", ["spec", "jobTemplate", "spec", "template"]),
        ("PodTemplate", "v1", ["template"]),
    ],
)
def test_every_kind_that_makes_pods_is_walked(found: Any, kind: str, api: str, path: list[str]) -> None:
    value: dict[str, Any] = {"spec": _pod("shop:latest", "IfNotPresent")["spec"]}
    for step in reversed(path):
        value = {step: value}
    metadata = {"apiVersion": api, "kind": kind, "metadata": {"name": "w"}}
    assert found([metadata | value]) == {("FLT-IMAGE-001", f"{kind} w")}
    assert found([metadata | value | {"apiVersion": "keda.sh/v1alpha1"}]) == set()
