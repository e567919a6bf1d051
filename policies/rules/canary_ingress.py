"""Canaries of ingress-nginx: annotations on a second Ingress for the same host."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from policies.findings import Rule, Scope, Violation
from policies.ingresses import INGRESS_KINDS
from policies.objects import Objects
from policies.resources import Resource
from policies.routes import canonical_host
from policies.values import UNKNOWN, Path, each, mapping, scalar
from policies.world import World

_PREFIX: Final = "nginx.ingress.kubernetes.io/"
_CANARY: Final = f"{_PREFIX}canary"
_WEIGHT: Final = f"{_CANARY}-weight"
_TOTAL: Final = f"{_CANARY}-weight-total"
_HEADER: Final = f"{_CANARY}-by-header"
_COOKIE: Final = f"{_CANARY}-by-cookie"
_VALUES: Final = (f"{_HEADER}-value", f"{_HEADER}-pattern")
_WHOLE: Final = 100
_NUMBER: Final = re.compile(r"[0-9]{1,9}", re.ASCII)
_SOURCE: Final = "https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#canary"


def _is_canary(resource: Resource) -> bool:
    return resource.annotations.get(_CANARY) in ("true", True)


def _number(value: Any) -> int | None:  # noqa: ANN401
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return int(text) if _NUMBER.fullmatch(text) else None


def _judge_annotations(resource: Resource) -> Iterator[Violation]:
    notes = resource.annotations
    own = [key for key in notes if key.startswith(f"{_CANARY}-")]
    path: Path = ("metadata", "annotations")
    for key, message in _wrong_weights(notes):
        yield Violation(resource, (*path, key), message)
    if own and _CANARY not in notes:
        message = (
            f"sets {own[0].removeprefix(_PREFIX)} without canary, so it is no canary but a second owner of its host"
        )
        yield Violation(resource, (*path, own[0]), message)
    if _is_canary(resource) and not {_WEIGHT, _HEADER, _COOKIE} & notes.keys():
        message = "is a canary without canary-weight, canary-by-header or canary-by-cookie, so no request goes there"
        yield Violation(resource, (*path, _CANARY), message)
    for key in (key for key in _VALUES if key in notes and _HEADER not in notes):
        message = f"sets {key.removeprefix(_PREFIX)} without canary-by-header, so it is ignored"
        yield Violation(resource, (*path, key), message)


def _wrong_weights(notes: dict[str, Any]) -> Iterator[tuple[str, str]]:
    total = _number(notes[_TOTAL]) if _TOTAL in notes else _WHOLE
    if _TOTAL in notes and notes[_TOTAL] is not UNKNOWN and not total:
        yield _TOTAL, f"has canary-weight-total {notes[_TOTAL]!r}, which is no number above 0"
    weight = notes.get(_WEIGHT)
    number = _number(weight)
    if weight in (None, UNKNOWN):
        return
    if number is None:
        yield _WEIGHT, f"has canary-weight {weight!r}, which is no whole number from 0"
    elif total and number > total:
        yield _WEIGHT, f"has canary-weight {number}, more than the total of {total}"


ANNOTATIONS = Rule(
    code="FLT-CANARY-014",
    name="ingress-canary-is-valid",
    title="A canary Ingress has annotations that ingress-nginx can act on",
    why="The controller ignores what it cannot read: the canary gets no traffic, or competes for the whole host.",
    source=_SOURCE,
    remediation='Set canary to "true" and canary-weight to a number from 0 to canary-weight-total (100).',
    scope=Scope.RESOURCE,
    judge=_judge_annotations,
    kinds=INGRESS_KINDS,
)
Paths = dict[tuple[str, str], list[tuple[Resource, Any]]]


def _entries(resource: Resource) -> Iterator[tuple[Path, str, str, Any]]:
    """Give each host and path of an Ingress, with the Service behind it."""
    for rule_path, rule in each(resource.inputs, "spec", "rules"):
        host = scalar(rule, "host") or ""
        for path, entry in each(rule, "http", "paths"):
            backend = mapping(entry, "backend")
            service = scalar(backend, "service", "name") or scalar(backend, "serviceName")
            if isinstance(host, str):
                yield (*rule_path, *path, "backend"), canonical_host(host), str(scalar(entry, "path") or "/"), service


def _judge_stable(objects: Objects) -> Iterator[Violation]:
    ingresses = objects.of(INGRESS_KINDS)
    stable: Paths = defaultdict(list)
    for one in ingresses:
        for _, host, url_path, service in () if _is_canary(one) else _entries(one):
            stable[host, url_path].append((one, service))
    hosts = {host for host, _ in stable}
    for one in filter(_is_canary, ingresses):
        for path, host, url_path, service in _entries(one):
            twins = sorted(twin.title for twin, own in stable[host, url_path] if _is_same(one, twin, own, service))
            if twins:
                yield Violation(one, path, f"sends to Service {service}, as {twins[0]} does, so it tries nothing")
            elif host not in hosts and _is_whole(objects, one, bool(stable)):
                message = f"is a canary for {host or 'every host'}, which no other Ingress serves"
                yield Violation(one, path[:3], message)
                break


def _is_same(canary: Resource, twin: Resource, own: Any, service: Any) -> bool:  # noqa: ANN401
    return canary.namespace == twin.namespace and isinstance(service, str) and own == service


def _is_whole(objects: Objects, canary: Resource, has_others: bool) -> bool:  # noqa: FBT001
    """Say whether the stable Ingress would be in the input: surely in a closed world, else beside its own Service."""
    if objects.world is not World.AUTO:
        return objects.world is World.CLOSED
    services = [service for _, _, _, service in _entries(canary)]
    return has_others and all(objects.services_named(canary.namespace, service) for service in services)


STABLE = Rule(
    code="FLT-CANARY-015",
    name="ingress-canary-has-a-stable",
    title="A canary Ingress stands beside a stable one for the same host, with another Service",
    why="Without the stable Ingress the host answers 404 and the canary is ignored; with its Service nothing is tried.",
    source=_SOURCE,
    remediation="Give the canary the host and path of the stable Ingress, and a Service of its own.",
    scope=Scope.STACK,
    judge=_judge_stable,
)

RULES = (ANNOTATIONS, STABLE)
