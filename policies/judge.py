"""The judge: every rule over every resource, and never a rule that was silently passed."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any

from policies.findings import Finding, Level, Rule, Scope, Violation
from policies.objects import Objects
from policies.resources import Resource, read
from policies.rules import RULES
from policies.rules.known import KNOWN, undecided_message

Levels = Mapping[str, Level]
"""Levels by code or name, for rules whose level differs from their record's."""


def judge(resources: Iterable[Resource | Mapping[str, Any]], *, levels: Levels | None = None) -> list[Finding]:
    """Judge resources by all rules; give what was found, in an order that does not depend on theirs.

    A resource is a ``Resource``, a Kubernetes manifest, or an entry as in ``resources.json``
    (``{type, name, parent, inputs, opts}``). A rule that crashes or meets an unknown it needs is a mandatory finding.
    """
    known = [read(resource) for resource in resources]
    chosen = levels or {}
    found = [finding for resource in known for finding in judge_resource(resource, levels=chosen)]
    found += judge_stack(known, levels=chosen)
    return in_order(found)


def judge_resource(resource: Resource, *, levels: Levels | None = None) -> list[Finding]:
    """Judge one resource by the rules that need no other."""
    return _judge(Scope.RESOURCE, resource, [resource], levels or {})


def judge_stack(resources: Iterable[Resource], *, levels: Levels | None = None) -> list[Finding]:
    """Judge all resources of a stack by the rules that compare them."""
    objects = Objects(resources)
    return _judge(Scope.STACK, objects, objects.resources, levels or {})


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Sort findings and drop what is said twice, as when an object was read twice from the same place."""
    unique = {(finding.sort_key, finding.resource.file, finding.resource.document): finding for finding in findings}
    return sorted(unique.values(), key=lambda finding: finding.sort_key)


def level_of(rule: Rule, levels: Levels) -> Level:
    """Give a rule's level; that what could not be judged counts as failed is no matter of choice."""
    if rule is KNOWN:
        return Level.MANDATORY
    return levels.get(rule.code, levels.get(rule.name, rule.level))


def _judge(scope: Scope, subject: Any, resources: Sequence[Resource], levels: Levels) -> list[Finding]:  # noqa: ANN401
    found: list[Finding] = []
    for rule in RULES:
        if resources and rule.scope is scope and (level := level_of(rule, levels)) is not Level.DISABLED:
            found.extend(_run(rule, level, subject, resources))
    return in_order(found)


def _run(rule: Rule, level: Level, subject: Any, resources: Sequence[Resource]) -> Iterator[Finding]:  # noqa: ANN401
    try:
        for violation in rule.judge(subject):
            yield _finding(rule, level, violation)
    except Exception as crash:  # noqa: BLE001  (whatever goes wrong in a rule must not let the resource pass)
        first = resources[0]
        yield Finding(rule=rule, level=Level.MANDATORY, resource=first, path=(), message=_crashed(crash))


def _finding(rule: Rule, level: Level, violation: Violation) -> Finding:
    if violation.undecided:
        rule, level, message = KNOWN, Level.MANDATORY, undecided_message(violation.path)
    else:
        message = violation.message
    return Finding(rule=rule, level=level, resource=violation.resource, path=violation.path, message=message)


def _crashed(crash: Exception) -> str:
    """Say where a rule crashed, without the exception's own words: they may quote a secret."""
    frame = traceback.extract_tb(crash.__traceback__)[-1]
    return f"the rule crashed with {type(crash).__name__} at {FilePath(frame.filename).name}:{frame.lineno}"
