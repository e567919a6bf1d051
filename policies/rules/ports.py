"""Ports agree along the chain that traffic takes: route, Service, container."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from policies import images
from policies.findings import Rule, Scope, Violation
from policies.objects import Objects
from policies.pods import Container, Pods
from policies.port_names import as_port, name_fault
from policies.reach import Reach
from policies.routes import Backend
from policies.services import Service, ServicePort
from policies.values import UNKNOWN, at, scalar


def _judge_targets(objects: Objects) -> Iterator[Violation]:
    reach = Reach(objects)
    for pods in reach.undecided:
        yield Violation(pods.resource, (*pods.path, "metadata", "labels"), "", undecided=True)
    for service, selected in reach.chains:
        for port in service.ports if selected else ():
            yield from _target(reach, service, port, selected)


def _target(reach: Reach, service: Service, port: ServicePort, pods: list[Pods]) -> Iterator[Violation]:
    if UNKNOWN in (port.target, port.protocol):
        return
    if isinstance(port.target, int):
        missing, wanted = [one for one in pods if reach.surely_lacks(one, service, port)], f"port {port.target}"
    elif isinstance(port.target, str) and name_fault(port.target) is None:
        missing, wanted = list(_without_name(port, pods)), f"port named {port.target!r}"
    else:
        return
    if missing:
        seen = "; ".join(sorted(f"{one.resource.title} serves {one.offer}" for one in missing))
        message = f"sends {port.number} to {port.protocol} {wanted}, but {seen}"
        yield Violation(service.resource, port.path, message)


def _without_name(port: ServicePort, pods: list[Pods]) -> Iterator[Pods]:
    """Give the pods that lack the named port: all of them, or those that are another track of what has it.

    A Service may select pods of several kinds and find its port in some of them only; the others get no traffic.
    """
    missing = [one for one in pods if not one.has_unknown_ports and _lacks_name(one, port)]
    if len(missing) == len(pods):
        yield from missing
    elif missing:
        having = {key for one in pods for container in one.running for key in _having(container, port.target)}
        for one in missing:
            alike = any(not having.isdisjoint(_programs(container)) for container in one.running)
            if alike or one.resource.keeps_contract:
                yield one


def _having(container: Container, name: str) -> Iterator[str]:
    if any(own.name == name for own in container.ports):
        yield from _programs(container)


def _lacks_name(pods: Pods, port: ServicePort) -> bool:
    """Say whether no container offers the named port: the endpoints controller wants name and protocol alike."""
    return not any(
        UNKNOWN in (own.name, own.protocol) or (own.name == port.target and own.protocol == port.protocol)
        for own in pods.ports
    )


def _programs(container: Container) -> Iterator[str]:
    """Give by what a container is alike in two tracks of one release: its name, and its image whatever the tag."""
    written, name = scalar(container.spec, "image"), scalar(container.spec, "name")
    image = images.parse(written) if isinstance(written, str) else None
    if image:
        yield f"image {image.path}"
    if isinstance(name, str):
        yield f"container {name}"


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

_BY_ANNOTATION: Final = "use-annotation"
"""What the AWS load balancer controller takes for a port that an annotation of the Ingress gives."""


def _judge_backends(objects: Objects) -> Iterator[Violation]:
    mixed: list[tuple[Backend, Service]] = []
    for backend in objects.backends:
        services = objects.services_named(backend.namespace, backend.service)
        if not services or backend.port in (UNKNOWN, _BY_ANNOTATION) or _is_no_port(backend):
            continue
        if not any(_offers(one, backend.port) for one in services):
            asked = "no port" if backend.port in (None, "") else f"port {backend.port!r}"
            message = f"asks for {asked} of {services[0].resource.title}, whose ports are {services[0].offer}"
            yield Violation(backend.owner, backend.path, message)
        elif not any(_carries(one, backend) for one in services):
            mixed.append((backend, services[0]))
    # A Service with a wrong port is the one to edit: its routes have only followed it.
    wrong = {id(violation.resource) for violation in _judge_targets(objects)} if mixed else set()
    for backend, service in mixed:
        if id(service.resource) not in wrong:
            asked = f"{_protocol(backend)} port {backend.port!r} of {service.resource.title}"
            yield Violation(backend.owner, backend.path, f"asks for {asked}, which has it for another protocol alone")


def _is_no_port(backend: Backend) -> bool:
    """Say whether an Ingress asks for what can be no port, which another rule says."""
    by_field = backend.owner.kind == "Ingress" and backend.path[-1:] == ("port",)
    fault = name_fault(backend.port) is not None if isinstance(backend.port, str) else as_port(backend.port) is UNKNOWN
    return by_field and backend.port != "" and fault


def _offers(service: Service, port: Any) -> bool:  # noqa: ANN401
    return (service.is_external and isinstance(port, int)) or service.has_port(port) is not False


def _protocol(backend: Backend) -> str:
    return "UDP" if backend.owner.kind in {"IngressRouteUDP", "UDPRoute"} else "TCP"


def _carries(service: Service, backend: Backend) -> bool:
    """Say whether the port that a route asks for is there under the route's protocol."""
    asked = [one for one in service.ports if backend.port in (one.number, one.name)]
    if backend.owner.kind == "IngressRouteUDP":
        # Traefik goes to the pods itself and asks for no protocol: one that nobody wrote down decides nothing.
        asked = [one for one in asked if at(service.resource.inputs, *one.path[:-1], "protocol") is not None]
    return not asked or any(one.protocol in (UNKNOWN, _protocol(backend)) for one in asked)


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

RULES = (TARGET_PORT, ROUTE_PORT)
