"""Workloads and the pods they make: a selector selects its own template's pods, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from policies.findings import Level, Rule, Scope, Violation
from policies.labels import selects
from policies.names import is_misspelt
from policies.objects import Objects
from policies.pods import POD_KINDS, Pods, pods_of
from policies.references import place
from policies.resources import Resource
from policies.selection import Template
from policies.units import meets
from policies.values import UNKNOWN, Path, at, each, mapping, scalar

_APPS = frozenset({"apps", "extensions"})
CONTROLLER_KINDS: Final = {
    **dict.fromkeys(("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"), _APPS),
    "ReplicationController": frozenset({""}),
}
_DEFAULTED: Final = frozenset({("extensions", "v1beta1"), ("apps", "v1beta1"), ("", "v1")})
"""API versions in which an unset selector is the template's labels."""
_SELECTOR: Final[Path] = ("spec", "selector")
_MOST: Final = 500


def selector_of(resource: Resource) -> Any:  # noqa: ANN401  (may be unknown, or nothing)
    """Give a workload's selector as a LabelSelector; a ReplicationController's is a plain map."""
    selector = at(resource.inputs, *_SELECTOR)
    if resource.kind == "ReplicationController" and isinstance(selector, dict):
        return {"matchLabels": selector}
    return selector


def is_partial(pods: Pods) -> bool:
    """Say whether a template is a patch of one that stands elsewhere: no container of it has an image."""
    return not any("image" in container.spec for container in pods.containers)


def _judge_own(resource: Resource) -> Iterator[Violation]:
    pods = pods_of(resource)
    if pods is None or is_partial(pods):
        return
    selector = selector_of(resource)
    if selector is None or (isinstance(selector, dict) and not _says_anything(selector)):
        if _must_select(resource, pods, selector):
            yield Violation(resource, _SELECTOR, "has no selector, so it would not know its own pods")
        return
    if selects(selector, pods.labels) is False:
        yield Violation(resource, _SELECTOR, _difference(selector, pods))


def _must_select(resource: Resource, pods: Pods, selector: Any) -> bool:  # noqa: ANN401
    """Say whether a selector has to be written: not in dead versions, nor where Kustomize sets it with all labels."""
    return bool(pods.labels) and (selector is not None or resource.api[:2] not in _DEFAULTED)


def _says_anything(selector: dict[str, Any]) -> bool:
    return any(selector.get(key) not in (None, {}, []) for key in ("matchLabels", "matchExpressions"))


def _difference(selector: Any, pods: Pods) -> str:  # noqa: ANN401
    labels = mapping(pods.template, "metadata", "labels")
    wrong = {key: value for key, value in mapping(selector, "matchLabels").items() if labels.get(key) != value}
    if not wrong:
        return "has matchExpressions that do not hold for the labels of its own template"
    wanted = ", ".join(f"{key}={value}" for key, value in wrong.items())
    had = ", ".join(f"{key}={labels[key]}" if key in labels else f"no {key}" for key in wrong)
    return f"selects {wanted}, but its own template has {had}"


OWN_TEMPLATE: Final = Rule(
    code="FLT-REF-012",
    name="selector-matches-template",
    title="A workload's selector selects the pods of its own template",
    why="The API server refuses the object: a workload that does not find its pods would make them without end.",
    source="https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector",
    remediation="Give selector.matchLabels pairs that the template's labels have too.",
    scope=Scope.RESOURCE,
    judge=_judge_own,
    kinds=CONTROLLER_KINDS,
)


def _judge_overlap(objects: Objects) -> Iterator[Violation]:
    for template in objects.selection.templates:
        resource = template.resource
        if not _is_controller(resource) or not isinstance(selector := selector_of(resource), dict):
            continue
        if not _says_anything(selector) or selects(selector, template.labels) is not True:
            continue
        others = sorted({other.title for other in _taken(objects, template, selector)})
        if others:
            shown = ", ".join(others[:3]) + (f" and {len(others) - 3} more" if len(others) > 3 else "")
            yield Violation(resource, _SELECTOR, f"selects pods of {shown} too")


