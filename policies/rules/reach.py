"""A route that another one always precedes never answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from heapq import nsmallest
from typing import Final

from policies.findings import Level, Rule, Scope, Violation
from policies.objects import Objects
from policies.routes import CONNECTION, EVERY_HOST, HTTP, HTTPS, TCP, TLS, Claim
from policies.values import Path

_DOCS: Final = "https://doc.traefik.io/traefik/reference/routing-configuration/http/routing/rules-and-priority/"
_SHOWN: Final = 3


def _judge_reach(objects: Objects) -> Iterator[Violation]:
    for claim, hidden in _hidden(objects):
        if claim.priority is not None or any(one.priority is not None for one in hidden):
            yield Violation(claim.owner, claim.path, _message(claim, hidden))
    yield from _judge_connections(objects)


def _message(claim: Claim, hiding: list[Claim]) -> str:
    answers = "never" if all((one.effective or 0) > (claim.effective or 0) for one in hiding) else "only by chance"
    goes = "goes first" if answers == "never" else "may go first"
    return f"has priority {claim.effective}, and {answers} answers for {claim.text}: {_by(hiding)} {goes}"


def _by(hiding: list[Claim]) -> str:
    first = max(hiding, key=lambda one: (one.effective or 0, one.owner.title))
    return f"{first.owner.title} takes {first.text} with priority {first.effective} and"


def _hidden(objects: Objects) -> Iterator[tuple[Claim, list[Claim]]]:
    """Give the first claim of every route that is preceded in all it claims, with what precedes it."""
    precedence = objects.precedence
    routes: dict[tuple[tuple[str, str, str, str], Path, int], list[Claim]] = defaultdict(list)
    for claim in objects.claims:
        if claim.effective is not None and claim.match != CONNECTION:
            routes[(*claim.route, id(claim.owner))].append(claim)
    for claims in routes.values():
        preceding = [precedence.broader(claim) for claim in claims]
        if all(preceding):
            yield claims[0], [one for found in preceding for one in found]


def _judge_connections(objects: Objects) -> Iterator[Violation]:
    """Compare what takes whole connections with what takes requests on the same entry point."""
    taken: dict[_Key, set[str]] = defaultdict(set)
    for claim in objects.claims:
        if claim.match != CONNECTION and claim.effective is not None:
            for point, protocol in claim.place.doors:
                host = claim.host if protocol == HTTPS else EVERY_HOST
                for shared in (point or _DEFAULT_ONES, _ANYWHERE):
                    taken[claim.place.proxy, shared, protocol, host].add(claim.owner.title)
    shown = {key: _listed(titles) for key, titles in taken.items()}
    for claim in objects.claims:
        if claim.match == CONNECTION and not claim.patterns and not claim.narrowing:
            for point, protocol in sorted(claim.place.doors, key=str):
                yield from _connection(claim, point, protocol, shown)


_Key = tuple[str | None, str, str, str]
_DEFAULT_ONES: Final = "(default)"
_ANYWHERE: Final = "(any)"


def _listed(titles: set[str]) -> str:
    first = nsmallest(_SHOWN, titles)
    return f"{', '.join(first)}{' and others' if len(titles) > len(first) else ''}"


def _connection(claim: Claim, point: str | None, protocol: str, shown: dict[_Key, str]) -> Iterator[Violation]:
    beside = {TCP: HTTP, TLS: HTTPS}.get(protocol)
    if beside is None or (protocol == TCP and claim.host != EVERY_HOST):
        return
    keys = [
        (claim.place.proxy, where, beside, claim.host) for where in ((point, _DEFAULT_ONES) if point else (_ANYWHERE,))
    ]
    others = next((shown[key] for key in keys if key in shown), None)
    if others is None:
        return
    at = f"entry point {point}" if point else "the default entry points"
    if protocol == TCP:
        message = f"takes every connection without TLS at {at}, so that {others} never answers there"
    else:
        message = f"never gets {claim.text} at {at}: {others} takes them first"
    yield Violation(claim.owner, claim.path, message)


REACHED = Rule(
    code="FLT-ROUTE-002",
    name="route-can-be-reached",
    title="No route is hidden whole behind one that goes first and takes as much or more",
    why="Traefik asks routes in order of priority and stops at the first that matches: what it hides never answers.",
    source=_DOCS,
    remediation="Give the narrower route the higher priority, or each its own host, path or entry point.",
    scope=Scope.STACK,
    judge=_judge_reach,
)


def _judge_order(objects: Objects) -> Iterator[Violation]:
    for claim, hiding in _hidden(objects):
        if claim.priority is None and all(one.priority is None for one in hiding):
            message = f"never answers for {claim.text}: {_by(hiding)} goes first, for its rule is no shorter"
            yield Violation(claim.owner, claim.path, message)
    precedence = objects.precedence
    for claim in objects.claims:
        if claim.effective is not None and claim.match != CONNECTION and (equals := precedence.equal(claim)):
            yield Violation(claim.owner, claim.path, _message(claim, equals))


MEANT_ORDER = Rule(
    code="FLT-ROUTE-006",
    name="order-of-routes-is-meant",
    title="What a priority, or the mere length of a rule, puts last is meant to rest",
    why="Without a priority the longer rule goes first, even the broader one; what comes second never answers.",
    source=_DOCS,
    remediation="Set the priority of the route that should answer, or delete the one that rests.",
    scope=Scope.STACK,
    judge=_judge_order,
    level=Level.ADVISORY,
)

RULES = (REACHED, MEANT_ORDER)
