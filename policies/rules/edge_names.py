"""Cloudflare's storage is named and placed by values that Cloudflare takes, and a name has one owner."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterator
from typing import Final

from policies import cloudflare
from policies.findings import Level, Rule, Scope, Violation
from policies.objects import Objects
from policies.resources import Resource
from policies.values import UNKNOWN, at, scalar

_NAMES: Final = {
    cloudflare.R2_BUCKET: (
        r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]",
        "3 to 63 of a-z, 0-9 and '-', with no '-' at either end",
    ),
    cloudflare.D1_DATABASE: (
        r"[a-zA-Z0-9][a-zA-Z0-9_-]*",
        "letters, digits, '-' and '_', of which the first is a letter or digit",
    ),
    cloudflare.KV_NAMESPACE: (r"(?s:.{1,512})", "1 to 512 characters"),
    cloudflare.QUEUE: (
        r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?",
        "1 to 63 of a-z, 0-9 and '-', with no '-' at either end",
    ),
    cloudflare.WORKERS_SCRIPT: (r"[a-z0-9_][a-z0-9_-]*", "a-z, 0-9, '-' and '_', of which the first is no '-'"),
    cloudflare.WORKER: (r"[a-z0-9_][a-z0-9_-]*", "a-z, 0-9, '-' and '_', of which the first is no '-'"),
}


def _judge_names(resource: Resource) -> Iterator[Violation]:
    token = cloudflare.type_of(resource)
    if token not in _NAMES:
        return
    field, name = cloudflare.name_of(resource)
    pattern, rule = _NAMES[token]
    if isinstance(name, str) and not re.fullmatch(pattern, name):
        yield Violation(resource, (field,), f"has {name!r} as its {field}, where Cloudflare takes {rule}")


VALID_NAME = Rule(
    code="FLT-EDGE-001",
    name="edge-names-are-valid",
    title="Buckets, databases, queues and Workers have names that Cloudflare takes",
    why="The API refuses the name in the middle of the update, after other resources were changed.",
    source="https://developers.cloudflare.com/r2/buckets/create-buckets/",
    remediation="Choose a name of the allowed characters.",
    scope=Scope.RESOURCE,
    kinds=cloudflare.NO_KUBERNETES,
    judge=_judge_names,
)

_LOCATIONS: Final = frozenset({"wnam", "enam", "weur", "eeur", "apac", "oc"})
_JURISDICTIONS: Final = frozenset({"default", "eu", "fedramp", "fedramp-high", "us"})
_CHOICES: Final[dict[str, dict[tuple[str, ...], frozenset[str]]]] = {
    cloudflare.D1_DATABASE: {
        ("primaryLocationHint",): _LOCATIONS,
        ("jurisdiction",): _JURISDICTIONS - {"default", "fedramp-high"},
        ("readReplication", "mode"): frozenset({"auto", "disabled"}),
    },
    cloudflare.R2_BUCKET: {
        ("location",): _LOCATIONS,
        ("jurisdiction",): _JURISDICTIONS,
        ("storageClass",): frozenset({"standard", "infrequentaccess"}),
    },
}
_SPELLED: Final = {"standard": "Standard", "infrequentaccess": "InfrequentAccess"}


def _judge_choices(resource: Resource) -> Iterator[Violation]:
    for path, choices in _CHOICES.get(cloudflare.type_of(resource), {}).items():
        value = scalar(resource.inputs, *path)
        if value not in (None, UNKNOWN) and str(value).lower() not in choices:
            offered = ", ".join(sorted(_SPELLED.get(choice, choice) for choice in choices))
            yield Violation(resource, path, f"has {value!r} as its {path[-1]}, which is none of {offered}")


VALID_CHOICE = Rule(
    code="FLT-EDGE-002",
    name="edge-places-exist",
    title="Locations, jurisdictions, storage classes and replication modes are ones that Cloudflare has",
    why="The provider refuses the value, and nothing of the stack is deployed.",
    source="https://developers.cloudflare.com/d1/configuration/data-location/",
    remediation="Take one of the values that are offered.",
    scope=Scope.RESOURCE,
    kinds=cloudflare.NO_KUBERNETES,
    judge=_judge_choices,
)

_HINTS: Final = {cloudflare.D1_DATABASE: "primaryLocationHint", cloudflare.R2_BUCKET: "location"}


def _judge_both(resource: Resource) -> Iterator[Violation]:
    hint = _HINTS.get(cloudflare.type_of(resource))
    jurisdiction = scalar(resource.inputs, "jurisdiction")
    if hint and scalar(resource.inputs, hint) is not None and jurisdiction not in (None, "", "default"):
        yield Violation(resource, (hint,), f"has a {hint} beside jurisdiction {jurisdiction}, which overrules it")


ONE_PLACE = Rule(
    code="FLT-EDGE-003",
    name="jurisdiction-or-location",
    title="Storage at the edge has a jurisdiction or a location hint, not both",
    why="The hint has no effect, and a later change of it replaces the database by an empty one all the same.",
    source="https://developers.cloudflare.com/d1/configuration/data-location/",
    remediation="Remove the location hint, or the jurisdiction where no law asks for it.",
    scope=Scope.RESOURCE,
    level=Level.ADVISORY,
    kinds=cloudflare.NO_KUBERNETES,
    judge=_judge_both,
)


def _judge_replication(resource: Resource) -> Iterator[Violation]:
    if cloudflare.type_of(resource) == cloudflare.D1_DATABASE and at(resource.inputs, "readReplication") is None:
        yield Violation(
            resource, ("readReplication",), "states no readReplication, which the provider then sends as null"
        )


REPLICATION = Rule(
    code="FLT-EDGE-004",
    name="d1-states-read-replication",
    title="A D1 database states whether it is replicated",
    why="The API answers 400 (Expected object, received null), at the creation or at the first later update.",
    source="https://github.com/cloudflare/terraform-provider-cloudflare/issues/6309",
    remediation='Set readReplication to {"mode": "disabled"}, or "auto".',
    scope=Scope.RESOURCE,
    level=Level.ADVISORY,
    kinds=cloudflare.NO_KUBERNETES,
    judge=_judge_replication,
)


def _judge_unique(objects: Objects) -> Iterator[Violation]:
    groups: dict[Hashable, list[Resource]] = defaultdict(list)
    for resource in objects.account.of(*_NAMES):
        _, name = cloudflare.name_of(resource)
        account = cloudflare.account_of(resource)
        if isinstance(name, str) and account is not UNKNOWN:
            place = str(scalar(resource.inputs, "jurisdiction") or "default").lower()
            groups[cloudflare.type_of(resource), account, name, place].append(resource)
    for group in groups.values():
        for resource in group:
            field, name = cloudflare.name_of(resource)
            # One logical name is one resource, however often it was read: `flotilla render` writes it to two files.
            others = sorted({one.name for one in group} - {resource.name})
            if not others:
                continue
            yield Violation(resource, (field,), f"has the name {name!r}, which {' and '.join(others)} has too")


UNIQUE_NAME = Rule(
    code="FLT-EDGE-005",
    name="edge-names-are-unique",
    title="No two resources of an account have one name",
    why="The API refuses the second, or two resources of the stack overwrite one Worker by turns.",
    source="https://developers.cloudflare.com/r2/buckets/create-buckets/",
    remediation="Give each its own name, or delete the resource that is left over.",
    scope=Scope.STACK,
    judge=_judge_unique,
)

RULES = (VALID_NAME, VALID_CHOICE, ONE_PLACE, REPLICATION, UNIQUE_NAME)