def _taken(objects: Objects, template: Template, selector: dict[str, Any]) -> Iterator[Resource]:
    """Give the other workloads of the application whose pods a selector selects, where this one is to be changed."""
    resource = template.resource
    for other in objects.selection.among(place(resource), mapping(selector, "matchLabels"))[:_MOST]:
        rival = other.resource
        same = (rival.kind, rival.physical_name) == (resource.kind, resource.physical_name)
        if same or not _is_controller(rival) or selects(selector, other.labels) is not True:
            continue
        mutual = selects(selector_of(rival), template.labels) is True
        if _together(objects, resource, rival) and not (mutual and _is_at_fault(rival, resource)):
            yield rival


def _is_controller(resource: Resource) -> bool:
    owned = at(resource.inputs, "metadata", "ownerReferences")
    return resource.is_a(CONTROLLER_KINDS) and not owned and isinstance(resource.physical_name, str)


def _together(objects: Objects, one: Resource, other: Resource) -> bool:
    """Say whether two workloads will be in one namespace: without one, those of a file or folder are taken to be."""
    units, near = objects.inventory.units, isinstance(place(one), str) and isinstance(place(other), str)
    shared = set(units.whole(one)) & set(units.whole(other))
    return meets(place(one), place(other)) and bool(shared if near else shared & set(units.of(one)[:2]))


def _is_at_fault(one: Resource, other: Resource) -> bool:
    """Say which of two with the same labels copied them: the one whose name is not among the values."""

    def rank(resource: Resource) -> tuple[bool, str, str]:
        values = mapping(selector_of(resource), "matchLabels").values()
        return resource.physical_name not in values, resource.title, resource.file or ""

    return rank(one) > rank(other)


OVERLAP: Final = Rule(
    code="FLT-REF-013",
    name="selectors-do-not-overlap",
    title="No two workloads of a namespace select the same pods",
    why="Workloads with overlapping selectors count and delete each other's pods, and autoscalers mix their load.",
    source="https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector",
    remediation="Give each workload a label of its own, in its selector and in its template.",
    scope=Scope.STACK,
    judge=_judge_overlap,
)


def _judge_spread(resource: Resource) -> Iterator[Violation]:
    pods = pods_of(resource)
    if pods is None or is_partial(pods) or pods.labels is UNKNOWN:
        return
    base = (*pods.path, "spec")
    for path, constraint in each(pods.template, "spec", "topologySpreadConstraints"):
        selector = at(constraint, "labelSelector")
        if selector is None or selects(selector, pods.labels) is False:
            what = "counts no pods, for it has no labelSelector" if selector is None else "does not count its own pods"
            yield Violation(resource, (*pods.path, *path), f"has a spread over {_key(constraint)} that {what}")
    for path, term in _anti_affinity(pods.template):
        pairs, own = mapping(term, "labelSelector", "matchLabels"), mapping(pods.labels)
        slips = [key for key, value in pairs.items() if is_misspelt(str(value), str(own.get(key)))]
        if slips:
            key = slips[0]
            message = f"keeps away from pods with {key}={pairs[key]}, but its own have {key}={own[key]}"
            yield Violation(resource, (*base, "affinity", *path, "labelSelector", "matchLabels", key), message)


def _key(constraint: dict[str, Any]) -> str:
    return str(scalar(constraint, "topologyKey"))


def _anti_affinity(template: dict[str, Any]) -> Iterator[tuple[Path, dict[str, Any]]]:
    affinity = mapping(template, "spec", "affinity")
    yield from each(affinity, "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution")
    for path, weighted in each(affinity, "podAntiAffinity", "preferredDuringSchedulingIgnoredDuringExecution"):
        yield (*path, "podAffinityTerm"), mapping(weighted, "podAffinityTerm")


SPREAD: Final = Rule(
    code="FLT-REF-014",
    name="spread-counts-own-pods",
    title="A topology spread or anti-affinity selects the pods that carry it",
    why="A constraint that does not count its own pods spreads nothing: all replicas may land on one node.",
    source="https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/",
    remediation="Copy the labelSelector's pairs from the labels of the same pod template.",
    scope=Scope.RESOURCE,
    judge=_judge_spread,
    level=Level.ADVISORY,
    kinds=POD_KINDS,
)

RULES = (OWN_TEMPLATE, OVERLAP, SPREAD)
