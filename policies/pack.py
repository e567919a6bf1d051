"""The rules as a CrossGuard pack: few policies, for each one costs every resource a copy of its properties.

A policy has one level in CrossGuard, a rule has its own: what a rule at level advisory finds is handed to the advisory
policy that runs right after, in the same call. Unknowns are turned into ``UNKNOWN`` before any rule sees them, since
CrossGuard lets a resource pass whose policy touched one.
"""

from __future__ import annotations

import gc
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
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
from policies.judge import NAMES, Judgement, exemption_findings, judge_resource, judge_stack
from policies.remediation import fixes
from policies.resources import Resource
from policies.settings import Exemption, Settings, SettingsError, beside_the_pack, merged, parse
from policies.values import plain

NAME = "flotilla"
SEEN = frozenset({"protect"})
"""The one option of those that keep storage which CrossGuard shows."""


class _Advice(threading.local):
    """Advisory findings on their way from one policy to the next; a call of the engine stays in one thread."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def take(self) -> list[Finding]:
        taken, self.findings = self.findings, []
        return taken


_ADVICE = _Advice()
_USED: set[Exemption] = set()
_ASKED: dict[str, dict[str, Any]] = {}
"""What was asked for, by URN. During an update a stack policy is given the live objects instead, with their defaults
and with what controllers wrote: an autoscaler's replicas would count as the program's."""
"""The exemptions that covered something so far; a pack serves one preview or one update."""


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


def _settings(config: Mapping[str, Any]) -> Settings:
    own = {key: value for key, value in plain(config).items() if value is not None}
    return _parsed(json.dumps(own, sort_keys=True, default=str))


@lru_cache
def _parsed(config: str) -> Settings:
    """Read the settings once, not once a resource. A mistake is not cached, so it is reported at every resource."""
    return merged(beside_the_pack(NAMES), parse(json.loads(config), where="the pack's config", known=NAMES))


def _guarded(
    config: Mapping[str, Any], report: ReportViolation, judged: Callable[[Settings], Judgement], *, last: bool = False
) -> None:
    """Report what ``judged`` finds; settings that cannot be read are a violation, because nothing was judged by them.

    The stack is judged last, so only then is it known which exemptions nothing needed.
    """
    _ADVICE.take()
    try:
        settings = _settings(config)
    except SettingsError as error:
        report(f"{NAME}: {error}", None)
        return
    judgement = judged(settings)
    findings = list(judgement.findings)
    _USED.update(judgement.used)
    if last:
        findings += exemption_findings(_USED, settings)
    _ADVICE.findings = [finding for finding in findings if finding.level is Level.ADVISORY]
    _report([finding for finding in findings if finding.level is Level.MANDATORY], report)


def _resource(source: Any) -> Resource:  # noqa: ANN401  (what CrossGuard hands over, alone or in a stack)
    inputs = plain(source.props)
    return Resource(
        type=source.resource_type,
        name=source.name,
        inputs=inputs if isinstance(inputs, dict) else {},
        protect=bool(source.opts.protect),
        urn=source.urn,
        seen=SEEN,
        provider=source.provider.urn if source.provider else None,
    )


def _asked(resource: Resource) -> Resource:
    asked = _ASKED.get(resource.urn or "")
    return resource if asked is None else replace(resource, inputs=asked)


def _validate_resource(args: ResourceValidationArgs, report: ReportViolation) -> None:
    resource = _resource(args)
    _ASKED[args.urn] = resource.inputs
    _guarded(args.get_config(), report, lambda settings: judge_resource(resource, settings=settings))


def _validate_stack(args: StackValidationArgs, report: ReportViolation) -> None:
    resources = [_asked(_resource(resource)) for resource in args.resources]
    _guarded(args.get_config(), report, lambda settings: judge_stack(resources, settings=settings), last=True)


async def _remediate(args: ResourceValidationArgs) -> Mapping[str, Any]:
    """Correct what can be corrected for certain, in place, so that secrets stay secrets and unknowns unknown.

    No properties at all mean that nothing was changed. A coroutine, because the SDK's type asks for one.
    """
    try:
        settings = _settings(args.get_config())
    except SettingsError:
        return {}  # the validation that runs next says what is wrong
    wanted = list(fixes(judge_resource(_resource(args), settings=settings).findings))
    for fix in wanted:
        target: Any = args.props
        for step in fix.path[:-1]:
            target = target[step]
        target[fix.path[-1]] = fix.value
    properties: Mapping[str, Any] = args.props if wanted else {}
    return properties


def _advise(_: ResourceValidationArgs | StackValidationArgs, report: ReportViolation) -> None:
    _report(_ADVICE.take(), report)


def _schema() -> PolicyConfigSchema:
    """Name the settings; what stands in them is checked by ``policies.settings``, whose errors name rule and remedy."""
    choice = {"type": "string", "enum": [level.value for level in Level]}
    levels = dict.fromkeys(sorted(NAMES), choice)
    return PolicyConfigSchema(
        properties={
            "levels": {"type": "object", "properties": levels, "additionalProperties": False},
            "exemptions": {"type": "array", "description": "What does not count: rule, resource, reason, expires."},
            "purpose": {"type": "string", "description": "What a stack without a labelled Namespace is for."},
            "world": {"type": "string", "description": "How complete a stack is: auto, open or closed."},
        }
    )


REMEDIATIONS = "flotilla-remediations"
"""Off unless the pack's config sets it to ``remediate``: a fix that nobody sees hides the mistake in the program."""
POLICIES: tuple[Policy, ...] = (
    ResourceValidationPolicy(
        name=REMEDIATIONS,
        description="Fixes what is certain: the pull policy of moving images, Traefik's dead API group.",
        remediate=_remediate,
        enforcement_level=EnforcementLevel.DISABLED,
        config_schema=_schema(),
    ),
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
    """Serve the pack to the engine; does not return.

    The rules and their tables live as long as the pack, so the collector is told not to walk them again and again.
    """
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    PolicyPack(NAME, policies=list(POLICIES), enforcement_level=EnforcementLevel.MANDATORY)
