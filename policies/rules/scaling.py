"""Autoscalers: one owner of the replicas, bounds that hold, and a metric that can be worked out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from policies.findings import Level, Rule, Scope, Violation
from policies.metrics import metrics
from policies.objects import Objects
from policies.resources import Resource
from policies.scaling import (
    AUTOSCALER_KINDS,
    HPA_KINDS,
    REPLICAS,
    SCALED_KINDS,
    VPA_KINDS,
    Autoscaler,
    replicas,
)
from policies.values import UNKNOWN, at, each, scalar

_HPA_PAGE: Final = "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/"


def _judge_owner(objects: Objects) -> Iterator[Violation]:
    for autoscaler, workload in objects.scaling.pairs():
        # 0 is the documented way to stop a workload and its HPA with it ("implicit maintenance mode").
        if at(workload.inputs, *REPLICAS) is not None and replicas(workload) not in (0, UNKNOWN):
            message = f"sets replicas to {replicas(workload)}, which {autoscaler.resource.title} owns"
            yield Violation(workload, REPLICAS, message)


ONE_OWNER = Rule(
    code="FLT-SCALE-001",
    name="replicas-or-autoscaler",
    title="A workload has replicas or an autoscaler, never both",
    why="Every apply sets the number back to the written one: under load it takes away the pods that carry it.",
    source=_HPA_PAGE + "#migrating-deployments-and-statefulsets-to-horizontal-autoscaling",
    remediation="Delete spec.replicas and let the autoscaler's minimum stand for it, or delete the autoscaler.",
    scope=Scope.STACK,
    judge=_judge_owner,
)


def _judge_rivals(objects: Objects) -> Iterator[Violation]:
    for found in objects.scaling.by_target.values():
        if len(found) > 1 and not any(one.takes_over for one in found):
            titles = {id(one): one.resource.title for one in found}
            for one in found:
                others = sorted(title for key, title in titles.items() if key != id(one))
                message = f"scales {one.target_kind} {one.target_name}, which {' and '.join(others)} scales too"
                yield Violation(one.resource, ("spec", "scaleTargetRef"), message)


ONE_AUTOSCALER = Rule(
    code="FLT-SCALE-004",
    name="one-autoscaler-per-workload",
    title="A workload has one autoscaler",
    why="Two autoscalers undo each other's decisions: the number of pods swings, and neither target is held.",
    source="https://keda.sh/docs/latest/faq/",
    remediation="Keep one autoscaler and give it the metrics of the other: it follows the one that wants most pods.",
    scope=Scope.STACK,
    judge=_judge_rivals,
)


def _judge_vertical(objects: Objects) -> Iterator[Violation]:
    for vpa in objects.of(VPA_KINDS):
        mode = scalar(vpa.inputs, "spec", "updatePolicy", "updateMode") or "Auto"
        kind, name = (scalar(vpa.inputs, "spec", "targetRef", field) for field in ("kind", "name"))
        key = vpa.namespace, kind, name
        moved = _moved(vpa) if mode not in ("Off", "Initial", UNKNOWN) else set()
        for autoscaler in objects.scaling.by_target.get(key, ()):
            shared = sorted({metric.resource for metric in metrics(autoscaler.resource) if metric.is_share} & moved)
            if shared:
                message = f"moves the request for {' and '.join(shared)}, by which {autoscaler.resource.title} scales"
                yield Violation(vpa, ("spec",), message)


def _moved(vpa: Resource) -> set[str]:
    """Give the requests that a VerticalPodAutoscaler changes in at least one container."""
    policies = [policy for _, policy in each(vpa.inputs, "spec", "resourcePolicy", "containerPolicies")]
    default: list[dict[str, Any]] = [] if any(one.get("containerName") == "*" for one in policies) else [{}]
    moved: set[str] = set()
    for policy in [*policies, *default]:
        listed = policy.get("controlledResources")
        names = listed if isinstance(listed, list) else ["cpu", "memory"]
        moved.update(str(name) for name in names if policy.get("mode") != "Off")
    return moved


ONE_DIRECTION = Rule(
    code="FLT-SCALE-005",
    name="one-autoscaler-per-resource",
    title="What an HPA measures, a VerticalPodAutoscaler leaves alone",
    why="The one changes the request by which the other divides: both chase each other.",
    source="https://github.com/kubernetes/autoscaler/blob/master/vertical-pod-autoscaler/docs/known-limitations.md",
    remediation="Set the VerticalPodAutoscaler's updateMode to Off, or its controlledResources to what the HPA does "
    "not measure.",
    scope=Scope.STACK,
    judge=_judge_vertical,
)
_NOT_SCALED: Final = frozenset(
    {"Job", "CronJob", "Pod", "Service", "ConfigMap", "Namespace", "Ingress", "PodDisruptionBudget"}
)


def _judge_target(resource: Resource) -> Iterator[Violation]:
    kind = Autoscaler(resource).target_kind
    if kind in _NOT_SCALED:
        message = f"scales a {kind}, which has no replicas to scale"
        yield Violation(resource, ("spec", "scaleTargetRef", "kind"), message)
    elif isinstance(kind, str) and kind not in SCALED_KINDS and kind.lower() in {one.lower() for one in SCALED_KINDS}:
        message = f"scales a {kind!r}, which is no kind: case counts"
        yield Violation(resource, ("spec", "scaleTargetRef", "kind"), message)


SCALABLE = Rule(
    code="FLT-SCALE-006",
    name="autoscaler-target-has-replicas",
    title="An autoscaler's target is a kind that has replicas",
    why="The autoscaler finds no scale to change, reports an error and does nothing.",
    source=_HPA_PAGE,
    remediation="Point scaleTargetRef at the Deployment or StatefulSet that makes the pods.",
    scope=Scope.RESOURCE,
    judge=_judge_target,
    kinds=AUTOSCALER_KINDS,
)


def _judge_room(resource: Resource) -> Iterator[Violation]:
    autoscaler = Autoscaler(resource)
    least, most = autoscaler.least, autoscaler.most
    if isinstance(least, int) and least == most and least > 0:
        yield Violation(resource, autoscaler.most_path, f"has bounds of {least} and {most}, so it never scales")


ROOM = Rule(
    code="FLT-SCALE-007",
    name="autoscaler-has-room",
    title="An autoscaler's bounds leave it something to decide",
    why="An autoscaler that can never scale looks like one that can, until the day it is needed.",
    source=_HPA_PAGE,
    remediation="Raise maxReplicas, or write spec.replicas and delete the autoscaler.",
    scope=Scope.RESOURCE,
    judge=_judge_room,
    level=Level.ADVISORY,
    kinds=HPA_KINDS,
)

RULES = (ONE_OWNER, ONE_AUTOSCALER, ONE_DIRECTION, SCALABLE, ROOM)
