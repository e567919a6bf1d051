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
)
