"""What an image's name says."""

from __future__ import annotations

from typing import Any

import pytest

DIGEST = "@sha256:" + "0" * 64


def _pod(image: Any, policy: str | None = None, where: str = "containers") -> dict[str, Any]:
    container = {"name": "c", "image": image} | ({"imagePullPolicy": policy} if policy else {})
    spec = {"containers": [{"name": "m", "image": "a:1.0.0"}]} | {where: [container]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}


@pytest.mark.parametrize(
    "image",
    [
        "Shop:1.0.0",
        "shop:",
        "shop:${TAG}",
        "a b:1",
        " shop:1.0.0",
        "shop:1.0.0 ",
        "shop:1.0.0\n",
        "shop@sha256:12",
        "shop@1.0.0",
        "shop:1.0.0:2",
        "https://a.b/c:1.0.0",
        "a.b/Shop:1.0.0",
        "a.b:port/shop:1.0.0",
        "<image>",
        "/shop:1.0.0",
        "shop/:1.0.0",
        "f" * 64,
    ],
)
def test_an_image_that_is_no_reference_is_found(found: Any, image: str) -> None:
    assert found([_pod(image, "IfNotPresent")]) == {("FLT-IMAGE-002", "Pod p")}


@pytest.mark.parametrize(
    "image", ["ko://example.com/cmd/shop", "registry.example:5000/a/b__c-d:v1_2.3-x", "A.b/c:1.0.0"]
)
def test_what_is_a_reference_or_becomes_one_is_fine(found: Any, image: str) -> None:
    assert found([_pod(image, "IfNotPresent")]) == set()


@pytest.mark.parametrize("where", ["containers", "initContainers", "ephemeralContainers"])
@pytest.mark.parametrize("image", [None, ""])
def test_a_container_without_an_image_is_found(found: Any, image: Any, where: str) -> None:
    assert found([_pod(image, None, where)]) == {("FLT-IMAGE-004", "Pod p")}


def test_an_image_volume_without_a_reference_is_found(found: Any) -> None:
    pod = _pod("a:1.0.0")
    pod["spec"]["volumes"] = [{"name": "v", "image": {"pullPolicy": "Always"}}, {"name": "e", "emptyDir": {}}]
    assert found([pod]) == {("FLT-IMAGE-004", "Pod p")}


def test_a_patch_of_a_workload_need_not_name_the_image(found: Any) -> None:
    spec: dict[str, Any] = {"template": {"spec": _pod(None)["spec"]}}
    patch = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": spec}
    assert found([patch]) == set()
    whole = patch | {"spec": spec | {"selector": {"matchLabels": {"a": "b"}}}}
    assert found([whole]) == {("FLT-IMAGE-004", "Deployment d")}


@pytest.mark.parametrize(
    ("image", "policy"),
    [("shop", None), ("shop:latest", None), ("shop:main", "Always"), ("shop:pr-7-latest", "Always")],
)
def test_a_moving_tag_is_advice_even_when_it_is_pulled_again(found: Any, image: str, policy: str | None) -> None:
    assert found([_pod(image, policy)]) == {("FLT-IMAGE-005", "Pod p")}


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("shop:latest", "IfNotPresent"),
        ("shop:1.2.3", "Always"),
        ("shop" + DIGEST, "Always"),
        ("shop:latest" + DIGEST, None),
        ("auto", "Always"),
    ],
)
def test_a_version_or_what_another_rule_says_is_not_said_again(found: Any, image: str, policy: str | None) -> None:
    assert found([_pod(image, policy)]) == set()


@pytest.mark.parametrize("image", ["postgres:16", "node:20-alpine", "nginx:alpine", "docker.io/library/python:slim"])
def test_a_part_of_an_official_version_is_advice(found: Any, image: str) -> None:
    assert found([_pod(image)]) == {("FLT-IMAGE-006", "Pod p")}
    assert found([_pod(image, "Always")]) == set()
    assert found([_pod(image + DIGEST)]) == set()


@pytest.mark.parametrize(
    "image",
    ["postgres:16.2", "node:20.11-alpine", "shop:42", "shop:v2", "ghcr.example/postgres:16", "debian:12", "nginx:1.27"],
)
def test_other_tags_count_as_versions(found: Any, image: str) -> None:
    assert found([_pod(image)]) == set()
