"""R2 buckets: one set of settings each, public only where that is meant, and emptied by no rule by accident."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterator
from typing import Any, Final

from policies import cloudflare
from policies.findings import Level, Rule, Scope, Violation
from policies.objects import Objects
from policies.purpose import Purpose
from policies.resources import Resource
from policies.values import UNKNOWN, Path, at, each, scalar

_WHOLES: Final = (cloudflare.R2_BUCKET_CORS, cloudflare.R2_BUCKET_LIFECYCLE, cloudflare.R2_BUCKET_LOCK)
"""Settings of which a bucket has one set, written as a whole."""


def _jurisdiction(resource: Resource) -> Any:  # noqa: ANN401
    value = scalar(resource.inputs, "jurisdiction")
    return value if value is UNKNOWN else str(value or "default").lower()


def _judge_parts(objects: Objects) -> Iterator[Violation]:
    yield from _twice(objects)
    for resource in objects.account.of(*cloudflare.BUCKET_PARTS):
        name, place = cloudflare.text(resource, "bucketName"), _jurisdiction(resource)
        buckets = objects.account.named((cloudflare.R2_BUCKET,), name) if name else []
        places = {_jurisdiction(bucket) for bucket in buckets}
        if buckets and UNKNOWN not in {place, *places} and place not in places:
            message = f"has jurisdiction {place}, but bucket {name} has {' and '.join(sorted(places))}"
            yield Violation(resource, ("jurisdiction",), message)


def _twice(objects: Objects) -> Iterator[Violation]:
    groups: dict[Hashable, list[Resource]] = defaultdict(list)
    for resource in objects.account.of(*_WHOLES, cloudflare.R2_MANAGED_DOMAIN):
        account, name = cloudflare.account_of(resource), cloudflare.text(resource, "bucketName")
        if name and account is not UNKNOWN:
            groups[cloudflare.type_of(resource), account, name, _jurisdiction(resource)].append(resource)
    for group in groups.values():
        for resource in group if len(group) > 1 else ():
            others = sorted(one.name for one in group if one is not resource)
            message = f"sets all of this for bucket {cloudflare.text(resource, 'bucketName')}, as {others[0]} does"
            yield Violation(resource, ("bucketName",), message)


PARTS_AGREE = Rule(
    code="FLT-EDGE-006",
    name="bucket-settings-agree",
    title="A bucket has one resource for each of its settings, in its own jurisdiction",
    why="Each write replaces all rules, so the last one wins; in another jurisdiction the bucket is not found (404).",
    source="https://developers.cloudflare.com/r2/reference/data-location/",
    remediation="Join the rules in one resource, and give every part the jurisdiction of its bucket.",
    scope=Scope.STACK,
    judge=_judge_parts,
)


def _public(objects: Objects) -> Iterator[tuple[Resource, Purpose | None]]:
    for resource in objects.account.of(cloudflare.R2_MANAGED_DOMAIN):
        if scalar(resource.inputs, "enabled") is True:
            yield resource, objects.purpose_of(resource)


def _judge_public(objects: Objects) -> Iterator[Violation]:
    for resource, purpose in _public(objects):
        if purpose is Purpose.PRODUCTION:
            bucket = cloudflare.text(resource, "bucketName") or "a bucket"
            yield Violation(
                resource, ("enabled",), f"opens production bucket {bucket} to the public at its r2.dev address"
            )


NOT_ON_R2_DEV = Rule(
    code="FLT-EDGE-007",
    name="production-bucket-is-not-on-r2-dev",
    title="No production bucket is public under r2.dev",
    why="Anyone reads every object; the address is rate-limited, and has no cache, WAF or access rule before it.",
    source="https://developers.cloudflare.com/r2/buckets/public-buckets/",
    remediation="Set enabled to false (to remove the resource changes nothing), and serve by a Worker.",
    scope=Scope.STACK,
    judge=_judge_public,
)

_PRIVATE: Final = re.compile(
    r"(?:^|[-_.])(?:backups?|dumps?|snapshots?|private|internal|secrets?|confidential|invoices?|orders?|customers?|pii|"
    r"audit|exports?|logs?|state|tfstate|terraform)(?:$|[-_.])"
)


def _judge_meant(objects: Objects) -> Iterator[Violation]:
    for resource, purpose in _public(objects):
        if purpose is None:
            yield Violation(resource, ("enabled",), "opens a bucket to the public, in a stack that says no purpose")
    for resource in objects.account.of(cloudflare.R2_CUSTOM_DOMAIN):
        name = cloudflare.text(resource, "bucketName") or ""
        if scalar(resource.inputs, "enabled") is True and _PRIVATE.search(name):
            domain = cloudflare.text(resource, "domain") or "a domain"
            message = f"opens bucket {name} to the public at {domain}, and its name says that it is private"
            yield Violation(resource, ("enabled",), message)


MEANT_TO_BE_PUBLIC = Rule(
    code="FLT-EDGE-008",
    name="public-bucket-is-meant",
    title="A bucket is public only where that is meant",
    why="A custom domain, like r2.dev, gives every object to anyone who knows or guesses its key.",
    source="https://developers.cloudflare.com/r2/buckets/public-buckets/",
    remediation="Set enabled to false, or keep what is public in a bucket of its own.",
    scope=Scope.STACK,
    level=Level.ADVISORY,
    judge=_judge_meant,
)

_DAY: Final = 86_400
_HOUR: Final = 3_600
_DAYS: Final = "a number that reads like days"
_AT_ONCE: Final = "as soon as an object is written"
_TRANSITIONS: Final = ("deleteObjectsTransition", "abortMultipartUploadsTransition", "storageClassTransitions")


def _conditions(rule: dict[str, Any]) -> Iterator[tuple[str, Path, dict[str, Any]]]:
    for name in _TRANSITIONS:
        found = at(rule, name)
        for path, one in each(rule, name) if isinstance(found, list) else [((name,), found)]:
            condition = at(one, "condition")
            if isinstance(condition, dict):
                yield name, (*path, "condition"), condition


def _judge_ages(resource: Resource) -> Iterator[Violation]:
    if cloudflare.type_of(resource) != cloudflare.R2_BUCKET_LIFECYCLE:
        return
    for path, rule in each(resource.inputs, "rules"):
        if at(rule, "enabled") is False:
            continue
        for name, where, condition in _conditions(rule):
            kind, age = scalar(condition, "type"), scalar(condition, "maxAge")
            if kind == "Age" and age is None:
                yield Violation(resource, (*path, *where), f"has a {name} by Age without a maxAge")
            elif kind in ("Age", None) and isinstance(age, int) and not isinstance(age, bool) and _is_days(name, age):
                message = f"has a {name} after {age} seconds, {_DAYS if age > 0 else _AT_ONCE}"
                yield Violation(resource, (*path, *where, "maxAge"), message)


def _is_days(name: str, age: int) -> bool:
    if age <= 0:
        return age < 0 or name == "deleteObjectsTransition"
    return age < _DAY and age % _HOUR != 0


IN_SECONDS = Rule(
    code="FLT-EDGE-009",
    name="lifecycle-ages-are-seconds",
    title="The ages of lifecycle rules are written in seconds",
    why="A rule of 30 that was meant as days deletes every object, the backups too, within the next day.",
    source="https://developers.cloudflare.com/r2/buckets/object-lifecycles/",
    remediation="Multiply the days by 86400.",
    scope=Scope.RESOURCE,
    kinds=cloudflare.NO_KUBERNETES,
    judge=_judge_ages,
)


def _judge_emptied(resource: Resource) -> Iterator[Violation]:
    if cloudflare.type_of(resource) != cloudflare.R2_BUCKET_LIFECYCLE:
        return
    for path, rule in each(resource.inputs, "rules"):
        condition = at(rule, "deleteObjectsTransition", "condition")
        everything = at(rule, "conditions", "prefix") in (None, "")
        if at(rule, "enabled") is not False and everything and scalar(condition, "type") == "Date":
            where = (*path, "deleteObjectsTransition", "condition")
            yield Violation(
                resource, where, "deletes every object of the bucket from one day on, and each new one as well"
            )


NOT_EMPTIED = Rule(
    code="FLT-EDGE-010",
    name="lifecycle-empties-no-bucket",
    title="No lifecycle rule empties a whole bucket on a date",
    why="On that day all objects go, whatever their age, and later uploads do not stay either.",
    source="https://developers.cloudflare.com/r2/buckets/object-lifecycles/",
    remediation="Delete by Age, or under a prefix.",
    scope=Scope.RESOURCE,
    level=Level.ADVISORY,
    kinds=cloudflare.NO_KUBERNETES,
    judge=_judge_emptied,
)

RULES = (PARTS_AGREE, NOT_ON_R2_DEV, MEANT_TO_BE_PUBLIC, IN_SECONDS, NOT_EMPTIED)
