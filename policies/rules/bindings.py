"""A Worker's bindings are whole, distinct, and of its own purpose."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, Final

from policies import bindings, cloudflare
from policies.findings import Level, Rule, Scope, Violation
from policies.objects import Objects
from policies.purpose import Purpose
from policies.resources import Resource
from policies.values import UNKNOWN, Path, at

_SOURCE: Final = "https://developers.cloudflare.com/workers/configuration/multipart-upload-metadata/#bindings"
_OFTEN: Final = {
    "kv": "kv_namespace",
    "r2": "r2_bucket",
    "env": "plain_text",
    "text": "plain_text",
    "var": "plain_text",
    "secret": "secret_text",
    "durable_object": "durable_object_namespace",
    "d1_database": "d1",
    "rate_limit": "ratelimit",
    "browser_rendering": "browser",
    "queue_producer": "queue",
    "asset": "assets",
}


def _judge_whole(resource: Resource) -> Iterator[Violation]:
    for binding in bindings.bindings(resource):
        if binding.name in (None, ""):
            yield Violation(resource, binding.place("name"), "has a binding without a name, which no code can reach")
        if binding.kind is UNKNOWN:
            continue
        if binding.kind not in bindings.REQUIRED:
            written = at(binding.spec, "type")
            yield Violation(
                resource, (*binding.path, "type"), f"has a binding of type {written!r}{_instead(binding.kind)}"
            )
            continue
        nothing = (None,) if binding.kind in _MAY_BE_EMPTY else (None, "")
        for group in bindings.REQUIRED[binding.kind]:
            if binding.first(*group)[1] in nothing:
                yield _missing(resource, binding, group)


_MAY_BE_EMPTY: Final = frozenset({"plain_text", "secret_text", "json"})


def _missing(resource: Resource, binding: bindings.Binding, group: tuple[str, ...]) -> Violation:
    given = sorted(key for key in binding.spec if key not in {"name", "type"})
    instead = f" (it has {', '.join(given)})" if given else ""
    message = f"has {binding.kind} binding {binding.name} without {' or '.join(group)}{instead}"
    return Violation(resource, binding.path, message)


def _instead(kind: Any) -> str:  # noqa: ANN401
    if not isinstance(kind, str):
        return ", which is no type"
    close = _OFTEN.get(kind.replace("-", "_")) or next(iter(get_close_matches(kind, bindings.REQUIRED, 1)), None)
    return f", which Cloudflare does not have; {close} may be meant" if close else ", which Cloudflare does not have"


WHOLE = Rule(
    code="FLT-EDGE-018",
    name="bindings-are-whole",
    title="A binding has a name, a type of Cloudflare's, and the field that its type needs",
    why="The upload of the Worker is refused, or its code finds undefined where the binding should be.",
    source=_SOURCE,
    remediation="Give the binding the type and the fields that Cloudflare documents.",
    scope=Scope.RESOURCE,
    kinds=cloudflare.NO_KUBERNETES,
    judge=_judge_whole,
)


def _judge_distinct(resource: Resource) -> Iterator[Violation]:
    places: dict[str, list[Path]] = defaultdict(list)
    for binding in bindings.bindings(resource):
        if isinstance(binding.name, str) and binding.name:
            places[binding.name].append(binding.place("name"))
    for name, found in places.items():
        for path in found[1:]:
            yield Violation(resource, path, f"has two bindings of the name {name}")


DISTINCT = Rule(
    code="FLT-EDGE-019",
    name="binding-names-are-unique",
    title="The bindings of a Worker have different names",
    why="The upload is refused; in another version of the API one of the two silently takes the other's place.",
    source=_SOURCE,
    remediation="Give each binding its own name, or remove the one that is left over.",
    scope=Scope.RESOURCE,
    kinds=cloudflare.NO_KUBERNETES,
    judge=_judge_distinct,
)

_TEST: Final = re.compile(
    r"(?:^|[-_.])(?:test|testing|staging|stage|dev|development|preview|sandbox|qa|pr-?\d+)(?:$|[-_.])"
)
_PRODUCTION: Final = re.compile(r"(?:^|[-_.])(?:prod|production|live)(?:$|[-_.])")
_NAMING: Final = {
    bindings.R2: "bucketName",
    bindings.QUEUE: "queueName",
    bindings.SERVICE: "service",
    bindings.DURABLE_OBJECT: "scriptName",
    "vectorize": "indexName",
    "analytics_engine": "dataset",
    "workflow": "workflowName",
}


def _judge_purpose(objects: Objects) -> Iterator[Violation]:
    for resource in objects.account.of(*cloudflare.CODE):
        for binding in bindings.bindings(resource):
            field = _NAMING.get(binding.kind) if isinstance(binding.kind, str) else None
            name = at(binding.spec, field) if field else None
            if not isinstance(name, str) or not (_TEST.search(name) or _PRODUCTION.search(name)):
                continue
            purpose = objects.purpose_of(resource)
            foreign = _foreign(purpose)
            if foreign is not None and foreign.search(name):
                message = f"is a {purpose} Worker and is bound to {name}, whose name says another purpose"
                yield Violation(resource, binding.place(str(field)), message)


def _foreign(purpose: Purpose | None) -> re.Pattern[str] | None:
    if purpose is None:
        return None
    return _TEST if purpose is Purpose.PRODUCTION else _PRODUCTION


OWN_PURPOSE = Rule(
    code="FLT-EDGE-020",
    name="bindings-keep-to-a-purpose",
    title="A production Worker is bound to production's resources, and no other Worker is",
    why="Customers' data ends up in a test bucket, or a test run changes what customers see.",
    source="https://developers.cloudflare.com/workers/wrangler/environments/",
    remediation="Bind the resource of the same stack.",
    scope=Scope.STACK,
    level=Level.ADVISORY,
    judge=_judge_purpose,
)

RULES = (WHOLE, DISTINCT, OWN_PURPOSE)
