"""An object stands in an API version that exists, and its kind in that version."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies import apis
from policies.findings import Level, Rule, Scope, Violation
from policies.nearest import distance, nearest
from policies.resources import KUBERNETES, Resource

_GUIDE: Final = "https://kubernetes.io/docs/reference/using-api/deprecation-guide/"
_NO_OBJECTS: Final = frozenset(
    {"yaml", "yaml/v2", "helm.sh/v2", "helm.sh/v3", "helm.sh/v4", "kustomize", "kustomize/v2"}
)
"""What Pulumi's provider calls groups although nothing in them is an object of the API."""
_WITHOUT_GROUP: Final = frozenset(
    {"Template", "DeploymentConfig", "BuildConfig", "Build", "ImageStream", "ImageStreamTag", "Route", "Project"}
    | {"ProjectRequest", "SecurityContextConstraints", "User", "Group", "Identity", "OAuthClient", "Config"}
)
"""Kinds that OpenShift served in ``v1`` before its groups had names, and the kubeconfig file."""
_ALIKE: Final = {"audit.k8s.io": "Event"}
"""Groups that Kubernetes reads from files, with a kind that its API has too."""
_KUBERNETES_GROUP: Final = ".k8s.io"


def _written(resource: Resource) -> tuple[str, str] | None:
    """Give the apiVersion and kind of an object; None where one is missing, or it is none of the API's."""
    group, version, kind = resource.api
    if not version or not kind or resource.type.removeprefix(KUBERNETES).rpartition(":")[0] in _NO_OBJECTS:
        return None
    return apis.api_version(group, version), kind


def _judge_removed(resource: Resource) -> Iterator[Violation]:
    written = _written(resource)
    if written and (fate := apis.removed(*written)):
        since = f"Kubernetes {fate.since}" if fate.since[0].isdigit() else fate.since
        home = f"; write {fate.home}" if fate.home else "; nothing took its place"
        yield Violation(resource, ("apiVersion",), f"is a {written[1]} of {written[0]}, which {since} removed{home}")


REMOVED = Rule(
    code="FLT-API-002",
    name="api-version-is-served",
    title="An object is in an API version that is still served",
    why="The API server knows no such kind, so the object is refused and what it stands for is not there.",
    source=_GUIDE,
    remediation="Set apiVersion to the one named, and carry the fields over as the deprecation guide says.",
    scope=Scope.RESOURCE,
    judge=_judge_removed,
)


def _judge_deprecated(resource: Resource) -> Iterator[Violation]:
    written = _written(resource)
    if written and (fate := apis.deprecated(*written)):
        since = f"Kubernetes {fate.since}" if fate.since[0].isdigit() else fate.since
        home = f"; write {fate.home}" if fate.home else ""
        yield Violation(resource, ("apiVersion",), f"is a {written[1]} of {written[0]}, deprecated since {since}{home}")


DEPRECATED = Rule(
    code="FLT-API-003",
    name="api-version-is-not-deprecated",
    title="An object is in an API version that will stay",
    why="A later release no longer serves the version: the upgrade of the cluster then breaks the next deployment.",
    source=_GUIDE,
    remediation="Set apiVersion to the one named before the cluster is upgraded.",
    scope=Scope.RESOURCE,
    judge=_judge_deprecated,
    level=Level.ADVISORY,
)


def _judge_home(resource: Resource) -> Iterator[Violation]:
    written = _written(resource)
    if written is None or apis.removed(*written) or apis.deprecated(*written):
        return
    version, kind = written
    group = resource.api[0]
    if version in apis.served():
        found = _in_known_version(resource, version, kind)
    elif group in apis.own_groups():
        found = _in_unknown_version(resource, version, kind)
    elif group in apis.foreign_groups():
        found = _in_foreign_version(version, kind)
    else:
        found = _in_unknown_group(group, version, kind)
    if found is not None:
        step, message = found
        yield Violation(resource, (step,), message)


Found = tuple[str, str] | None
"""The field at fault and what is wrong, or nothing."""


def _in_known_version(resource: Resource, version: str, kind: str) -> Found:
    known = apis.served()[version]
    if kind in known or kind.removesuffix("List") in known or (version == "v1" and kind in _WITHOUT_GROUP | {"List"}):
        return None
    foreign = resource.api[0] in apis.foreign_groups()
    if not foreign and (homes := apis.homes(kind)):
        return "apiVersion", f"is in {version}, which has no {kind}; {kind} is in {homes[0]}"
    if foreign and (home := _foreign_home(version, kind)):
        return "apiVersion", f"is in {version}, which has no {kind}; {kind} is in {home}"
    if near := nearest(kind, known):
        return "kind", f"is a {kind}, a kind that {version} does not have; did you mean {near}?"
    if foreign or "metadata" not in resource.inputs:
        return None
    near = nearest(kind, apis.kinds())
    meant = f"; did you mean {near} of {apis.homes(near)[0]}?" if near else ""
    return "kind", f"is a {kind}, a kind that {version} does not have{meant}"


def _in_unknown_version(resource: Resource, version: str, kind: str) -> Found:
    meant = kind if apis.homes(kind) else nearest(kind, apis.kinds())
    if not resource.api[0] and not meant:
        return None
    home = f"; {meant} is in {apis.homes(meant)[0]}" if meant else ""
    return "apiVersion", f"is in {version}, which Kubernetes {apis.release()} does not have{home}"


def _in_foreign_version(version: str, kind: str) -> Found:
    """Judge a kind of a project whose definitions we know, in a version that they do not have."""
    home = _foreign_home(version, kind)
    return ("apiVersion", f"is in {version}, which does not exist; {kind} is in {home}") if home else None


def _foreign_home(version: str, kind: str) -> str | None:
    group = version.rpartition("/")[0]
    found = [one for one, kinds in apis.served().items() if one.rpartition("/")[0] == group and kind in kinds]
    return min(found, default=None) if group != "traefik.io" else None


def _in_unknown_group(group: str, version: str, kind: str) -> Found:
    """Judge a group that we do not know: another project's, unless it can only be a misspelling of Kubernetes'."""
    alike = {own.lower(): own for own in apis.kinds()}
    name = kind if apis.homes(kind) else alike.get(kind.lower())
    if name is None or not apis.is_stable(name) or _ALIKE.get(group) == kind:
        return None
    misspelt = any("." in own and distance(group, own, 2) <= 2 for own in apis.own_groups())
    if "." not in group or group.endswith(_KUBERNETES_GROUP) or misspelt:
        return "apiVersion", f"is in {version}, a group that does not exist; {name} is in {apis.homes(name)[0]}"
    return None


HOME = Rule(
    code="FLT-API-004",
    name="kind-is-in-its-api-version",
    title="A kind stands in the API version that has it, both spelt as Kubernetes spells them",
    why="The API server knows no such kind, so the object is refused and what it stands for is not there.",
    source="https://kubernetes.io/docs/reference/kubernetes-api/",
    remediation="Write apiVersion and kind as `kubectl api-resources` lists them; capital letters count.",
    scope=Scope.RESOURCE,
    judge=_judge_home,
)

RULES = (REMOVED, DEPRECATED, HOME)
