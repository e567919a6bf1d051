"""What an autoscaler measures can be worked out: a request to divide by, a container, a share that can be reached."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final

from policies import quantity
from policies.compute import Defaults, asked, defaults_by_namespace
from policies.findings import Level, Rule, Scope, Violation
from policies.metrics import Metric, metrics
from policies.objects import Objects
from policies.pods import pods_of
from policies.resources import Resource
from policies.scaling import Autoscaler
from policies.values import UNKNOWN, Path

_HPA_PAGE: Final = "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/"
_WHOLE: Final = 100


def _judge_requests(objects: Objects) -> Iterator[Violation]:
    defaults = defaults_by_namespace(objects.resources)
    said: set[tuple[Any, ...]] = set()
    for autoscaler, workload in objects.scaling.pairs():
        own = defaults.get(workload.namespace, Defaults())
        for metric in metrics(autoscaler.resource):
            for path, name, message in _indivisible(autoscaler, workload, metric, own):
                if (id(workload), path, name) not in said:
                    said.add((id(workload), path, name))
                    yield Violation(workload, path, message)


def _indivisible(
    autoscaler: Autoscaler, workload: Resource, metric: Metric, own: Defaults
) -> Iterator[tuple[Path, str, str]]:
    pods = pods_of(workload)
    for container in pods.running if pods and metric.is_share else ():
        if metric.container not in (None, container.name) or "ephemeralContainers" in container.path:
            continue
        if pods and asked(pods, container, "requests", metric.resource, own) is None:
            field = "resources" if "resources" in container.spec else None
            message = (
                f"container {container.name} has no {metric.resource} request, of which {autoscaler.resource.title} "
                f"wants {metric.target}%"
            )
            yield (*container.path, field) if field else container.path, metric.resource, message


DIVISIBLE = Rule(
    code="FLT-SCALE-002",
    name="utilization-has-a-request-to-divide-by",
    title="A workload that is scaled by utilization has requests in all its containers",
    why="Utilization is use divided by the request: without one the autoscaler fails and never scales.",
    source=_HPA_PAGE + "#how-does-a-horizontalpodautoscaler-work",
    remediation="Give every container, sidecars included, a request for the resource that the autoscaler looks at.",
    scope=Scope.STACK,
    judge=_judge_requests,
)


def _judge_containers(objects: Objects) -> Iterator[Violation]:
    for autoscaler, workload in objects.scaling.pairs():
        pods = pods_of(workload)
        names = [container.spec.get("name") for container in pods.running] if pods else []
        for metric in metrics(autoscaler.resource):
            known = metric.container not in (None, UNKNOWN) and UNKNOWN not in names
            if names and known and metric.container not in names:
                message = f"measures container {metric.container}, which {workload.title} does not have"
                yield Violation(autoscaler.resource, (*metric.path, "container"), message)


MEASURED = Rule(
    code="FLT-SCALE-003",
    name="measured-container-exists",
    title="A metric of one container names a container that the workload has",
    why="The autoscaler finds no such container, fails and never scales.",
    source=_HPA_PAGE + "#container-resource-metrics",
    remediation="Name a container of the workload's pod template.",
    scope=Scope.STACK,
    judge=_judge_containers,
)


def _judge_reach(objects: Objects) -> Iterator[Violation]:
    defaults = defaults_by_namespace(objects.resources)
    for autoscaler, workload in objects.scaling.pairs():
        for metric in metrics(autoscaler.resource):
            if metric.is_share and isinstance(metric.target, int) and metric.target > _WHOLE:
                most = _most_share(workload, metric, defaults.get(workload.namespace, Defaults()))
                if most is not None and metric.target > most:
                    message = f"wants {metric.resource} at {metric.target}%, but {workload.title} cannot pass {most}%"
                    yield Violation(autoscaler.resource, metric.path, message)


def _most_share(workload: Resource, metric: Metric, own: Defaults) -> int | None:
    """Give the highest utilization that the limits allow; None where a container has no limit."""
    pods = pods_of(workload)
    totals = {"limits": Fraction(0), "requests": Fraction(0)}
    for container in pods.running if pods else ():
        if pods is None or metric.container not in (None, container.name):
            continue
        for bound in totals:
            number = quantity.read(asked(pods, container, bound, metric.resource, own))
            if number is None:
                return None
            totals[bound] += number
    return int(totals["limits"] * _WHOLE / totals["requests"]) if totals["requests"] > 0 else None


REACH = Rule(
    code="FLT-SCALE-010",
    name="autoscaler-target-can-be-reached",
    title="A utilization that an autoscaler waits for is one that the limits allow",
    why="Utilization is a share of the request: where limit and request are equal it never passes 100%, and nothing "
    "scales.",
    source=_HPA_PAGE + "#how-does-a-horizontalpodautoscaler-work",
    remediation="Lower the target below what limit and request leave, or raise the limit.",
    scope=Scope.STACK,
    judge=_judge_reach,
    level=Level.ADVISORY,
)

RULES = (DIVISIBLE, MEASURED, REACH)
