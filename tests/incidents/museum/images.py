"""Room 1: the image that did not change."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fleet import naming
from sandbox.images import recipes
from sandbox.images.image import Image
from tests.incidents.museum.incident import SHOP, Expected, Incident
from tests.incidents.museum.manifests import Manifests

if TYPE_CHECKING:
    from tests.incidents.fleet import Fleet

DEPLOYMENT = naming.storefront(SHOP)
BEFORE, RELEASED = "2.2.0", "2.3.0"


def latest(manifests: Manifests) -> None:
    """Name the image by a tag that moves; its version is the image's own, as it was at ClearWatch."""
    container = manifests.container(DEPLOYMENT)
    container["image"] = moving(container["image"])
    container["env"] = [each for each in container["env"] if each["name"] != "VERSION"]


def moving(image: str) -> str:
    """Give the reference by which nobody can tell what runs."""
    return f"{image.rpartition(':')[0]}:latest"


def build(version: str) -> Image:
    """Build the storefront with its version in it."""
    image = recipes.service(recipes.WORKLOADS / naming.STOREFRONT)
    return replace(image, environment={**image.environment, "VERSION": version})


def publish_and_restart(fleet: Fleet, manifests: Manifests) -> None:
    """Run the old build, publish the new one under the same tag, and restart the pods."""
    reference = manifests.container(DEPLOYMENT)["image"]
    fleet.publish({reference: build(BEFORE)})
    fleet.apply(manifests)
    fleet.rolled_out(manifests)
    fleet.publish({reference: build(RELEASED)})
    fleet.heard += fleet.kubectl("rollout", "restart", f"deployment/{DEPLOYMENT}").splitlines()
    fleet.rollout(DEPLOYMENT)


def push_again(fleet: Fleet, manifests: Manifests) -> None:
    """Publish another build under a version that is out already, and restart the pods."""
    fleet.publish({manifests.container(DEPLOYMENT)["image"]: build("2.3.0-hotfix")})
    fleet.heard += fleet.kubectl("rollout", "restart", f"deployment/{DEPLOYMENT}").splitlines()
    fleet.rollout(DEPLOYMENT)


INCIDENTS = (
    Incident(
        room=1,
        name="stale-image",
        title="The image that did not change",
        story=(
            f"Storefront {RELEASED} is built and pushed as `:latest`, where {BEFORE} was before, and every pod is "
            "restarted. Kubernetes says that the roll-out succeeded. But `imagePullPolicy: IfNotPresent` asks whether "
            "the node has an image of that name, and it has: the old one. This cost ClearWatch nine tenths of its time."
        ),
        lesson=(
            "An image is named by a version that never moves. Verify compares what a shop says it is with what the "
            "stack plans."
        ),
        change=latest,
        happens=publish_and_restart,
        expected=Expected(
            check="version",
            cause="stale image: a tag moved and IfNotPresent kept the old one",
            resource=f"Deployment/{DEPLOYMENT}",
            rules=("FLT-IMAGE-001",),
        ),
    ),
    Incident(
        room=1,
        name="pushed-again",
        title="The version that was pushed again",
        story=(
            f'A fix is built and pushed as {RELEASED} once more, since "it is only a small one". The tag looks like a '
            "version, the roll-out succeeds, and the shop calls itself what the stack plans. The fix runs nowhere."
        ),
        lesson=(
            "A tag that looks like a version promises not to move, and no manifest shows that it did: the rules are "
            "content. Verify asks the registry what the tag names now, and ends with 1. Where images are named by "
            "digest this can't happen at all."
        ),
        happens=push_again,
        expected=Expected(
            check="image-current",
            subject="cluster",
            cause="stale image: a tag moved and IfNotPresent kept the old one",
            resource="Deployment/storefront-brutal",
            rules=(),
        ),
    ),
)
