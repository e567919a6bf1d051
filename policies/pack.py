"""The rules as a CrossGuard pack: few policies, for each one costs every resource a copy of its properties.

A policy has one level in CrossGuard, a rule has its own: what a rule at level advisory finds is handed to the advisory
policy that runs right after, in the same call. Unknowns are turned into ``UNKNOWN`` before any rule sees them, since
CrossGuard lets a resource pass whose policy touched one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

from policies.findings import Finding, Level
from policies.judge import Levels, judge_resource, judge_stack
from policies.resources import Resource
from policies.rules import RULES
from policies.values import plain

NAME = "flotilla"
LEVELS = "levels"
"""The key of each policy's config: rule code or name to ``mandatory``, ``advisory`` or ``disabled``."""


class _Advice(threading.local):
    """Advisory findings on their way from one policy to the next; a call of the engine stays in one thread."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def take(self) -> list[Finding]:
        taken, self.findings = self.findings, []
        return taken


_ADVICE = _Advice()


class _ResourceAdvice(ResourceValidationPolicy):
    """The advisory half for resources; without advice it costs no copy of the properties."""

    def has_validation(self) -> bool:
        return bool(_ADVICE.findings)


def _report(findings: list[Finding], report: ReportViolation) -> None:
    for finding in findings:
        report(message(finding), finding.resource.urn)


def message(finding: Finding) -> str:
    """Write a finding as the engine shows it: code, resource, what is wrong, what to do."""
    return f"{finding.rule.code} {finding.resource.title}: {finding.message}. {finding.remediation}"


def _levels(config: Mapping[str, Any]) -> Levels:
    known = {key for rule in RULES for key in (rule.code, rule.name)}
    chosen = dict(config.get(LEVELS) or {})
    if strangers := sorted(chosen.keys() - known):
        raise ValueError(f"no rule is called {', '.join(strangers)}")
    return {key: Level(value) for key, value in chosen.items()}


def _guarded(config: Mapping[str, Any], report: ReportViolation, judged: Callable[[Levels], list[Finding]]) -> None:
    """Report what ``judged`` finds; a config that cannot be read is a violation, because nothing was judged by it."""
    _ADVICE.take()
    try:
        levels = _levels(config)
    except ValueError as error:
        report(f"{NAME}: the pack's config is wrong at {LEVELS}: {error}. Name rules by code and levels by name.", None)
        return
    findings = judged(levels)
    _ADVICE.findings = [finding for finding in findings if finding.level is Level.ADVISORY]
    _report([finding for finding in findings if finding.level is Level.MANDATORY], report)


def _resource(source: Any) -> Resource:  # noqa: ANN401  (what CrossGuard hands over, alone or in a stack)
    inputs = plain(source.props)
    return Resource(
        type=source.resource_type,
        name=source.name,
        inputs=inputs if isinstance(inputs, dict) else {},
        protect=source.opts.protect,
        urn=source.urn,
    )


def _validate_resource(args: ResourceValidationArgs, report: ReportViolation) -> None:
    _guarded(args.get_config(), report, lambda levels: judge_resource(_resource(args), levels=levels))


def _validate_stack(args: StackValidationArgs, report: ReportViolation) -> None:
    resources = [_resource(resource) for resource in args.resources]
    _guarded(args.get_config(), report, lambda levels: judge_stack(resources, levels=levels))


def _advise(_: ResourceValidationArgs | StackValidationArgs, report: ReportViolation) -> None:
    _report(_ADVICE.take(), report)


def _schema() -> PolicyConfigSchema:
    choice = {"type": "string", "enum": [level.value for level in Level]}
    rules = {key: choice for rule in RULES for key in (rule.code, rule.name)}
    return PolicyConfigSchema(
        properties={LEVELS: {"type": "object", "properties": rules, "additionalProperties": False}}
    )


POLICIES: tuple[Policy, ...] = (
    ResourceValidationPolicy(
        name="flotilla-resources",
        description="Each resource keeps the rules that need no other resource to judge.",
        validate=_validate_resource,
        enforcement_level=EnforcementLevel.MANDATORY,
        config_schema=_schema(),
    ),
    _ResourceAdvice(
        name="flotilla-resources-advice",
        description="What the rules at level advisory find in a resource.",
        validate=_advise,
        enforcement_level=EnforcementLevel.ADVISORY,
    ),
    StackValidationPolicy(
        name="flotilla-stack",
        description="The resources of the stack agree with each other.",
        validate=_validate_stack,
        enforcement_level=EnforcementLevel.MANDATORY,
        config_schema=_schema(),
    ),
    StackValidationPolicy(
        name="flotilla-stack-advice",
        description="What the rules at level advisory find between resources.",
        validate=_advise,
        enforcement_level=EnforcementLevel.ADVISORY,
    ),
)


def start() -> None:
    """Serve the pack to the engine; does not return."""
    PolicyPack(NAME, policies=list(POLICIES), enforcement_level=EnforcementLevel.MANDATORY)
