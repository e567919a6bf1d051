"""The members of a split reach different pods, which run different versions."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from policies.values import UNKNOWN

STABLE, CANARY = "Service shop/checkout", "Service shop/checkout-canary"
SPLIT = "TraefikService shop/checkout-split"
APP = "spec/template/spec/containers/0"


@pytest.fixture
def rollout(stack: Any) -> Any:
    """The clean stack with a canary of version 1.5.0 at 10 percent."""
    changed = copy.deepcopy(stack)
    workload, service = copy.deepcopy(stack[0]), copy.deepcopy(stack[2])
    for one in (workload, service):
        one["metadata"]["name"] = "checkout-canary"
    workload["spec"]["selector"]["matchLabels"]["track"] = "canary"
    workload["spec"]["template"]["metadata"]["labels"]["track"] = "canary"
    workload["spec"]["template"]["spec"]["containers"][0]["image"] = "registry.example:5000/shop/checkout:1.5.0"
    service["spec"]["selector"]["track"] = "canary"
    split = changed[-1]["spec"]["weighted"]
    split["services"] = [
        {"name": "checkout", "port": "by-name", "weight": 90},
        {"name": "checkout-canary", "port": "by-name", "weight": 10},
    ]
    return [*changed, workload, service]


@pytest.mark.parametrize(
    ("title", "selector", "wrong"),
    [
        ("checkout", {"app": "checkout"}, STABLE),
        ("checkout-canary", {"app": "checkout"}, CANARY),
        ("checkout-canary", {"app": "checkout", "track": "stable"}, CANARY),
        ("checkout", {"app": "checkout", "track": "canary"}, CANARY),
    ],
)
def test_members_that_select_the_same_pods(
    rollout: Any, put: Any, found: Any, title: str, selector: Any, wrong: str
) -> None:
    assert found(rollout) == set()
    mutated = put(rollout, f"Service {title}", "spec/selector", selector)
    assert found(mutated) == {("FLT-CANARY-010", wrong)}
    assert found([one for one in mutated if one["kind"] != "TraefikService"]) == set()
    assert found([one for one in mutated if one["kind"] != "Deployment"]) == {("FLT-CANARY-010", wrong)}


def test_pods_with_the_labels_of_both_are_found_too(rollout: Any, put: Any, found: Any) -> None:
    mutated = put(rollout, "Service checkout-canary", "spec/selector", {"track": "canary"})
    mutated = put(mutated, "Service checkout", "spec/selector", {"tier": "web"})
    assert found(mutated) == set()
    labels = {"app": "checkout", "track": "canary", "tier": "web"}
    mutated = put(mutated, "Deployment checkout-canary", "spec/template/metadata/labels", labels)
    assert found(mutated) == {("FLT-CANARY-010", STABLE)}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("spec/selector", {}),
        ("spec/selector", {"app": "checkout", "track": UNKNOWN}),
        ("spec/type", "ExternalName"),
        ("metadata/namespace", "other"),
    ],
)
def test_a_service_that_selects_nothing_here(rollout: Any, put: Any, found: Any, path: str, value: Any) -> None:
    mutated = put(rollout, "Service checkout-canary", path, value)
    assert {one for one in found(mutated) if one[0] != "FLT-PLAN-001"} == set()


SAME = {("FLT-CANARY-011", "Deployment shop/checkout-canary")}


@pytest.fixture
def twins(rollout: Any, put: Any) -> Any:
    """The canary's image is the stable one's."""
    image = "registry.example:5000/shop/checkout:1.4.2"
    return put(rollout, "Deployment checkout-canary", f"{APP}/image", image)


def test_a_canary_that_tries_nothing(twins: Any, put: Any, found: Any) -> None:
    assert found(twins) == SAME
    for name in ("TRACK", "VERSION", "RELEASE_NAME"):
        env = [*twins[0]["spec"]["template"]["spec"]["containers"][0]["env"], {"name": name, "value": "x"}]
        assert found(put(twins, "Deployment checkout-canary", f"{APP}/env", env)) == SAME
    named = put(twins, "Deployment checkout-canary", f"{APP}/args", ["--name=checkout-canary"])
    assert found(put(named, "Deployment checkout", f"{APP}/args", ["--name=checkout-stable"])) == SAME


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (f"{APP}/args", ["--new-search"]),
        (f"{APP}/env", [{"name": "FEATURE", "value": "on"}]),
        (f"{APP}/image", UNKNOWN),
        ("spec/template/spec/volumes", [{"name": "c", "configMap": {"name": "next"}}]),
        ("spec/replicas", 0),
    ],
)
def test_a_canary_that_tries_something_else(twins: Any, put: Any, found: Any, path: str, value: Any) -> None:
    mutated = put(twins, "Deployment checkout-canary", path, value)
    assert {one for one in found(mutated) if one[0] != "FLT-PLAN-001"} == set()


def test_a_canary_at_rest_may_run_the_stable_version(twins: Any, put: Any, found: Any) -> None:
    assert found(put(twins, "TraefikService checkout-split", "spec/weighted/services/1/weight", 0)) == set()
    unknown = put(twins, "TraefikService checkout-split", "spec/weighted/services/1/weight", UNKNOWN)
    assert found(unknown) == {("FLT-PLAN-001", SPLIT)}


LABELLED = {("FLT-CANARY-012", "Deployment shop/checkout")}


@pytest.mark.parametrize("label", ["version", "app.kubernetes.io~1version"])
@pytest.mark.parametrize(
    ("value", "is_right"),
    [
        ("1.4.1", False),
        ("v1.5", False),
        *((value, True) for value in ("1.4.2", "v1.4.2", "1.4", "v1", "main", UNKNOWN)),
    ],
)
def test_the_version_label_is_the_images(stack: Any, found: Any, label: str, value: Any, is_right: bool) -> None:  # noqa: FBT001
    stack[0]["spec"]["template"]["metadata"]["labels"][label.replace("~1", "/")] = value
    assert found(stack) == (set() if is_right else LABELLED)


@pytest.mark.parametrize("image", ["registry.example/shop@sha256:" + "a" * 64, "shop:main", "shop:20240101", UNKNOWN])
def test_an_image_without_a_version_says_nothing(stack: Any, put: Any, found: Any, image: Any) -> None:
    mutated = put(stack, "Deployment checkout", "spec/template/metadata/labels/version", "1.4.1")
    assert found(mutated) == LABELLED
    mutated = put(mutated, "Deployment checkout", f"{APP}/image", image)
    assert {one for one in found(mutated) if one[0] != "FLT-PLAN-001"} == set()


def test_an_image_that_only_helps_with_a_release_has_a_version_of_its_own(stack: Any, put: Any, found: Any) -> None:
    labels = {"app.kubernetes.io/name": "checkout", "app.kubernetes.io/version": "2.0.0"}
    mutated = put(stack, "Deployment checkout", "spec/template/metadata/labels", labels)
    assert found(mutated) == LABELLED
    assert found(put(mutated, "Deployment checkout", f"{APP}/image", "registry.example/certgen:v1.6.9")) == set()


def test_of_two_containers_neither_is_the_version(stack: Any, found: Any) -> None:
    stack[0]["spec"]["template"]["metadata"]["labels"]["version"] = "1.4.1"
    stack[0]["spec"]["template"]["spec"]["containers"].append({"name": "second", "image": "registry.example/x:2.0.0"})
    assert found(stack) == set()


def test_a_split_without_a_stable_member(rollout: Any, put: Any, found: Any) -> None:
    only = [{"name": "checkout-canary", "port": "by-name", "weight": 100}]
    mutated = put(rollout, "TraefikService checkout-split", "spec/weighted/services", only)
    assert found(mutated) == {("FLT-CANARY-013", SPLIT)}
    both = [{"name": "checkout", "port": "by-name", "weight": 0}, *only]
    assert found(put(rollout, "TraefikService checkout-split", "spec/weighted/services", both)) == set()
