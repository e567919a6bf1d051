"""Credentials stand in Secrets, and nowhere that a reader of the object, a log or a list of processes shows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from policies.credentials.object_places import LAST_APPLIED, in_data, in_fields, in_metadata, in_settings
from policies.credentials.places import Place
from policies.credentials.pod_places import in_pods
from policies.findings import Rule, Scope, Violation
from policies.pods import POD_KINDS, pods_of
from policies.resources import Resource, from_manifest
from policies.values import Path, at, mapping

_CONFIG: Final = {"ConfigMap": frozenset({""})}
_SECRET: Final = {"Secret": frozenset({""})}
_WITHOUT_FIELDS: Final = {*POD_KINDS, "ConfigMap", "Secret", "Event", "CustomResourceDefinition", "SealedSecret"}
"""Kinds of which only the metadata is judged here: other rules judge the rest, or it is documentation or encrypted."""
_SETTINGS: Final[dict[str, tuple[Path, ...]]] = {
    "Middleware": (("spec", "headers"), ("spec", "plugin")),
    "MiddlewareTCP": (("spec", "plugin"),),
    "HelmRelease": (("spec", "values"),),
    "HelmChart": (("spec", "set"),),
    "Application": (("spec", "source", "helm", "valuesObject"),),
}
"""Where an object holds settings of something else, in which a name is a variable's."""


def _violations(resource: Resource, places: Iterator[Place], verb: str) -> Iterator[Violation]:
    seen: set[tuple[Path, str]] = set()
    for place in places:
        message = f"{verb} {place.found.noun} in plain text, {place.shown}"
        if (place.path, message) not in seen:
            seen.add((place.path, message))
            yield Violation(resource, place.path, message)


def _judge_pods(resource: Resource) -> Iterator[Violation]:
    if pods := pods_of(resource):
        for place in in_pods(pods):
            container = at(resource.inputs, *_container(place.path), "name")
            to = f" container {container}" if isinstance(container, str) else " its pods"
            yield from _violations(resource, iter((place,)), f"gives{to}")


def _container(path: Path) -> Path:
    for position, step in enumerate(path):
        if str(step).lower().endswith("containers"):
            return path[: position + 2]
    return ("",)


IN_PODS = Rule(
    code="FLT-SECRET-001",
    name="no-credential-in-a-pod-spec",
    title="A pod is given its credentials by reference to a Secret",
    why="Whoever may read the workload, its history, a process list or the repository has the credential, for good.",
    source="https://kubernetes.io/docs/concepts/security/secrets-good-practices/",
    remediation="Read it from a Secret, by secretKeyRef or a mounted file, and change the credential: it is known now.",
    scope=Scope.RESOURCE,
    judge=_judge_pods,
    kinds=POD_KINDS,
)


def _judge_config(resource: Resource) -> Iterator[Violation]:
    for field in ("data", "binaryData") if resource.is_a(_CONFIG) else ():
        yield from _violations(resource, in_data(at(resource.inputs, field), field), "holds")


IN_CONFIG = Rule(
    code="FLT-SECRET-002",
    name="no-credential-in-a-configmap",
    title="A ConfigMap holds no credential",
    why="Everyone with view rights reads ConfigMaps, they are not encrypted at rest, and tickets and logs quote them.",
    source="https://kubernetes.io/docs/concepts/configuration/configmap/#motivation",
    remediation="Move it into a Secret, or put a reference to a variable in its place, and change the credential.",
    scope=Scope.RESOURCE,
    judge=_judge_config,
    kinds=_CONFIG,
)


def _judge_objects(resource: Resource) -> Iterator[Violation]:
    if not resource.kind:
        return
    places = list(in_metadata(mapping(resource.inputs, "metadata"), ("metadata",)))
    if resource.kind not in _WITHOUT_FIELDS:
        places += in_fields(resource.inputs)
        known = {place.path for place in places}
        settings = (
            place
            for path in _SETTINGS.get(resource.kind, ())
            for place in in_settings(at(resource.inputs, *path), path, "")
        )
        places += [place for place in settings if place.path not in known]
    yield from _violations(resource, iter(places), "shows")
    if not places:
        yield from _judge_copy(resource)


def _judge_copy(resource: Resource) -> Iterator[Violation]:
    """Judge what kubectl keeps of an earlier apply; where the object itself shows the same, that is said already."""
    text = resource.annotations.get(LAST_APPLIED)
    if not isinstance(text, str) or resource.is_a(_SECRET) or any((*_judge_pods(resource), *_judge_config(resource))):
        return
    try:
        copy = json.loads(text)
    except (ValueError, RecursionError):
        return
    if not isinstance(copy, dict):
        return
    mapping(copy, "metadata", "annotations").pop(LAST_APPLIED, None)
    before = from_manifest(copy)
    if any((*_judge_pods(before), *_judge_config(before), *_judge_objects(before))):
        path = ("metadata", "annotations", LAST_APPLIED)
        yield Violation(resource, path, "shows a credential in plain text, in the copy that kubectl keeps of it")


IN_OBJECTS = Rule(
    code="FLT-SECRET-003",
    name="no-credential-in-an-object",
    title="No annotation, label, route, middleware or custom resource holds a credential",
    why="Every reader of the object has the credential, and so have all tools that list, log or back up objects.",
    source="https://owasp.org/www-project-kubernetes-top-ten/",
    remediation="Name a Secret instead, or take it out of the address, and change the credential: it is known now.",
    scope=Scope.RESOURCE,
    judge=_judge_objects,
)

RULES = (IN_PODS, IN_CONFIG, IN_OBJECTS)
