"""A monitor scrapes a port that what it selects has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from policies.findings import Rule, Scope, Violation
from policies.label_index import LabelIndex, namespaces_of
from policies.objects import Objects
from policies.pods import Pods
from policies.resources import Resource
from policies.services import Service
from policies.values import UNKNOWN, Path, at, each, scalar

_GROUPS: Final = frozenset({"monitoring.coreos.com"})
SERVICE_MONITORS: Final = {"ServiceMonitor": _GROUPS}
POD_MONITORS: Final = {"PodMonitor": _GROUPS}


def _judge(objects: Objects) -> Iterator[Violation]:
    of_services = objects.of(SERVICE_MONITORS)
    of_pods = objects.of(POD_MONITORS)
    if of_services:
        index = LabelIndex((one.resource.namespace, one.resource.labels, one) for one in objects.services)
        for monitor in of_services:
            yield from _service_monitor(objects, monitor, list(selected(index, monitor)))
    if of_pods:
        pods = LabelIndex((one.resource.namespace, one.labels, one) for one in objects.pods)
        for monitor in of_pods:
            yield from _pod_monitor(monitor, list(selected(pods, monitor)))


def selected(index: LabelIndex[Any], monitor: Resource) -> Iterator[Any]:
    """Give what a monitor selects, in the namespaces that it looks into."""
    spec = at(monitor.inputs, "spec")
    namespaces = namespaces_of(at(spec, "namespaceSelector"), monitor.namespace)
    return index.selected(at(spec, "selector"), namespaces)


def _service_monitor(objects: Objects, monitor: Resource, services: list[Service]) -> Iterator[Violation]:
    """Judge a monitor by its Services, if the pods of one are at hand: operators make Services that are in no file."""
    if not any(next(objects.selected(service), None) for service in services):
        return
    for path, endpoint in each(monitor.inputs, "spec", "endpoints"):
        name, target = scalar(endpoint, "port"), scalar(endpoint, "targetPort")
        if name not in (None, ""):
            if name is not UNKNOWN and all(service.has_port(str(name)) is False for service in services):
                offered = "; ".join(sorted(f"{one.resource.title} has {one.offer}" for one in services))
                yield Violation(monitor, (*path, "port"), f"scrapes port {name!r} by its name, but {offered}")
        elif target is not None:
            pods = [one for service in services for one, answer in objects.selected(service) if answer is True]
            yield from _pod_port(monitor, (*path, "targetPort"), target, pods)


def _pod_monitor(monitor: Resource, pods: list[Pods]) -> Iterator[Violation]:
    for path, endpoint in each(monitor.inputs, "spec", "podMetricsEndpoints"):
        for field in ("port", "portNumber", "targetPort"):
            if (wanted := scalar(endpoint, field)) not in (None, ""):
                yield from _pod_port(monitor, (*path, field), wanted, pods)
                break


def _pod_port(monitor: Resource, path: Path, wanted: Any, pods: list[Pods]) -> Iterator[Violation]:  # noqa: ANN401
    """Judge a port of pods, which Prometheus finds among the declared ones only, whoever listens there."""
    field = "number" if isinstance(wanted, int) else "name"
    declared = [port for one in pods for container in one.containers for port in container.ports]
    values = {getattr(port, field) for port in declared}
    if not pods or wanted is UNKNOWN or {wanted, UNKNOWN} & values or any(one.has_unknown_ports for one in pods):
        return
    offered = "; ".join(sorted({f"{one.resource.title} declares {one.offer}" for one in pods}))
    yield Violation(monitor, path, f"scrapes port {wanted!r}, but {offered}")


MONITOR_PORT = Rule(
    code="FLT-PORT-011",
    name="monitor-scrapes-a-port",
    title="A ServiceMonitor names a port of its Services, a PodMonitor one of its pods",
    why="Prometheus drops every target without the named port: no metrics, no error, and alerts that can't fire.",
    source="https://prometheus-operator.dev/docs/developer/getting-started/#using-servicemonitors",
    remediation="Give the name of the port: the Service's in a ServiceMonitor, the container's in a PodMonitor.",
    scope=Scope.STACK,
    judge=_judge,
)


RULES = (MONITOR_PORT,)
