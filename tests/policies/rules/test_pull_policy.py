"""A reference that can move must be looked up again."""

from __future__ import annotations

from typing import Any

import pytest

DIGEST = "@sha256:" + "0" * 64


def _pod(image: str, policy: str | None, where: str = "containers") -> dict[str, Any]:
    container = {"name": "c", "image": image} | ({"imagePullPolicy": policy} if policy else {})
    spec = {"containers": [{"name": "m", "image": "a:1.0.0"}]} | {where: [container]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}


@pytest.mark.parametrize("where", ["containers", "initContainers", "ephemeralContainers"])
@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("shop:latest", "IfNotPresent"),
        ("shop", "IfNotPresent"),
        ("shop", "Never"),
        ("registry.example:5000/shop", "IfNotPresent"),
        ("registry.example:5000/shop:latest", "IfNotPresent"),
        ("shop:main", None),
        ("shop:main", "IfNotPresent"),
        ("shop:Stable-alpine3.20", None),
        ("shop:2.1-SNAPSHOT", None),
        ("shop:1.2.3", "Allways"),
    ],
)
def test_a_moving_tag_that_is_not_pulled_again_is_found(found: Any, image: str, policy: str | None, where: str) -> None:
    assert found([_pod(image, policy, where)]) == {("FLT-IMAGE-001", "Pod p")}


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("shop:latest", None),
        ("shop", None),
        ("shop:latest", "Always"),
        ("shop:main", "Always"),
        ("shop:1.2.3", None),
        ("shop:1.2.3", "IfNotPresent"),
        ("shop:1.2.3", "Always"),
        ("shop:main-4f2a91c", "IfNotPresent"),
        ("shop:latest" + DIGEST, "IfNotPresent"),
        ("shop" + DIGEST, "Never"),
        ("registry.example:5000/shop:1.2.3", "IfNotPresent"),
        ("stable/latest:1.2.3", "IfNotPresent"),
    ],
)
def test_what_cannot_move_or_is_pulled_again_is_fine(found: Any, image: str, policy: str | None) -> None:
    assert found([_pod(image, policy)]) == set()


@pytest.mark.parametrize(
    "image", ["Shop:1.0.0", "shop:", "shop:${TAG}", "a b:1", "shop@sha256:12", "https://a.b/c:1.0.0"]
)
def test_an_image_that_is_no_reference_is_found(found: Any, image: str) -> None:
    assert found([_pod(image, "IfNotPresent")]) == {("FLT-IMAGE-002", "Pod p")}
