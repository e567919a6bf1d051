"""No change takes data away: what the engine means to replace or delete, read from a preview or a state.

A digest of ``pulumi preview --json`` holds what changes, with what was; a state holds what an interrupted update left
to delete. CrossGuard shows neither, so under it ``protect`` is the guard (FLT-STORAGE-001).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from policies.findings import Level, Rule, Scope, Violation
from policies.objects import Objects
from policies.purpose import Purpose
from policies.resources import Resource
from policies.rules.storage import data_in
from policies.values import Path

_STEP: Final = re.compile(r"\[\"?([^\]\"]+)\"?\]|([^.\[\]]+)")
_ENDS: Final = {
    "replace": "is replaced{reasons}: the new one starts empty",
    "delete": "is deleted, because the stack no longer has it",
    "pending-delete": "waits in the state to be deleted by the next update, left there by one that was interrupted",
    "pending-replacement": "was deleted by an update that was interrupted, and the next one makes an empty one",
}


def _lost(objects: Objects) -> Iterator[tuple[Violation, Purpose | None, bool]]:
    """Give each loss of data, with the purpose of what is lost and whether the stack holds it to be protected."""
    for resource in objects.leaving:
        what = data_in(resource)
        if not what or (resource.retain_on_delete and resource.leaving in {"delete", "pending-delete"}):
            continue
        reasons = f" for a change of {', '.join(resource.reasons)}" if resource.reasons else ""
        message = f"holds data ({what}) and " + _ENDS[resource.leaving].format(reasons=reasons)
        yield Violation(resource, _path(resource), message), objects.purpose_of(resource), resource.protect


def _path(resource: Resource) -> Path:
    key = resource.reasons[0] if resource.reasons else ""
    steps = [inside or plain for inside, plain in _STEP.findall(key)]
    return tuple(int(step) if step.isdecimal() else step for step in steps)


def _judge_lasting(objects: Objects) -> Iterator[Violation]:
    for violation, purpose, protected in _lost(objects):
        if purpose is Purpose.PRODUCTION or (purpose is None and protected):
            yield violation


LASTING = Rule(
    code="FLT-STORAGE-005",
    name="production-data-is-not-replaced",
    title="No update deletes or replaces what holds production data",
    why="A replacement is a new, empty database under the old name: the data is gone when the update ends.",
    source="https://www.pulumi.com/docs/iac/concepts/resources/options/deletebeforereplace/",
    remediation="Take the change back (or ignore it by ignoreChanges), and move the data in a step of its own.",
    scope=Scope.STACK,
    judge=_judge_lasting,
)


def _judge_meant(objects: Objects) -> Iterator[Violation]:
    for violation, purpose, protected in _lost(objects):
        if purpose is None and not protected:
            yield violation


MEANT = Rule(
    code="FLT-STORAGE-006",
    name="a-loss-of-data-is-meant",
    title="An update that deletes data is of a stack that says its data may be lost",
    why="Nobody can tell from this preview whether the data matters, and an update takes it for good.",
    source="https://www.pulumi.com/docs/iac/concepts/resources/options/deletebeforereplace/",
    remediation="Take the change back, or preview with --show-sames so that the Namespace shows the stack's purpose.",
    scope=Scope.STACK,
    level=Level.ADVISORY,
    judge=_judge_meant,
)

RULES = (LASTING, MEANT)
