"""How images are pulled: a reference that can move must be looked up again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.findings import Rule, Scope, Violation
from policies.image_uses import uses
from policies.pods import POD_KINDS
from policies.resources import Resource
from policies.values import UNKNOWN

ALWAYS: Final = "Always"
POLICIES: Final = (ALWAYS, "IfNotPresent", "Never")
_SOURCE = "https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy"


def _judge_policy(resource: Resource) -> Iterator[Violation]:
    for use in uses(resource):
        image, policy = use.image, use.policy
        if image is None or policy is UNKNOWN or not image.mutable:
            continue
        effective = policy or image.default_pull_policy
        if effective in POLICIES and effective != ALWAYS:
            unset = "" if policy else ", the default where none is set"
            path = use.policy_path if policy else use.path
            yield Violation(resource, path, f"{use.user} takes {image}, which can move, with {effective}{unset}")


PULL_POLICY = Rule(
    code="FLT-IMAGE-001",
    name="moving-tag-is-pulled-again",
    title="An image whose tag can move is pulled at every start",
    why="A node that has the tag keeps the old image: some pods run old code, and no roll-out shows it.",
    source=_SOURCE,
    remediation="Name the image by a version or digest, or set imagePullPolicy to Always.",
    scope=Scope.RESOURCE,
    judge=_judge_policy,
    kinds=POD_KINDS,
)


def _judge_word(resource: Resource) -> Iterator[Violation]:
    for use in uses(resource):
        if use.policy not in (None, UNKNOWN, "", *POLICIES):
            message = f"{use.user} has pull policy {use.policy!r}, which is none of {', '.join(POLICIES)}"
            yield Violation(resource, use.policy_path, message)


POLICY_WORD = Rule(
    code="FLT-IMAGE-003",
    name="pull-policy-is-one-of-three",
    title="A pull policy is Always, IfNotPresent or Never, in this spelling",
    why="The API server refuses the object: nothing of it is applied.",
    source=_SOURCE,
    remediation="Write Always, IfNotPresent or Never.",
    scope=Scope.RESOURCE,
    judge=_judge_word,
    kinds=POD_KINDS,
)

RULES = (PULL_POLICY, POLICY_WORD)
