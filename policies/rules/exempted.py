"""Exemptions end: one that has expired, or that nothing needs any more, is itself a finding.

Both are worked out by the judge once everything else was judged, so the records have no function of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.findings import Level, Rule, Scope, Violation


def _after_the_rest(_: Any) -> Iterator[Violation]:  # noqa: ANN401
    yield from ()


EXPIRED = Rule(
    code="FLT-EXEMPT-001",
    name="exemption-has-not-expired",
    title="An exemption holds until its day and no longer",
    why="An exemption is a debt with a date; one that outlives its date is a rule that was silently switched off.",
    source="https://github.com/open-policy-agent/gatekeeper-library/issues/159",
    remediation="Correct what the rule finds and delete the exemption, or decide anew and give it a new day.",
    scope=Scope.STACK,
    judge=_after_the_rest,
)
UNUSED = Rule(
    code="FLT-EXEMPT-002",
    name="exemption-is-needed",
    title="An exemption covers something",
    why="An exemption that covers nothing waits for a mistake to hide, or has a typing error and never did.",
    source="https://github.com/stackrox/kube-linter/issues/1180",
    remediation="Delete the exemption, or correct its rule, resource or container.",
    scope=Scope.STACK,
    judge=_after_the_rest,
    level=Level.ADVISORY,
)
RULES = (EXPIRED, UNUSED)
