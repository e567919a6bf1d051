"""References that Traefik and the autoscaler do not follow, although what they name is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from policies.findings import Level, Rule, Scope, Violation
from policies.ingresses import INGRESS_KINDS
from policies.objects import Objects
from policies.references import Concern, place
from policies.resources import Resource
from policies.route_references import ANNOTATIONS, CRD_PROVIDER, TRAEFIK_KINDS
from policies.services import SERVICE_KINDS
from policies.units import meets
from policies.values import UNKNOWN, Path, mapping, scalar

_ALLOWED: Final = re.compile(r"allow_?cross_?namespace[\"']?\s*[:=]?\s*[\"']?(?!.{0,3}false)", re.IGNORECASE)


def _judge_crossings(objects: Objects) -> Iterator[Violation]:
    crossing = [
        one
        for one in objects.references
        if one.owner.is_a(TRAEFIK_KINDS)
        and one.role.concern in (Concern.BACKEND, Concern.TRAEFIK)
        and not meets(one.namespace, place(one.owner))
    ]
    if not crossing or any(_ALLOWED.search(str(resource.inputs)) for resource in objects.resources):
        return
    for one in crossing:
        message = f"names {one.kind} {one.name!r} of namespace {one.namespace}, which Traefik allows only when told to"
        yield Violation(one.owner, (*one.path[:-1], "namespace"), message)


CROSSING: Final = Rule(
    code="FLT-REF-018",
    name="traefik-stays-in-its-namespace",
    title="Traefik's objects name objects of their own namespace",
    why="Traefik refuses references to other namespaces unless allowCrossNamespace is on, and drops the route.",
    source="https://doc.traefik.io/traefik/reference/install-configuration/providers/kubernetes/kubernetes-crd/#opt-providers-kubernetesCRD-allowCrossNamespace",
    remediation="Move the object into the route's namespace, or set Traefik's kubernetesCRD.allowCrossNamespace.",
    scope=Scope.STACK,
    judge=_judge_crossings,
    level=Level.ADVISORY,
)


def _judge_annotations(resource: Resource) -> Iterator[Violation]:
    for annotation in ANNOTATIONS:
        text = resource.annotations.get(annotation)
        for part in text.split(",") if isinstance(text, str) else ():
            name, at_sign, _ = part.strip().partition("@")
            path: Path = ("metadata", "annotations", annotation)
            where = place(resource) if isinstance(place(resource), str) else "default"
            wanted = f"write {where}-{name}{CRD_PROVIDER}"
            if name and not at_sign:
                yield Violation(resource, path, f"names {name!r} without its provider; {wanted}")
            elif part.strip().endswith(CRD_PROVIDER) and "-" not in name:
                yield Violation(resource, path, f"names {name!r} without its namespace; {wanted}")


QUALIFIED: Final = Rule(
    code="FLT-REF-019",
    name="annotation-names-its-provider",
    title="An annotation names Traefik's objects as namespace-name@kubernetescrd",
    why="Traefik looks for an unqualified name among those of Ingresses, where there is none, and drops the router.",
    source="https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/ingress/#on-ingress",
    remediation="Write namespace-name@kubernetescrd, or name@file for one of Traefik's own files.",
    scope=Scope.RESOURCE,
    judge=_judge_annotations,
    kinds=INGRESS_KINDS | SERVICE_KINDS,
)

_SCALE_GROUPS: Final = {
    "Deployment": "apps",
    "StatefulSet": "apps",
    "ReplicaSet": "apps",
    "ReplicationController": "",
}


def _judge_api(resource: Resource) -> Iterator[Violation]:
    target = mapping(resource.inputs, "spec", "scaleTargetRef")
    kind, written = scalar(target, "kind"), scalar(target, "apiVersion")
    path: Path = ("spec", "scaleTargetRef", "apiVersion")
    if UNKNOWN in (kind, written) or not target:
        return
    if kind == "DaemonSet":
        message = "scales a DaemonSet, which has one pod a node and no number of replicas"
        yield Violation(resource, (*path[:-1], "kind"), message)
    elif kind in _SCALE_GROUPS and _group(written) != _SCALE_GROUPS[kind]:
        right = "v1" if kind == "ReplicationController" else "apps/v1"
        shown = repr(written) if written else "no apiVersion"
        yield Violation(resource, path, f"scales a {kind} of {shown}, but a {kind} is of {right}")


def _group(written: Any) -> str:  # noqa: ANN401
    return str(written or "").rpartition("/")[0]


SCALE_API: Final = Rule(
    code="FLT-REF-020",
    name="scale-target-has-its-api",
    title="An autoscaler's scaleTargetRef gives the API group of a kind that can be scaled",
    why="The controller looks for the kind in the group that is written (FailedGetScale), and scales nothing.",
    source="https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/",
    remediation="Write apiVersion: apps/v1 beside kind: Deployment or StatefulSet.",
    scope=Scope.RESOURCE,
    judge=_judge_api,
    kinds={"HorizontalPodAutoscaler": frozenset({"autoscaling"})},
)

RULES = (CROSSING, QUALIFIED, SCALE_API)
