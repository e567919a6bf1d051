"""Images and how they are pulled: a reference that can move must be looked up again."""

from __future__ import annotations

from collections.abc import Iterator

from policies import images
from policies.findings import Rule, Scope, Violation
from policies.pods import pods_of
from policies.resources import Resource
from policies.values import UNKNOWN, scalar

POLICIES = ("Always", "IfNotPresent", "Never")


def _judge_policy(resource: Resource) -> Iterator[Violation]:
    pods = pods_of(resource)
    for container in pods.containers if pods else ():
        written, policy = scalar(container.spec, "image"), scalar(container.spec, "imagePullPolicy")
        image = images.parse(written) if isinstance(written, str) else None
        if image is None or policy is UNKNOWN:
            continue
        effective = policy or image.default_pull_policy
        path = (*container.path, "imagePullPolicy" if policy else "image")
        if effective not in POLICIES:
            message = (
                f"container {container.name} has pull policy {effective!r}, which is none of {', '.join(POLICIES)}"
            )
            yield Violation(resource, path, message)
        elif image.mutable and effective != "Always":
            unset = "" if policy else ", the default where none is set"
            message = f"container {container.name} runs {image}, which can move, with pull policy {effective}{unset}"
            yield Violation(resource, path, message)


PULL_POLICY = Rule(
    code="FLT-IMAGE-001",
    name="moving-tag-is-pulled-again",
    title="An image whose tag can move is pulled at every start",
    why="A node that has the tag keeps the old image: some pods run old code, and no roll-out shows it.",
    source="https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy",
    remediation="Name the image by a version or digest, or set imagePullPolicy to Always.",
    scope=Scope.RESOURCE,
    judge=_judge_policy,
)


def _judge_reference(resource: Resource) -> Iterator[Violation]:
    pods = pods_of(resource)
    for container in pods.containers if pods else ():
        written = container.spec.get("image")
        if isinstance(written, str) and written and images.parse(written) is None:
            message = f"container {container.name} has image {written!r}, which is no image reference"
            yield Violation(resource, (*container.path, "image"), message)


REFERENCE = Rule(
    code="FLT-IMAGE-002",
    name="image-reference-parses",
    title="An image is named by a valid reference",
    why="The kubelet refuses the name (InvalidImageName), so the pod never starts.",
    source="https://github.com/distribution/reference/blob/main/reference.go",
    remediation="Write the image as [host[:port]/]path[:tag][@digest], with a path in lower case.",
    scope=Scope.RESOURCE,
    judge=_judge_reference,
)

RULES = (PULL_POLICY, REFERENCE)
