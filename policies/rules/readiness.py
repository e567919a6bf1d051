"""Pods behind a Service say when they are ready, and are restarted when they hang."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.findings import Level, Rule, Scope, Violation
from policies.objects import Objects
from policies.pods import PROBES, Container, Pods
from policies.port_names import SIDE_PORT
from policies.purpose import Purpose
from policies.services import Service, ServicePort
from policies.values import at

_LASTING = dict.fromkeys(("Deployment", "StatefulSet", "DaemonSet"), frozenset({"apps"}))
"""What is meant to run for ever, behind a Service or not."""
_SOURCE = "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-probes"


def traffic_ports(objects: Objects, pods: Pods) -> list[tuple[Service, ServicePort]]:
    """Give the Service ports by which customers arrive at pods: none that is only there to be watched."""
    return [
        (service, port)
        for service in objects.services_of(pods.resource)
        if not service.is_external and at(service.resource.inputs, "spec", "publishNotReadyAddresses") is not True
        for port in service.ports
        if not (isinstance(port.name, str) and SIDE_PORT.fullmatch(port.name))
        and not (isinstance(port.target, str) and SIDE_PORT.fullmatch(port.target))
    ]


def _serving(pods: Pods, ports: list[tuple[Service, ServicePort]]) -> list[Container]:
    """Give the containers that declare a port that a Service sends to."""
    targets = [port.target for _, port in ports]
    return [
        container
        for container in pods.running
        if any(own.serves and (own.name in targets or own.number in targets) for own in container.ports)
    ]


def _has(container: Container, probe: str) -> bool:
    return container.spec.get(probe) is not None


def _unready(objects: Objects) -> Iterator[tuple[Pods, Service, Container, bool]]:
    """Give what gets traffic without being asked: pods, a Service, the container, and whether no container is asked.

    A pod with readiness gates has something outside say when it is ready.
    """
    for pods in objects.pods:
        ports = traffic_ports(objects, pods)
        if not ports or not pods.running or at(pods.template, "spec", "readinessGates"):
            continue
        silent = not any(_has(container, "readinessProbe") for container in pods.running)
        for container in _serving(pods, ports) or (pods.running[:1] if silent else ()):
            if not _has(container, "readinessProbe"):
                yield pods, ports[0][0], container, silent


def _is_broken(objects: Objects, pods: Pods, *, silent: bool) -> bool:
    return silent and objects.purpose_of(pods.resource) is Purpose.PRODUCTION


def _violation(pods: Pods, service: Service, container: Container) -> Violation:
    lacks = "no readinessProbe" if _has(container, "livenessProbe") else "neither readinessProbe nor livenessProbe"
    message = f"container {container.name} has {lacks}, but {service.resource.title} sends it traffic"
    return Violation(pods.resource, container.path, message)


def _judge_production(objects: Objects) -> Iterator[Violation]:
    for pods, service, container, silent in _unready(objects):
        if _is_broken(objects, pods, silent=silent):
            yield _violation(pods, service, container)


def _judge_elsewhere(objects: Objects) -> Iterator[Violation]:
    for pods, service, container, silent in _unready(objects):
        if not _is_broken(objects, pods, silent=silent):
            yield _violation(pods, service, container)


READY_IN_PRODUCTION = Rule(
    code="FLT-PROBE-004",
    name="production-pods-say-when-ready",
    title="Pods that serve production have a readinessProbe",
    why="A Service sends requests to a container as soon as its process exists: every roll-out and restart loses some.",
    source=_SOURCE,
    remediation="Give the container a readinessProbe on an endpoint that fails while it cannot serve.",
    scope=Scope.STACK,
    judge=_judge_production,
)
READY = Rule(
    code="FLT-PROBE-005",
    name="serving-containers-say-when-ready",
    title="A container that a Service sends traffic to has a readinessProbe",
    why="A Service sends requests to a container as soon as its process exists: every roll-out and restart loses some.",
    source=_SOURCE,
    remediation="Give the container a readinessProbe on an endpoint that fails while it cannot serve.",
    scope=Scope.STACK,
    judge=_judge_elsewhere,
    level=Level.ADVISORY,
)


def _judge_liveness(objects: Objects) -> Iterator[Violation]:
    for pods in objects.pods:
        ports: list[Any] = traffic_ports(objects, pods)
        for container in _serving(pods, ports) if ports else ():
            if _has(container, "readinessProbe") and not _has(container, "livenessProbe"):
                message = f"container {container.name} has no livenessProbe, so one that hangs stays as it is"
                yield Violation(pods.resource, container.path, message)
        if not ports and pods.resource.is_a(_LASTING) and pods.running and not any(map(_is_probed, pods.running)):
            first = pods.running[0]
            message = f"container {first.name} has no probe of any kind, so one that hangs stays as it is"
            yield Violation(pods.resource, first.path, message)


def _is_probed(container: Container) -> bool:
    return any(_has(container, probe) for probe in PROBES)


LIVE = Rule(
    code="FLT-PROBE-006",
    name="serving-containers-are-restarted-when-they-hang",
    title="A container that a Service sends traffic to has a livenessProbe",
    why="A process that hangs is taken out of the Service and never comes back: capacity shrinks with each one.",
    source=_SOURCE,
    remediation="Give the container a livenessProbe on an endpoint that depends on nothing but the process itself.",
    scope=Scope.STACK,
    judge=_judge_liveness,
    level=Level.ADVISORY,
)

RULES = (READY_IN_PRODUCTION, READY, LIVE)
