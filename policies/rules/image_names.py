"""What an image's name says: that it is one, and which version runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies import images
from policies.findings import Level, Rule, Scope, Violation
from policies.image_uses import uses
from policies.pods import POD_KINDS
from policies.resources import Resource
from policies.rules.pull_policy import ALWAYS
from policies.values import UNKNOWN, at

_BUILT_BY: Final = "ko://"
"""A source for ``ko``, which replaces it by the image it builds."""
_PATCHED: Final = frozenset({"apps", "extensions"})


def _judge_reference(resource: Resource) -> Iterator[Violation]:
    for use in uses(resource):
        written = use.written
        if isinstance(written, str) and written and not written.startswith(_BUILT_BY) and images.parse(written) is None:
            yield Violation(resource, use.path, f"{use.user} has image {written!r}, which is no image reference")


REFERENCE = Rule(
    code="FLT-IMAGE-002",
    name="image-reference-parses",
    title="An image is named by a valid reference",
    why="The kubelet refuses the name (InvalidImageName), so the pod never starts.",
    source="https://github.com/distribution/reference/blob/main/reference.go",
    remediation="Write the image as [host[:port]/]path[:tag][@digest], with a path in lower case.",
    scope=Scope.RESOURCE,
    judge=_judge_reference,
    kinds=POD_KINDS,
)


def _judge_presence(resource: Resource) -> Iterator[Violation]:
    if resource.api[0] in _PATCHED and at(resource.inputs, "spec", "selector") is None:
        return  # a patch of a workload, which need not say everything
    for use in uses(resource):
        if use.written in (None, ""):
            yield Violation(resource, use.path, f"{use.user} names no image")


PRESENCE = Rule(
    code="FLT-IMAGE-004",
    name="container-names-an-image",
    title="Every container names an image",
    why="The API server refuses a container without an image, and with it the whole object.",
    source="https://kubernetes.io/docs/concepts/containers/images/#image-names",
    remediation="Name the image by its version or digest.",
    scope=Scope.RESOURCE,
    judge=_judge_presence,
    kinds=POD_KINDS,
)


def _judge_version(resource: Resource) -> Iterator[Violation]:
    for use in uses(resource):
        image = use.image
        if image is not None and image.mutable and (use.policy or image.default_pull_policy) == ALWAYS:
            said = f"the moving tag {image.tag}" if image.tag else "no tag, which means latest"
            yield Violation(resource, use.path, f"{use.user} takes {image} by {said}")


VERSION = Rule(
    code="FLT-IMAGE-005",
    name="image-names-a-version",
    title="An image is named by a version or digest, however it is pulled",
    why="Under a moving tag nobody can tell what runs, pods of one release may differ, and nothing can be rolled back.",
    source="https://kubernetes.io/docs/concepts/configuration/overview/#container-images",
    remediation="Name the image by the version or digest that was tested.",
    scope=Scope.RESOURCE,
    judge=_judge_version,
    level=Level.ADVISORY,
    kinds=POD_KINDS,
)


def _judge_whole(resource: Resource) -> Iterator[Violation]:
    for use in uses(resource):
        image = use.image
        if image is not None and image.is_partial and use.policy not in (ALWAYS, UNKNOWN):
            yield Violation(
                resource, use.path, f"{use.user} takes {image}, a part of a version that moves with each release"
            )


WHOLE_VERSION = Rule(
    code="FLT-IMAGE-006",
    name="official-image-names-a-whole-version",
    title="An image of Docker's library is named by more than its major version",
    why="The library moves such a tag to every release; nodes that have it keep the old one, so pods differ by node.",
    source="https://docs.docker.com/docker-hub/image-library/trusted-content/#docker-official-images",
    remediation="Name the minor version too, or add the digest.",
    scope=Scope.RESOURCE,
    judge=_judge_whole,
    level=Level.ADVISORY,
    kinds=POD_KINDS,
)

RULES = (REFERENCE, PRESENCE, VERSION, WHOLE_VERSION)
