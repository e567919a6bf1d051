"""Ports agree along the whole chain: probe, container, Service, route, and what the application is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.findings import Rule, Scope, Violation
from policies.objects import Objects
from policies.pods import Container, Pods, pods_of
from policies.resources import Resource
from policies.services import Service, ServicePort
from policies.values import UNKNOWN, Path, each, scalar


def _declared(pods: Pods) -> str:
    shown = [f"{port.number} ({port.name})" if port.name else f"{port.number}" for port in pods.ports]
    return ", ".join(dict.fromkeys(shown)) or "no port"


def _is_decided(pods: Pods, container: Container) -> bool:
    """Say whether an undeclared probe port is surely wrong, and not the health listener of its own that some have.

    Pods under Flotilla's contract declare every port. Elsewhere (CoreDNS, ingress-nginx) several ports are declared and
    all probes go to one that is not: that is legal, and only a single served port, or probes that disagree, tell.
    """
    served = {port.number for port in container.ports if port.serves}
    declared = {port.number for port in pods.ports}
    agreeing = any(scalar(handler, "port") in declared for _, _, handler in container.probes)
    return pods.resource.keeps_contract or len(served) == 1 or agreeing


def _judge_probes(resource: Resource) -> Iterator[Violation]:
    pods = pods_of(resource)
    for container in pods.running if pods else ():
        for path, kind, handler in container.probes:
            if message := _probe(pods, container, kind, handler) if pods else None:
                yield Violation(resource, (*path, "port"), message)


def _probe(pods: Pods, container: Container, kind: str, handler: dict[str, Any]) -> str | None:
    port, host = scalar(handler, "port"), handler.get("host")
    if port in (None, UNKNOWN) or host or any(UNKNOWN in (own.name, own.number) for own in container.ports):
        return None
    if isinstance(port, str) and kind != "grpc":
        if any(own.name == port for own in container.ports):
            return None
        own = ", ".join(str(own.name) for own in container.ports if own.name) or "no named port"
        return f"container {container.name} has no port named {port!r} for its probe to reach; it has {own}"
    number = int(port) if isinstance(port, str) and port.isdecimal() else port
    if not isinstance(number, int) or pods.listens(number) is not False or not _is_decided(pods, container):
        return None
    return f"container {container.name} is probed on {number}, but its pod serves {_declared(pods)}"


PROBE_PORT = Rule(
    code="FLT-PORT-001",
    name="probe-reaches-a-port",
    title="A probe goes to a port that its pod serves",
    why="A probe on a port where nothing listens never succeeds: the pod is restarted for ever or gets no traffic.",
    source="https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/",
    remediation="Give the probe the name of the container's port, or declare the port that it probes.",
    scope=Scope.RESOURCE,
    judge=_judge_probes,
)


def _judge_targets(objects: Objects) -> Iterator[Violation]:
    for service in objects.services:
        if service.is_external:
            continue
        pods = list(objects.selected(service))
        for one, answer in pods:
            if answer is UNKNOWN:
                yield Violation(one.resource, (*one.path, "metadata", "labels"), "", undecided=True)
        certain = [one for one, answer in pods if answer is True]
        for port in service.ports:
            yield from _target(service, port, certain)


def _target(service: Service, port: ServicePort, pods: list[Pods]) -> Iterator[Violation]:
    if port.target is UNKNOWN or not pods:
        return
    if isinstance(port.target, str):
        missing = [one for one in pods if _lacks_name(one, port)]
        if len(missing) == len(pods) or any(one.resource.keeps_contract for one in missing):
            yield _wrong_target(service, port, missing, f"port named {port.target!r}")
        return
    number = port.target
    if not isinstance(number, int):
        return
    if missing := [one for one in pods if _surely_lacks(one, number, service, port)]:
        yield _wrong_target(service, port, missing, f"port {number}")


def _surely_lacks(pods: Pods, number: int, service: Service, port: ServicePort) -> bool:
    """Say whether nothing listens on ``number``, and not just one port more than the pods declare, as Knative has.

    Pods under Flotilla's contract declare every port. Elsewhere it takes a single served port, or one that the Service
    leaves without traffic while it sends some to a number that nobody declares.
    """
    if pods.listens(number, str(port.protocol)) is not False:
        return False
    served = {own.number: own.name for own in pods.ports if own.serves and own.protocol == port.protocol}
    targets = {own.target for own in service.ports}
    orphaned = any(number not in targets and name not in targets for number, name in served.items())
    return pods.resource.keeps_contract or len(served) == 1 or orphaned


def _lacks_name(pods: Pods, port: ServicePort) -> bool:
    """Say whether no container offers the named port: the endpoints controller wants name and protocol alike."""
    return not any(
        UNKNOWN in (own.name, own.protocol) or (own.name == port.target and own.protocol == port.protocol)
        for own in pods.ports
    )


def _wrong_target(service: Service, port: ServicePort, missing: list[Pods], wanted: str) -> Violation:
    seen = "; ".join(sorted(f"{one.resource.title} serves {_declared(one)}" for one in missing))
    return Violation(service.resource, port.path, f"sends {port.number} to {port.protocol} {wanted}, but {seen}")


TARGET_PORT = Rule(
    code="FLT-PORT-002",
    name="service-reaches-a-port",
    title="A Service's targetPort is a port of the pods that it selects",
    why="A Service whose targetPort nobody serves answers with refused connections, or has no endpoint at all.",
    source="https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports",
    remediation="Set targetPort to the name of the pods' port; unset, it is the Service's own port.",
    scope=Scope.STACK,
    judge=_judge_targets,
)


def _judge_backends(objects: Objects) -> Iterator[Violation]:
    for backend in objects.backends:
        services = objects.services_named(backend.namespace, backend.service)
        if backend.port is not UNKNOWN and services and not any(_offers(one, backend.port) for one in services):
            asked = "no port" if backend.port in (None, "") else f"port {backend.port!r}"
            message = f"asks for {asked} of {services[0].resource.title}, whose ports are {services[0].offer}"
            yield Violation(backend.owner, backend.path, message)


def _offers(service: Service, port: Any) -> bool:  # noqa: ANN401
    return (service.is_external and isinstance(port, int)) or service.has_port(port) is not False


ROUTE_PORT = Rule(
    code="FLT-PORT-003",
    name="route-reaches-a-service-port",
    title="A route's backend port is a port of its Service",
    why="Traefik logs a missing Service port and drops the router: a shorter rule, or a 404, answers instead.",
    source="https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/crd/http/ingressroute/",
    remediation="Use a port that the Service declares, by its number, or by its name as text.",
    scope=Scope.STACK,
    judge=_judge_backends,
)


def _judge_environment(resource: Resource) -> Iterator[Violation]:
    pods = pods_of(resource)
    for container in pods.running if pods else ():
        for path, variable in each(container.spec, "env"):
            if variable.get("name") == "PORT":
                yield from _variable(container, (*container.path, *path, "value"), scalar(variable, "value"))


def _variable(container: Container, path: Path, value: Any) -> Iterator[Violation]:  # noqa: ANN401
    if value is UNKNOWN:
        yield Violation(container.pod, path, "", undecided=True)
        return
    text = str(value)
    served = [port for port in container.ports if port.protocol == "TCP" and port.serves]
    numbers = {port.number for port in container.ports}
    if not (text.isdecimal() and served) or UNKNOWN in numbers or int(text) in numbers:
        return
    declared = ", ".join(str(port.number) for port in served)
    message = f"tells container {container.name} to listen on {text}, but its containerPort is {declared}"
    yield Violation(container.pod, path, message)


PORT_VARIABLE = Rule(
    code="FLT-PORT-004",
    name="port-variable-is-declared",
    title="The PORT that an application is told is one that its container declares",
    why="An application that reads PORT listens there; probes and Services follow the declared port and miss it.",
    source="https://12factor.net/port-binding",
    remediation="Make PORT and containerPort the same number.",
    scope=Scope.RESOURCE,
    judge=_judge_environment,
)

RULES = (PROBE_PORT, TARGET_PORT, ROUTE_PORT, PORT_VARIABLE)
