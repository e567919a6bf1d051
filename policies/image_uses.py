"""Every place where pods name an image: containers of all lists, and volumes that are made of one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from policies import images
from policies.images import Image
from policies.pods import Pods, pods_of
from policies.resources import Resource
from policies.values import Path, each, mapping, scalar

_INJECTED: Final = "auto"


@dataclass(frozen=True, slots=True)
class Use:
    """An image as it is written, the policy it is pulled by, and where both stand."""

    user: str
    written: Any
    policy: Any
    path: Path
    policy_path: Path

    @property
    def image(self) -> Image | None:
        """The image; None for what is no valid reference, and for what Istio fills in when it injects its proxy."""
        known = isinstance(self.written, str) and self.written != _INJECTED
        return images.parse(self.written) if known else None


def uses(resource: Resource) -> Iterator[Use]:
    """Give every image that the pods of a resource run or mount."""
    pods = pods_of(resource)
    if pods is not None:
        yield from _containers(pods)
        yield from _volumes(pods)


def _containers(pods: Pods) -> Iterator[Use]:
    for container in pods.containers:
        yield Use(
            user=f"container {container.name}",
            written=scalar(container.spec, "image"),
            policy=scalar(container.spec, "imagePullPolicy"),
            path=(*container.path, "image"),
            policy_path=(*container.path, "imagePullPolicy"),
        )


def _volumes(pods: Pods) -> Iterator[Use]:
    """Give the image volumes (Kubernetes 1.31 and newer), which are pulled by the same rules."""
    for path, volume in each(pods.template, "spec", "volumes"):
        if source := mapping(volume, "image"):
            yield Use(
                user=f"volume {volume.get('name', path[-1])}",
                written=scalar(source, "reference"),
                policy=scalar(source, "pullPolicy"),
                path=(*pods.path, *path, "image", "reference"),
                policy_path=(*pods.path, *path, "image", "pullPolicy"),
            )
