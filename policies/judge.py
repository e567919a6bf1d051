"""The judge: every rule over every resource, and never a rule that was silently passed."""

from __future__ import annotations

import traceback
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path as FilePath
from typing import Any

from policies.credentials.hidden import safe
from policies.findings import Finding, Level, Rule, Scope, Violation
from policies.objects import Objects
from policies.resources import Resource, read
from policies.rules import RULES
from policies.rules.exempted import EXPIRED, UNUSED
from policies.rules.known import KNOWN, undecided_message
from policies.settings import Exemption, Settings

NAMES = frozenset(name for rule in RULES for name in (rule.code, rule.name))
"""What levels and exemptions may call a rule."""
FIXED = (KNOWN, EXPIRED)
"""Rules whose level is no matter of choice: what could not be judged counts as failed, an exemption ends on its day."""


@dataclass(slots=True)
class Judgement:
    """What was found, what was exempted by what, and what was left out."""

    findings: list[Finding] = field(default_factory=list)
    exempted: list[tuple[Finding, Exemption]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def used(self) -> set[Exemption]:
        """The exemptions that covered something."""
        return {exemption for _, exemption in self.exempted}


def judge(resources: Iterable[Resource | Mapping[str, Any]], *, settings: Settings | None = None) -> list[Finding]:
    """Judge resources by all rules; give what was found, in an order that does not depend on theirs.

    A resource is a ``Resource``, a Kubernetes manifest, or an entry as in ``resources.json``
    (``{type, name, parent, inputs, opts}``). A rule that crashes or meets an unknown it needs is a mandatory finding.
    """
    return examine(resources, settings=settings).findings


def examine(resources: Iterable[Resource | Mapping[str, Any]], *, settings: Settings | None = None) -> Judgement:
    """Judge as ``judge`` does, and say also what was exempted and what could not be judged."""
    chosen = settings or Settings()
    known = [read(resource) for resource in resources]
    objects = Objects(known, world=chosen.world, purpose=chosen.purpose)
    found = [
        finding for resource in objects.resources for finding in _judge(Scope.RESOURCE, resource, [resource], chosen)
    ]
    found += _judge(Scope.STACK, objects, known, chosen)
    judgement = sift(without_echoes(found), chosen)
    judgement.findings = in_order([*judgement.findings, *exemption_findings(judgement.used, chosen)])
    judgement.notes = objects.notes.lines()
    return judgement


def judge_resource(resource: Resource, *, settings: Settings | None = None) -> Judgement:
    """Judge one resource by the rules that need no other."""
    chosen = settings or Settings()
    return sift(in_order(without_echoes(_judge(Scope.RESOURCE, resource, [resource], chosen))), chosen)


def judge_stack(resources: Iterable[Resource], *, settings: Settings | None = None) -> Judgement:
    """Judge all resources of a stack by the rules that compare them."""
    chosen = settings or Settings()
    objects = Objects(resources, world=chosen.world, purpose=chosen.purpose)
    judgement = sift(in_order(_judge(Scope.STACK, objects, objects.resources, chosen)), chosen)
    judgement.notes = objects.notes.lines()
    return judgement


def without_echoes(findings: Iterable[Finding]) -> list[Finding]:
    """Leave out what a general rule says of a field, or of one that is missing, that another rule speaks of as well."""
    found = list(findings)
    spoken = {(id(one.resource), one.path, one.level) for one in found if not one.rule.general}

    def is_echo(finding: Finding) -> bool:
        levels = {finding.level, Level.MANDATORY}
        places = (finding.path, finding.path[:-1]) if finding.path else ()
        return any((id(finding.resource), place, level) in spoken for place in places for level in levels)

    return [one for one in found if not (one.rule.general and is_echo(one))]


def sift(findings: Iterable[Finding], settings: Settings) -> Judgement:
    """Part what is exempted today from what is not; no exemption covers what could not be judged."""
    valid = [exemption for exemption in settings.exemptions if exemption.expires >= settings.today]
    judgement = Judgement()
    for finding in findings:
        covering = None if finding.rule is KNOWN else next((one for one in valid if one.covers(finding)), None)
        if covering is None or finding.crashed:
            judgement.findings.append(finding)
        else:
            judgement.exempted.append((finding, covering))
    return judgement


def exemption_findings(used: Collection[Exemption], settings: Settings) -> Iterator[Finding]:
    """Give what is wrong with the exemptions themselves, once everything was judged: expired, or not needed."""
    for exemption in settings.exemptions:
        subject = Resource(type="exemption", name=exemption.where or str(exemption), inputs={})
        if exemption.expires < settings.today:
            yield Finding(EXPIRED, EXPIRED.level, subject, message=f"{exemption} has expired")
        elif exemption not in used and (level := settings.level_of(UNUSED)) is not Level.DISABLED:
            yield Finding(UNUSED, level, subject, message=f"{exemption} covers no finding")


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Sort findings and drop what is said twice, as when an object was read twice from the same place."""
    unique = {(finding.sort_key, finding.resource.file, finding.resource.document): finding for finding in findings}
    return sorted(unique.values(), key=lambda finding: finding.sort_key)


@cache
def _resource_rules(group: str, kind: str) -> tuple[Rule, ...]:
    """Give the rules that look at a kind; asked once a kind, so a large fleet does not pay for rules of other kinds."""
    rules = (rule for rule in RULES if rule.scope is Scope.RESOURCE)
    return tuple(rule for rule in rules if rule.kinds is None or group in rule.kinds.get(kind, ()))


_STACK_RULES = tuple(rule for rule in RULES if rule.scope is Scope.STACK)


def _judge(scope: Scope, subject: Any, resources: Sequence[Resource], settings: Settings) -> list[Finding]:  # noqa: ANN401
    found: list[Finding] = []
    if not resources:
        return found
    rules = _STACK_RULES if scope is Scope.STACK else _resource_rules(resources[0].api[0], resources[0].kind)
    chosen = settings.levels
    for rule in rules:
        level = settings.level_of(rule) if chosen and rule not in FIXED else rule.level
        if level is not Level.DISABLED:
            try:  # here, and in no generator of its own: most rules find nothing, which should cost next to nothing
                for violation in rule.judge(subject):
                    found.append(_finding(rule, level, violation))  # noqa: PERF401  (extend makes a generator more)
            except Exception as crash:  # noqa: BLE001  (whatever goes wrong in a rule must not let the resource pass)
                found.append(Finding(rule, Level.MANDATORY, resources[0], message=_crashed(crash), crashed=True))
    return found


def _finding(rule: Rule, level: Level, violation: Violation) -> Finding:
    if violation.undecided:
        return Finding(
            KNOWN, Level.MANDATORY, violation.resource, violation.path, message=undecided_message(violation.path)
        )
    message = safe(violation.message, violation.resource.inputs, violation.path)
    return Finding(rule, level, violation.resource, violation.path, message=message)


def _crashed(crash: Exception) -> str:
    """Say where a rule crashed, without the exception's own words: they may quote a secret."""
    frame = traceback.extract_tb(crash.__traceback__)[-1]
    return f"the rule crashed with {type(crash).__name__} at {FilePath(frame.filename).name}:{frame.lineno}"
