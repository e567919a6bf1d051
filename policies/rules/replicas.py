"""More than one pod where customers arrive, and some pod wherever a route leads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from policies.findings import Level, Rule, Scope, Violation
from policies.objects import Objects
from policies.pods import Pods, pods_of
from policies.purpose import Purpose
from policies.resources import Resource
from policies.routes import Backend
from policies.rules.readiness import traffic_ports
from policies.scaling import REPLICAS, replicas
from policies.splits import is_canary_name
from policies.values import Path, at, each, mapping

_DEPLOYMENT: Final = {"Deployment": frozenset({"apps", "extensions"})}
_SOURCE: Final = "https://kubernetes.io/docs/concepts/workloads/pods/disruptions/"


def is_canary(workload: Resource, pods: Pods) -> bool:
    """Say whether a workload is the release under trial, which may have few pods."""
    tracks = [labels.get("track") for labels in (workload.labels, mapping(pods.template, "metadata", "labels"))]
    return "canary" in tracks or is_canary_name(workload.physical_name)


def _is_singleton(pods: Pods) -> bool:
    """Say whether two of these pods would be in each other's way: ``Recreate``, or a disk that one pod may mount."""
    if at(pods.resource.inputs, "spec", "strategy", "type") == "Recreate":
        return True
    return any("persistentVolumeClaim" in volume for _, volume in each(pods.template, "spec", "volumes"))


def _single(objects: Objects) -> Iterator[tuple[Pods, Path, str]]:
    """Give what customers reach by one pod, the field that says so, and how."""
    for pods in objects.pods:
        workload = pods.resource
        if not workload.is_a(_DEPLOYMENT) or is_canary(workload, pods) or _is_singleton(pods):
            continue
        if replicas(workload) != 1 or objects.scaling.of(workload) or not traffic_ports(objects, pods):
            continue
        written = at(workload.inputs, *REPLICAS) is not None
        yield pods, REPLICAS if written else ("spec",), "one replica" if written else "no replicas, so one"


def _violation(objects: Objects, pods: Pods, path: Path, text: str) -> Violation:
    titles = sorted({service.resource.title for service, _ in traffic_ports(objects, pods)})
    return Violation(pods.resource, path, f"has {text}, behind {' and '.join(titles)}")


def _judge_production(objects: Objects) -> Iterator[Violation]:
    for pods, path, text in _single(objects):
        if objects.purpose_of(pods.resource) is Purpose.PRODUCTION:
            yield _violation(objects, pods, path, text)


def _judge_elsewhere(objects: Objects) -> Iterator[Violation]:
    for pods, path, text in _single(objects):
        if objects.purpose_of(pods.resource) is None:
            yield _violation(objects, pods, path, text)
    for autoscaler, workload in objects.scaling.pairs():
        scaled = pods_of(workload)
        if scaled and autoscaler.least == 1 and not autoscaler.is_keda and _is_reached(objects, scaled):
            path = autoscaler.least_path if at(autoscaler.resource.inputs, *autoscaler.least_path) else ("spec",)
            message = f"lets {workload.title} go down to one pod"
            yield Violation(autoscaler.resource, path, message)


def _is_reached(objects: Objects, pods: Pods) -> bool:
    workload = pods.resource
    waived = objects.purpose_of(workload) in (Purpose.TEST, Purpose.DISPOSABLE)
    return not waived and not is_canary(workload, pods) and bool(traffic_ports(objects, pods))


SPARE_IN_PRODUCTION = Rule(
    code="FLT-SCALE-011",
    name="production-has-a-spare-pod",
    title="What serves production has at least two pods",
    why="Each node drain, eviction and crash of the only pod is an outage.",
    source=_SOURCE,
    remediation="Set replicas to 2 or more, or give the workload an autoscaler whose minimum is.",
    scope=Scope.STACK,
    judge=_judge_production,
)
SPARE = Rule(
    code="FLT-SCALE-012",
    name="service-has-a-spare-pod",
    title="What a Service sends traffic to has at least two pods",
    why="Each node drain, eviction and crash of the only pod is an outage.",
    source=_SOURCE,
    remediation="Set replicas, or the autoscaler's minimum, to 2 or more; label the Namespace with its purpose where "
    "an outage does not matter.",
    scope=Scope.STACK,
    judge=_judge_elsewhere,
    level=Level.ADVISORY,
)


def _stopped(objects: Objects, namespace: Any, name: Any) -> list[Pods]:  # noqa: ANN401
    """Give the pods that a Service selects when all of them are stopped; none when one runs, or may run."""
    found = [
        (pods, answer)
        for service in objects.services_named(namespace, name)
        for pods, answer in objects.selected(service)
    ]
    stopped = all(answer is True and replicas(pods.resource) == 0 for pods, answer in found)
    return [pods for pods, _ in found] if stopped else []


def _judge_stopped(objects: Objects) -> Iterator[Violation]:
    for backend in objects.backends:
        if _weight(backend) == 0:
            continue
        stopped = _stopped(objects, backend.namespace, backend.service)
        if stopped and not any(objects.scaling.of(pods.resource) for pods in stopped):
            titles = sorted({pods.resource.title for pods in stopped})
            message = f"sends requests to Service {backend.service}, but {' and '.join(titles)} has 0 replicas"
            yield Violation(backend.owner, backend.path[:-1], message)


def _weight(backend: Backend) -> Any:  # noqa: ANN401
    return at(backend.owner.inputs, *backend.path[:-1], "weight")


SERVED = Rule(
    code="FLT-SCALE-013",
    name="route-leads-to-running-pods",
    title="A route leads to a workload that is not stopped",
    why="Traefik drops a route, and a whole split, of which one backend has no pod: customers get 404 or 503.",
    source="https://doc.traefik.io/traefik/reference/install-configuration/providers/kubernetes/kubernetes-crd/"
    "#opt-providers-kubernetesCRD-allowEmptyServices",
    remediation="Start the workload, take the backend out of the route, or give it weight 0.",
    scope=Scope.STACK,
    judge=_judge_stopped,
)

RULES = (SPARE_IN_PRODUCTION, SPARE, SERVED)
