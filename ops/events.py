"""What the Pulumi engine said, as plain records: steps, policy findings, failures and the final count.

A pure reading of the engine's event log (one JSON object a line, ``sdk/go/common/apitype/events.go`` of pulumi/pulumi),
so that it is tested from recorded logs without a CLI. It reads the log itself rather than the Automation API's
``on_event``: that drops an event it cannot parse, and a dropped policy finding would be a pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Event = Mapping[str, Any]

SAME = "same"
MANDATORY = "mandatory"
QUIET = frozenset({SAME, "read"})
"""Operations that change nothing and are not worth a line."""
COULD_NOT_RUN = "can't run policy"
"""How pulumi-policy 1.21 begins the advisory line of a policy that met an unknown value, whatever its level."""
_NO_REASON = frozenset({"preview failed", "update failed"})
_STATE_OF = {"resourcePreEvent": "begun", "resOutputsEvent": "done", "resOpFailedEvent": "failed"}


@dataclass(frozen=True, slots=True)
class Step:
    """One operation of the engine on one resource; ``state`` is begun, done or failed."""

    op: str
    urn: str
    state: str
    changed: tuple[str, ...] = ()

    @property
    def type(self) -> str:
        """The Pulumi type token."""
        return self.urn.split("::")[2].rsplit("$", 1)[-1]

    @property
    def name(self) -> str:
        """The logical name."""
        return name_of(self.urn)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a policy says of a resource (of the stack when ``urn`` is empty)."""

    policy: str
    level: str
    urn: str
    message: str

    @property
    def blocks(self) -> bool:
        """Whether nothing may be applied: a mandatory violation, or a rule that could not run and so never passed."""
        return self.level == MANDATORY or self.message.startswith(COULD_NOT_RUN)

    @property
    def line(self) -> str:
        """The finding in one line."""
        return f"{name_of(self.urn) or 'stack'}: {self.message} ({self.policy})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """All that one run of the engine came to; ``counts`` are resources by operation, ``seconds`` its duration."""

    steps: tuple[Step, ...]
    findings: tuple[Finding, ...]
    errors: tuple[str, ...]
    counts: Mapping[str, int]
    packs: tuple[str, ...]
    finished: bool
    succeeded: bool
    seconds: int

    @property
    def changes(self) -> Mapping[str, int]:
        """The counts without what stays as it is."""
        return {op: count for op, count in self.counts.items() if op not in QUIET}

    @property
    def refusals(self) -> tuple[str, ...]:
        """Why this run may not be followed by an update, a line each; empty when it may."""
        lines = [finding.line for finding in self.findings if finding.blocks]
        lines += self.errors
        if not self.packs:
            lines.append("the policy pack did not run")
        if not self.finished:
            lines.append("the engine stopped before it was done")
        elif not (self.succeeded or lines):
            lines.append("the engine failed and gave no reason")
        return tuple(lines)


def read(events: Iterable[Event]) -> Outcome:
    """Read a whole event log; one that breaks off gives an outcome that is not ``finished``."""
    told = list(events)
    summary: Mapping[str, Any] = next((event["summaryEvent"] for event in told if "summaryEvent" in event), {})
    return Outcome(
        steps=tuple(step for event in told if (step := step_of(event)) and step.state != "begun"),
        findings=tuple(_findings(told)),
        errors=tuple(dict.fromkeys(_errors(told))),
        counts=summary.get("resourceChanges") or {},
        packs=tuple(key.split("|")[0] for key in summary.get("PolicyPacks") or {}),
        finished=bool(summary),
        succeeded=summary.get("result") == "succeeded",
        seconds=summary.get("durationSeconds", 0),
    )


def step_of(event: Event) -> Step | None:
    """Give the step that an event tells of, None for any other event and for the stack's own pseudo resource."""
    for kind, state in _STATE_OF.items():
        if kind in event:
            told = event[kind]["metadata"]
            changed = tuple(told.get("detailedDiff") or told.get("diffs") or ())
            step = Step(told["op"], told["urn"], state, changed)
            return None if step.type == "pulumi:pulumi:Stack" else step
    return None


def name_of(urn: str) -> str:
    """Give the logical name that ends a URN, empty when there is no URN."""
    return urn.rsplit("::", 1)[-1]


def _findings(events: Iterable[Event]) -> Iterator[Finding]:
    """Give each finding once: a preview reports the same one again where a policy runs twice."""
    seen = set()
    for event in events:
        if told := event.get("policyEvent"):
            finding = Finding(
                policy=told.get("policyName", ""),
                level=told.get("enforcementLevel", ""),
                urn=told.get("resourceUrn", ""),
                message=_said(told),
            )
            if finding not in seen:
                seen.add(finding)
                yield finding


def _said(told: Mapping[str, Any]) -> str:
    """Give a finding's own words: the engine puts the policy's description on a line before them."""
    lines = [line.strip() for line in told.get("message", "").splitlines() if line.strip()]
    return " ".join(lines[1:] or lines)


def _errors(events: Iterable[Event]) -> Iterator[str]:
    """Give what failed, in one line each.

    The program's stderr (``info#err``) is left out: after a failure the engine interrupts the program, whose
    traceback says nothing of the cause.
    """
    for event in events:
        told = event.get("diagnosticEvent") or {}
        message = " ".join(told.get("message", "").split())
        if told.get("severity") == "error" and message not in _NO_REASON:
            name = name_of(told.get("urn", ""))
            yield f"{name}: {message}" if name else message
        if "errorEvent" in event:
            yield " ".join(event["errorEvent"]["error"].split())
