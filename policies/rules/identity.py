"""An object says what it is, and is written down once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import PurePath
from typing import Final

from policies import apis
from policies.findings import Level, Rule, Scope, Violation
from policies.objects import Objects
from policies.resources import KUBERNETES, PART, Resource
from policies.values import UNKNOWN, at

_NAMELESS: Final = frozenset(
    {"TokenReview", "TokenRequest", "SelfSubjectReview", "SubjectAccessReview", "SelfSubjectAccessReview"}
    | {"LocalSubjectAccessReview", "SelfSubjectRulesReview", "Eviction", "Binding", "Scale", "LimitRange"}
)
"""Kinds that ask or do something and leave no object behind, and the one that is given a name."""


def _judge_said(resource: Resource) -> Iterator[Violation]:
    if not _is_manifest(resource):
        return
    _, version, kind = resource.api
    if not (version and kind):
        yield from _unsaid(resource)
    elif kind not in _NAMELESS and _is_known(resource):
        metadata = at(resource.inputs, "metadata")
        named = isinstance(metadata, dict) and (metadata.get("name") or metadata.get("generateName"))
        if metadata is not UNKNOWN and not named:
            yield Violation(resource, ("metadata", "name"), "lacks metadata.name")


def _is_manifest(resource: Resource) -> bool:
    """Say whether an object is written as such: Pulumi gives a name and knows the kind where the inputs have none."""
    name = resource.physical_name
    whole = resource.type.startswith(KUBERNETES) and not resource.type.endswith(PART)
    return whole and resource.name == (name if isinstance(name, str) else "")


def _is_known(resource: Resource) -> bool:
    group, version, kind = resource.api
    return kind in apis.served().get(apis.api_version(group, version), ())


def _unsaid(resource: Resource) -> Iterator[Violation]:
    _, version, kind = resource.api
    for field, said in (("apiVersion", version), ("kind", kind)):
        written = resource.inputs.get(field)
        if said or written is UNKNOWN:
            continue
        alike = next((key for key in resource.inputs if key != field and key.lower() == field.lower()), None)
        if alike:
            message = f"writes {alike}, which means nothing; the field is called {field}"
        elif field in resource.inputs and written not in (None, ""):
            message = f"has a value in {field} that is no text"
        else:
            homes = apis.homes(kind) if field == "apiVersion" else ()
            message = f"lacks {field}" + (f"; {kind} is in {homes[0]}" if homes else "")
        yield Violation(resource, (alike or field,), message)


SAID = Rule(
    code="FLT-API-005",
    name="object-says-what-it-is",
    title="An object has an apiVersion, a kind and a name",
    why="Without one of them nothing can be made of the rest: the object is refused, or passed over without a word.",
    source="https://kubernetes.io/docs/concepts/overview/working-with-objects/#required-fields",
    remediation="Write apiVersion and kind at the top of the object, and metadata.name.",
    scope=Scope.RESOURCE,
    judge=_judge_said,
)

Key = tuple[object, ...]


def _groups(objects: Objects) -> Iterable[list[Resource]]:
    """Give the resources that are one object in a cluster, where there are several; hooks of Helm come and go."""
    found: dict[Key, list[Resource]] = defaultdict(list)
    for resource in objects.resources:
        group, _, kind = resource.api
        hook = any(key.startswith("helm.sh/hook") for key in resource.annotations)
        if kind and isinstance(resource.physical_name, str) and resource.namespace is not UNKNOWN and not hook:
            found[group, kind, resource.namespace, resource.physical_name, resource.provider].append(resource)
    return [group for group in found.values() if len(group) > 1]


def _repeats(objects: Objects) -> Iterator[tuple[Resource, Resource, bool, bool]]:
    """Give each repeated object, the one before it, whether they differ, and whether they surely go together."""
    for group in _groups(objects):
        for before, resource in pairwise(group):
            apart = resource.file != before.file
            if apart and _folder(resource) != _folder(before):
                continue
            yield resource, before, resource.inputs != before.inputs, not apart


def _folder(resource: Resource) -> PurePath:
    return PurePath(resource.file or "").parent


def _judge_repeated(objects: Objects) -> Iterator[Violation]:
    for resource, _, differ, together in _repeats(objects):
        if differ and together:
            yield Violation(
                resource, ("metadata", "name"), "is written twice with different content; the last one counts"
            )


ONCE = Rule(
    code="FLT-API-007",
    name="object-is-written-once",
    title="An object is written down once",
    why="Of two objects with one name the second overwrites the first, so that what the first says is lost.",
    source="https://kubernetes.io/docs/concepts/overview/working-with-objects/names/",
    remediation="Remove one of the two, or give it a name or namespace of its own.",
    scope=Scope.STACK,
    judge=_judge_repeated,
)


def _judge_copied(objects: Objects) -> Iterator[Violation]:
    for resource, before, differ, together in _repeats(objects):
        if not (differ and together):
            where = "" if together else f" in {PurePath(before.file or '').name}"
            how = "with other content" if differ else "word for word"
            yield Violation(resource, ("metadata", "name"), f"stands{where} a second time, {how}")


COPIED = Rule(
    code="FLT-API-008",
    name="object-has-no-copy",
    title="An object has no copy in the same file or folder",
    why="Whoever changes one copy and not the other gets whichever is applied last.",
    source="https://kubernetes.io/docs/concepts/overview/working-with-objects/names/",
    remediation="Keep one of the two.",
    scope=Scope.STACK,
    judge=_judge_copied,
    level=Level.ADVISORY,
)

RULES = (SAID, ONCE, COPIED)
