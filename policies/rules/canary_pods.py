"""The members of a split reach different pods, which run different versions, and one of them is stable."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any, Final

from policies import images
from policies.findings import Level, Rule, Scope, Violation
from policies.objects import Objects
from policies.pods import POD_KINDS, Pods, pods_of
from policies.resources import Resource
from policies.scaling import replicas
from policies.services import Service
from policies.splits import WEIGHTED, Member, Split, is_canary_name
from policies.values import UNKNOWN, Path, at, each, mapping

_MOST_MEMBERS: Final = 20
"""More members than any split of releases has; past it pairs are not compared."""
_WRR: Final = "https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/crd/http/traefikservice/"


def _service(objects: Objects, member: Member) -> Service | None:
    """Give a member's Service where it selects pods by labels that are known."""
    found = objects.services_named(member.namespace, member.name) if member.kind == "Service" else []
    for service in found:
        selector = service.selector
        if not service.is_external and isinstance(selector, dict) and selector and UNKNOWN not in selector.values():
            return service
    return None


def _pods(objects: Objects, service: Service) -> dict[int, Pods]:
    return {id(pods.resource): pods for pods, answer in objects.selected(service) if answer is True}


def _judge_apart(objects: Objects) -> Iterator[Violation]:
    said: set[int] = set()
    for split in objects.splits:
        found = [(member, _service(objects, member)) for member in split.members[:_MOST_MEMBERS]]
        services = [service for member, service in found if service and not member.spec.get("filters")]
        for one, other in itertools.combinations(services, 2):
            overlap = _overlap(objects, one, other) if one.resource.identity != other.resource.identity else None
            if overlap and id(overlap[0].resource) not in said:
                wide, message = overlap
                said.add(id(wide.resource))
                text = f"{message}, so the weights of {split.owner.title} mean nothing"
                yield Violation(wide.resource, ("spec", "selector"), text)


def _overlap(objects: Objects, one: Service, other: Service) -> tuple[Service, str] | None:
    """Give the Service whose selector has to be narrowed, and what it does; None for Services of different pods."""
    if one.resource.namespace != other.resource.namespace:
        return None
    left, right = one.selector.items(), other.selector.items()
    if left == right:
        wrong = one if is_canary_name(one.resource.physical_name) else other
        same = other if wrong is one else one
        return wrong, f"selects the same pods as {same.resource.title}"
    if left <= right or right <= left:
        wide, narrow = (one, other) if left <= right else (other, one)
        return wide, f"selects also the pods of {narrow.resource.title}"
    shared = _pods(objects, one).keys() & _pods(objects, other).keys()
    return (one, f"selects pods that {other.resource.title} selects too") if shared else None


APART = Rule(
    code="FLT-CANARY-010",
    name="members-reach-different-pods",
    title="The Services of a split select different pods",
    why="Each version gets traffic through both members: a weight of 10 sends the canary far more, or far less.",
    source="https://kubernetes.io/docs/concepts/workloads/management/#canary-deployments",
    remediation="Add the track label to the selector of each Service, and to its pods.",
    scope=Scope.STACK,
    judge=_judge_apart,
)


_TOLD_APART: Final = re.compile(r"TRACK|VERSION|RELEASE|CANARY|STABLE|HOSTNAME|REVISION", re.IGNORECASE)
"""Variables by which two tracks differ even where they run the same."""
_CANARY_WORD: Final = re.compile("canary", re.IGNORECASE)


def _judge_versions(objects: Objects) -> Iterator[Violation]:
    for split in objects.splits:
        if not split.is_canary or not split.is_known:
            continue
        tracks: dict[bool, dict[int, Pods]] = {True: {}, False: {}}
        for member in split.members:
            service = _service(objects, member) if member.weight else None
            tracks[member.is_canary].update(_pods(objects, service) if service else {})
        stable = {_what_runs(pods): pods for key, pods in tracks[False].items() if key not in tracks[True]}
        for key, pods in tracks[True].items():
            twin = None if key in tracks[False] or replicas(pods.resource) == 0 else stable.get(_what_runs(pods))
            if twin is not None:
                yield _no_trial(split, pods, twin)


