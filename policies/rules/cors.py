"""Which pages of other sites may read an answer: named ones, spelled as browsers spell them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from policies.allowances import ALLOWING_KINDS, allowances
from policies.allowed_by_name import Allowance
from policies.findings import Level, Rule, Scope, Violation
from policies.ingresses import INGRESS_KINDS
from policies.objects import Objects
from policies.origins import (
    NULL,
    WILDCARD,
    is_unfit_for_production,
    let_in,
    lets_in_plain,
    opens_to_all,
    problem,
)
from policies.patterns import PatternError
from policies.purpose import Purpose
from policies.resources import Resource
from policies.variables import variables

_MDN: Final = "https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/CORS"
_BARE_HOST: Final = re.compile(r"[\w-]+(?:\.[\w-]+)+(?::\d+)?/?")
_STAGES: Final = {
    **dict.fromkeys(("production", "prod", "live"), Purpose.PRODUCTION),
    **dict.fromkeys(("staging", "stage", "dev", "development", "test", "testing", "preview", "local"), Purpose.TEST),
}
_STAGE_NAMES: Final = frozenset({"ENVIRONMENT", "ENV", "APP_ENV", "DEPLOY_ENV", "STAGE"})


def _is_open(one: Allowance) -> bool:
    return one.kind not in {"regex", "pattern"} and (one.origin == NULL or opens_to_all(one.origin))


def _opening(one: Allowance) -> str:
    where = f" ({one.note})" if one.note else ""
    shown = "" if one.hidden else f" by {one.origin!r}"
    if one.origin == NULL:
        return f"lets in the origin 'null'{where}, which any sandboxed frame has"
    cookies = ", with credentials, which browsers refuse together" if one.credentials and one.origin == WILDCARD else ""
    return f"lets the pages of every site read its answers{shown}{where}{cookies}"


def _judge_wildcards(resource: Resource) -> Iterator[Violation]:
    for one in allowances(resource):
        if _is_open(one) and not one.static:
            yield Violation(resource, one.path, _opening(one))


WILDCARDS = Rule(
    code="FLT-CORS-001",
    name="cors-origins-are-named",
    title="CORS lets in named origins, never every site",
    why="Any page that a customer has open can then read what the API answers to that customer's browser.",
    source=_MDN,
    remediation="Name each origin that needs it, such as https://shop.example.",
    scope=Scope.RESOURCE,
    judge=_judge_wildcards,
    kinds=ALLOWING_KINDS,
)


def _judge_patterns(resource: Resource) -> Iterator[Violation]:
    for one in allowances(resource):
        if message := _foreign(one):
            yield Violation(resource, one.path, message)


def _foreign(one: Allowance) -> str | None:
    if one.kind in {"regex", "pattern"}:
        try:
            found = let_in(one.origin, anchored=one.kind == "pattern")
        except PatternError as error:
            if one.kind == "pattern":
                return None
            return (
                f"has a pattern of origins that Traefik refuses, with all of the Middleware: {one.origin!r} ({error})"
            )
        if found:
            if one.hidden:
                return f"lets in strangers by its pattern ({one.note}): {found[1]}"
            return f"lets in {found[0]} by {one.origin!r}: {found[1]}"
    elif one.resource.is_a(INGRESS_KINDS) and _BARE_HOST.fullmatch(one.origin) and one.kind == "list":
        return f"lets in https://evil{one.origin} by {one.origin!r}: without a scheme only the end has to match"
    return None


PATTERNS = Rule(
    code="FLT-CORS-002",
    name="cors-patterns-match-no-stranger",
    title="A pattern of CORS origins matches its own sites and nobody else's",
    why="A pattern is found anywhere in an origin unless it is anchored, and an attacker registers the name that fits.",
    source="https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/headers/",
    remediation=r"Anchor and escape it, as in ^https://[a-z0-9-]+\.shop\.example$, or list the origins.",
    scope=Scope.RESOURCE,
    judge=_judge_patterns,
    kinds=ALLOWING_KINDS,
)


def _judge_spelling(resource: Resource) -> Iterator[Violation]:
    for one in allowances(resource):
        if one.kind in {"list", "header"} and not opens_to_all(one.origin) and (reason := _never(one)):
            yield Violation(resource, one.path, f"lets in {one.origin!r}, which matches no browser: it {reason}")


def _never(one: Allowance) -> str | None:
    if one.kind == "header" and len(one.origin.replace(",", " ").split()) > 1:
        return "names several origins, and the header holds one"
    if WILDCARD in one.origin:
        return None if one.matches_stars else "has a star, which is taken literally"
    if one.resource.is_a(INGRESS_KINDS) and ("://" not in one.origin or one.origin != one.origin.lower()):
        return None
    return problem(one.origin)


SPELLING = Rule(
    code="FLT-CORS-003",
    name="cors-origins-are-origins",
    title="A CORS origin is spelled as browsers send it: scheme, host and port",
    why="Origins are compared letter by letter: an entry with a slash, path or star matches none, and no shop gets in.",
    source="https://www.rfc-editor.org/rfc/rfc6454#section-7",
    remediation="Write https://shop.example, without a path; for many names use accessControlAllowOriginListRegex.",
    scope=Scope.RESOURCE,
    judge=_judge_spelling,
    kinds=ALLOWING_KINDS,
)


def _judge_production(objects: Objects) -> Iterator[Violation]:
    for resource in objects.resources:
        doubtful = [one for one in allowances(resource) if one.strict and not one.hidden and not _is_open(one)]
        for one in doubtful:
            if reason := _unfit(one, objects):
                name = f" ({one.note})" if one.note else ""
                yield Violation(resource, one.path, f"lets in {one.origin!r}{name}, which {reason}")


def _unfit(one: Allowance, objects: Objects) -> str | None:
    if one.kind in {"regex", "pattern"}:
        return None
    if one.kind == "variable" and WILDCARD in one.origin and "." in one.origin:
        tried_out = _purpose(one.resource, objects) in (Purpose.TEST, Purpose.DISPOSABLE)
        return None if tried_out else "is no exact origin"
    reason = is_unfit_for_production(one.origin)
    return reason if reason and _purpose(one.resource, objects) is Purpose.PRODUCTION else None


def _purpose(resource: Resource, objects: Objects) -> Purpose | None:
    """Give what a resource is for: a Worker lives in no labelled namespace, but is mostly told which stage it is."""
    for variable in () if resource.kind else variables(resource):
        if variable.name.upper() in _STAGE_NAMES and variable.value.lower() in _STAGES:
            return _STAGES[variable.value.lower()]
    return objects.purpose_of(resource)


PRODUCTION = Rule(
    code="FLT-CORS-004",
    name="cors-is-exact-in-production",
    title="In production CORS lets in exact, encrypted, public origins",
    why="A developer's origin in production lets in whatever runs on a visitor's machine or on the same open network.",
    source="https://owasp.org/www-community/attacks/CORS_OriginHeaderScrutiny",
    remediation="Name the shops' own https origins; keep localhost and wildcards to stacks labelled test.",
    scope=Scope.STACK,
    judge=_judge_production,
)


def _judge_doubts(resource: Resource) -> Iterator[Violation]:
    for one in allowances(resource):
        if message := _doubt(one):
            yield Violation(resource, one.path, message)


def _doubt(one: Allowance) -> str | None:
    if one.static and _is_open(one):
        return f"lets every site read it by {one.origin!r}, which is right only for what is public for good"
    if one.kind == "regex" and not _foreign(one) and (plain := lets_in_plain(one.origin)):
        return f"lets in {plain} too by {one.origin!r}: whoever is on the line can be that page"
    certain = one.strict and not one.hidden and one.kind == "variable" and not opens_to_all(one.origin)
    if certain and ("://" in one.origin or _BARE_HOST.fullmatch(one.origin)) and (reason := problem(one.origin)):
        return f"names the origin {one.origin!r} ({one.note}), which {reason}"
    return None


DOUBTS = Rule(
    code="FLT-CORS-005",
    name="cors-is-no-wider-than-needed",
    title="CORS is no wider than it has to be, and origins in settings are spelled as browsers send them",
    why="What is readable by everybody today may hold more tomorrow, and an application may compare letter by letter.",
    source=_MDN,
    remediation="Name the origins, with https and without a path, or say in an exemption why everybody may read it.",
    scope=Scope.RESOURCE,
    judge=_judge_doubts,
    level=Level.ADVISORY,
    kinds=ALLOWING_KINDS,
)

RULES = (WILDCARDS, PATTERNS, SPELLING, PRODUCTION, DOUBTS)
