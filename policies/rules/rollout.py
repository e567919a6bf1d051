"""How a workload moves from one version to the next: a strategy that the API server takes and that keeps serving."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from policies.budgets import percentage, scaled
from policies.findings import Level, Rule, Scope, Violation
from policies.objects import Objects
from policies.pods import POD_KINDS, pods_of, template_path
from policies.resources import Resource
from policies.rules.readiness import traffic_ports
from policies.scaling import REPLICAS
from policies.values import UNKNOWN, Path, at, mapping, scalar

KINDS: Final = {kind: POD_KINDS[kind] for kind in ("Deployment", "StatefulSet", "DaemonSet")}
_REPLICATED: Final = {kind: POD_KINDS[kind] for kind in ("Deployment", "StatefulSet", "ReplicaSet")}
_FIELDS: Final = {"Deployment": "strategy"}
_TYPES: Final = {"Deployment": ("RollingUpdate", "Recreate")}
_OTHER_TYPES: Final = ("RollingUpdate", "OnDelete")
_NOTHING: Final = (0, "0%")
_DEADLINE: Final = 600
_SOURCE: Final = "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy"
Problem = tuple[Path, str]


def _judge_strategy(resource: Resource) -> Iterator[Violation]:
    field = _FIELDS.get(resource.kind, "updateStrategy")
    for path, message in _strategy(resource.kind, mapping(resource.inputs, "spec", field)):
        yield Violation(resource, ("spec", field, *path), message)
    count = scalar(resource.inputs, *REPLICAS)
    if resource.kind != "DaemonSet" and isinstance(count, int) and count < 0:
        yield Violation(resource, REPLICAS, f"has {count} replicas")


def _strategy(kind: str, strategy: dict[str, Any]) -> Iterator[Problem]:
    written, types = scalar(strategy, "type"), _TYPES.get(kind, _OTHER_TYPES)
    rolling = mapping(strategy, "rollingUpdate")
    if written not in (None, "", UNKNOWN, *types):
        yield ("type",), f"rolls out by {written!r}, which is none of {' and '.join(types)}"
    elif written == types[1] and rolling:
        yield ("rollingUpdate",), f"rolls out by {written}, where rollingUpdate may not stand"
    for name in ("maxSurge", "maxUnavailable"):
        if (message := _bound(name, rolling.get(name), surges=kind == "Deployment")) is not None:
            yield ("rollingUpdate", name), message
    yield from _stuck(kind, rolling)


def _bound(name: str, value: Any, *, surges: bool) -> str | None:  # noqa: ANN401
    if value in (None, UNKNOWN):
        return None
    share = percentage(value)
    if share is None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
        return f"has {name} {value!r}, which is neither a number nor a percentage"
    above = share is not None and share > 100 and not (surges and name == "maxSurge")
    return f"has {name} {value}, more than all pods" if above else None


def _stuck(kind: str, rolling: dict[str, Any]) -> Iterator[Problem]:
    unavailable, surge = rolling.get("maxUnavailable"), rolling.get("maxSurge")
    path = ("rollingUpdate", "maxUnavailable")
    if kind == "StatefulSet" and unavailable in _NOTHING and not isinstance(unavailable, bool):
        yield path, f"has maxUnavailable {unavailable}, so no pod may ever be replaced"
    elif unavailable in _NOTHING and (surge in _NOTHING or (surge is None and kind == "DaemonSet")):
        yield path, "has maxUnavailable 0 and maxSurge 0, so no pod may ever be replaced"
    elif kind == "DaemonSet" and surge not in (None, UNKNOWN, *_NOTHING) and unavailable not in (UNKNOWN, *_NOTHING):
        said = "the default of 1" if unavailable is None else unavailable
        yield path, f"has maxSurge {surge} beside a maxUnavailable of {said}, where only one may be above 0"


STRATEGY = Rule(
    code="FLT-SCALE-014",
    name="rollout-strategy-is-valid",
    title="A workload's strategy is one that the API server takes",
    why="The API server refuses the workload, so nothing of it is rolled out.",
    source=_SOURCE,
    remediation="Let either maxSurge or maxUnavailable be above 0, and write rollingUpdate only with RollingUpdate.",
    scope=Scope.RESOURCE,
    judge=_judge_strategy,
    kinds=_REPLICATED | KINDS,
)
_ALWAYS: Final = ("Always",)
_POLICIES: Final = {
    "Job": ("Never", "OnFailure"),
    "CronJob": ("Never", "OnFailure"),
    "Pod": ("Always", "OnFailure", "Never"),
    "PodTemplate": ("Always", "OnFailure", "Never"),
}


def _judge_restart(resource: Resource) -> Iterator[Violation]:
    path = template_path(resource)
    spec = mapping(resource.inputs, *path, "spec") if path is not None else {}
    if path is None or not spec:
        return
    allowed, written = _POLICIES.get(resource.kind, _ALWAYS), spec.get("restartPolicy")
    if written is UNKNOWN or (written or "Always") in allowed:
        return
    said = f"has restartPolicy {written}" if written else "has no restartPolicy, which is Always"
    message = f"{said}; a {resource.kind} takes {' or '.join(allowed)}"
    yield Violation(resource, (*path, "spec", "restartPolicy") if written else (*path, "spec"), message)


RESTART = Rule(
    code="FLT-SCALE-015",
    name="restart-policy-fits-the-kind",
    title="A pod template's restartPolicy is one that its kind allows",
    why="The API server refuses the workload: a Deployment's pods always restart, a Job's must be able to end.",
    source="https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy",
    remediation="Write Never or OnFailure in a Job and a CronJob, and nothing in the other kinds.",
    scope=Scope.RESOURCE,
    judge=_judge_restart,
    kinds=POD_KINDS,
)


def _judge_deadline(resource: Resource) -> Iterator[Violation]:
    deadline = scalar(resource.inputs, "spec", "progressDeadlineSeconds")
    if deadline is UNKNOWN:
        return
    limit = deadline if isinstance(deadline, int) else _DEADLINE
    least = scalar(resource.inputs, "spec", "minReadySeconds")
    steady = least if isinstance(least, int) else 0
    said = f"progressDeadlineSeconds is {limit}" + ("" if isinstance(deadline, int) else " by default")
    if steady >= limit:
        message = f"wants a pod ready for {steady} s, but {said}"
        yield Violation(resource, ("spec", "minReadySeconds"), message)
        return
    pods = pods_of(resource)
    for container in pods.running if pods else ():
        delay = scalar(container.spec, "readinessProbe", "initialDelaySeconds")
        if isinstance(delay, int) and delay + steady >= limit:
            path = (*container.path, "readinessProbe", "initialDelaySeconds")
            message = f"asks container {container.name} after {delay} s whether it is ready, but {said}"
            yield Violation(resource, path, message)


DEADLINE = Rule(
    code="FLT-SCALE-016",
    name="rollout-can-meet-its-deadline",
    title="A Deployment's pods can be ready before its deadline",
    why="Every roll-out is reported as failed, however healthy the pods are, and what waits for it gives up.",
    source="https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#progress-deadline-seconds",
    remediation="Raise progressDeadlineSeconds above the initial delay and minReadySeconds together.",
    scope=Scope.RESOURCE,
    judge=_judge_deadline,
    kinds={"Deployment": POD_KINDS["Deployment"]},
)


def _gone(allowed: Any, pods: int) -> int | None:  # noqa: ANN401
    """Give how many pods may be down; a Deployment rounds the percentage down."""
    share = percentage(allowed)
    return scaled(allowed, pods) if share is None else share * pods // 100


def _judge_serving(objects: Objects) -> Iterator[Violation]:
    for pods in objects.pods:
        workload = pods.resource
        least = objects.scaling.least(workload) if workload.kind == "Deployment" else None
        if not isinstance(least, int) or least < 2 or not traffic_ports(objects, pods):
            continue
        if any(_judge_strategy(workload)):
            continue
        strategy = mapping(workload.inputs, "spec", "strategy")
        allowed = at(strategy, "rollingUpdate", "maxUnavailable")
        if strategy.get("type") == "Recreate":
            yield Violation(workload, ("spec", "strategy", "type"), f"stops all {least} pods before a new one starts")
        elif (gone := _gone(allowed, least)) is not None and gone >= least:
            path = ("spec", "strategy", "rollingUpdate", "maxUnavailable")
            yield Violation(workload, path, f"lets all {least} pods be down at a time (maxUnavailable {allowed})")


SERVING = Rule(
    code="FLT-SCALE-017",
    name="rollout-keeps-serving",
    title="A roll-out of several pods behind a Service leaves some of them serving",
    why="Every roll-out is an outage, although there are enough pods to do without one.",
    source=_SOURCE,
    remediation="Use RollingUpdate with a maxUnavailable below the number of pods.",
    scope=Scope.STACK,
    judge=_judge_serving,
    level=Level.ADVISORY,
)

RULES = (STRATEGY, RESTART, DEADLINE, SERVING)