def _no_trial(split: Split, pods: Pods, twin: Pods) -> Violation:
    path: Path = next(((*container.path, "image") for container in pods.containers), pods.path)
    shown = ", ".join(str(container.spec.get("image")) for container in pods.running)
    message = f"runs {shown}, as {twin.resource.title} does, so {split.owner.title} tries nothing"
    return Violation(pods.resource, path, message)


def _what_runs(pods: Pods) -> str:
    """Give all that makes two tracks behave differently: images, commands, configuration; but no unknown image."""
    containers = []
    for container in pods.containers:
        spec = container.spec
        image = spec.get("image")
        parsed = images.parse(image) if isinstance(image, str) else None
        env = [item for _, item in each(spec, "env") if not _TOLD_APART.search(str(item.get("name")))]
        # What cannot be read is never the same as anything else.
        shown = (parsed.digest or parsed.canonical) if parsed else f"{image} {id(pods)}"
        containers.append([shown, env, *(spec.get(key) for key in ("command", "args", "envFrom"))])
    text = json.dumps([containers, at(pods.template, "spec", "volumes")], sort_keys=True, default=str)
    return _CANARY_WORD.sub("stable", text)


VERSIONS = Rule(
    code="FLT-CANARY-011",
    name="canary-runs-another-version",
    title="The canary of a split runs something else than the stable release",
    why="The roll-out passes every step and every judgement, because nothing new is on trial; then comes the release.",
    source="https://sre.google/workbook/canarying-releases/",
    remediation="Give the canary the image that is to be tried, or give it weight 0 until there is one.",
    scope=Scope.STACK,
    judge=_judge_versions,
)


_VERSION_LABELS: Final = ("app.kubernetes.io/version", "version")
_VERSION: Final = re.compile(r"v?(\d+\.\d+(?:[.\d]*\d)?)(?:[-+_.].*)?", re.ASCII)


def _judge_label(resource: Resource) -> Iterator[Violation]:
    pods = pods_of(resource)
    own = [container for container in pods.containers if container.path[-2] == "containers"] if pods else []
    if pods is None or len(own) != 1:
        return
    written = own[0].spec.get("image")
    image = images.parse(written) if isinstance(written, str) else None
    runs = _VERSION.fullmatch(image.tag) if image and image.tag else None
    labels = mapping(pods.template, "metadata", "labels")
    for label in _VERSION_LABELS if runs and image and _is_labelled_for(image, resource, labels) else ():
        value = labels.get(label)
        says = _VERSION.fullmatch(value) if isinstance(value, str) else None
        if says and runs and image and not _same(says[1], runs[1]):
            message = f"labels its pods {label} {value}, but they run {image}"
            yield Violation(resource, (*pods.path, "metadata", "labels", label), message)


def _is_labelled_for(image: images.Image, resource: Resource, labels: dict[str, Any]) -> bool:
    """Say whether the labels speak of this image, and not of a release that some other image helps with."""
    named = (labels.get("app"), labels.get("app.kubernetes.io/name"), resource.physical_name)
    return "track" in labels or resource.keeps_contract or image.path.rpartition("/")[2] in named


def _same(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")


LABEL = Rule(
    code="FLT-CANARY-012",
    name="version-label-is-the-images",
    title="The version label of pods is the version of their image",
    why="Dashboards and the judge tell versions apart by the label: they blame or praise the wrong one.",
    source="https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/",
    remediation="Make the label and the image's tag the same version.",
    scope=Scope.RESOURCE,
    judge=_judge_label,
    level=Level.ADVISORY,
    kinds=POD_KINDS,
)


def _judge_stable(objects: Objects) -> Iterator[Violation]:
    for split in objects.splits:
        if split.form == WEIGHTED and any(split.weights) and all(member.is_canary for member in split.members):
            names = " and ".join(str(member.name) for member in split.members)
            yield Violation(split.owner, split.path, f"lists {names} and no stable member to go back to")


STABLE = Rule(
    code="FLT-CANARY-013",
    name="split-has-a-stable-member",
    title="A split with a canary has a stable member too",
    why="Rolling back is then a change of the list, not of a weight, in the minutes when it matters most.",
    source=_WRR,
    remediation="List the stable Service beside the canary, with weight 0 if it is to get no traffic.",
    scope=Scope.STACK,
    judge=_judge_stable,
    level=Level.ADVISORY,
)

RULES = (APART, VERSIONS, LABEL, STABLE)
