"""A key stands once in its mapping: of two, YAML's readers keep one and say nothing, or refuse the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from policies.findings import Level, Rule, Scope, Violation
from policies.resources import Resource
from policies.values import dotted

_SPEC = "https://yaml.org/spec/1.2.2/#3213-node-comparison"


def _judge(*, differs: bool) -> Callable[[Resource], Iterator[Violation]]:
    def judge(resource: Resource) -> Iterator[Violation]:
        for one in resource.derived.get("repeated", ()):
            if one.differs is differs:
                ending = "of which only the last counts" if differs else "both times with the same value"
                message = f"writes {dotted(one.path)} twice, in lines {one.line} and {one.again}, {ending}"
                yield Violation(resource, one.path, message)

    return judge


LOST = Rule(
    code="FLT-FIELD-008",
    name="key-is-written-once",
    title="A key stands once in its mapping",
    why="kubectl keeps the last of the two and drops the other without a word; kustomize refuses the file.",
    source=_SPEC,
    remediation="Join what the two hold under one key, or remove the one that is not meant.",
    scope=Scope.RESOURCE,
    judge=_judge(differs=True),
)
COPIED = Rule(
    code="FLT-FIELD-009",
    name="key-has-no-copy",
    title="A key does not stand twice with the same value",
    why="kustomize and other strict readers refuse the file, and the next change is made to one of the two.",
    source=_SPEC,
    remediation="Remove one of the two.",
    scope=Scope.RESOURCE,
    judge=_judge(differs=False),
    level=Level.ADVISORY,
)

RULES = (LOST, COPIED)
