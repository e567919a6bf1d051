"""What else a Service's ports promise: one meaning of a name, no translation by a headless one, health checks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from policies.findings import Level, Rule, Scope, Violation
from policies.ingressroutes import GROUP
from policies.objects import Objects
from policies.pods import Pods, Port
from policies.services import ServicePort
from policies.values import at, mapping


def _judge_names(objects: Objects) -> Iterator[Violation]:
    for service in objects.services:
        names = {port.target for port in service.ports if isinstance(port.target, str)}
        for pods, answer in objects.selected(service) if names else ():
            if answer is True:
                for port, first in _ambiguous(pods, names):
                    message = (
                        f"names {port.number} {port.name!r} as it names {first.number} of another container; "
                        f"{service.resource.title}, which asks for the name, gets {first.number} alone"
                    )
                    yield Violation(pods.resource, (*port.path, "name"), message)


def _ambiguous(pods: Pods, names: set[Any]) -> Iterator[tuple[Port, Port]]:
    """Give each port that a name never leads to, with the one that it does lead to."""
    first: dict[tuple[Any, Any], Port] = {}
    for port in pods.ports:
        if port.name in names:
            leading = first.setdefault((port.name, port.protocol), port)
            if leading.number != port.number:
                yield port, leading


NAMED_PORT = Rule(
    code="FLT-PORT-013",
    name="port-name-is-unambiguous",
    title="A port name that a Service asks for stands once in a pod",
    why="The first container with the name gets all traffic; the other is never reached, whatever it was meant for.",
    source="https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#ports",
    remediation="Give the ports of the pod different names.",
    scope=Scope.STACK,
    judge=_judge_names,
    level=Level.ADVISORY,
)


def _judge_health_checks(objects: Objects) -> Iterator[Violation]:
    for backend in objects.backends:
        if backend.owner.api[0] != GROUP or not backend.path:
            continue
        member = backend.path[:-1]
        services = objects.services_named(backend.namespace, backend.service)
        if services and mapping(backend.owner.inputs, *member, "healthCheck") and not services[0].is_external:
            kind = at(services[0].resource.inputs, "spec", "type") or "ClusterIP"
            message = f"has a health check for {services[0].resource.title}, which is no ExternalName but {kind}"
            yield Violation(backend.owner, (*member, "healthCheck"), message)


HEALTH_CHECK = Rule(
    code="FLT-PORT-014",
    name="health-check-is-of-an-external-service",
    title="Traefik checks the health of ExternalName Services only",
    why="Traefik refuses the health check of any other Service and drops its route; pods have readiness probes.",
    source="https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/crd/http/ingressroute/",
    remediation="Take healthCheck away, and give the pods a readinessProbe.",
    scope=Scope.STACK,
    judge=_judge_health_checks,
)


def _judge_headless(objects: Objects) -> Iterator[Violation]:
    routed = {(backend.namespace, backend.service) for backend in objects.backends}
    for service in objects.services:
        if not service.is_headless or (service.resource.namespace, service.resource.physical_name) in routed:
            continue
        pods = [one for one, answer in objects.selected(service) if answer is True]
        for port in service.ports:
            numbers = _targets(port, pods)
            if pods and isinstance(port.number, int) and numbers and port.number not in numbers:
                reached = ", ".join(map(str, sorted(numbers)))
                message = (
                    f"offers {port.number}, but is headless: its name leads to the pods, which listen on {reached}"
                )
                yield Violation(service.resource, (*port.path[:-1], "port"), message)


def _targets(port: ServicePort, pods: list[Pods]) -> set[int]:
    if isinstance(port.target, int):
        return {port.target}
    found = {own.number for one in pods for own in one.ports if own.name == port.target}
    return {number for number in found if isinstance(number, int)}


HEADLESS: Final = Rule(
    code="FLT-PORT-015",
    name="headless-port-is-the-pods",
    title="A headless Service offers the port that its pods listen on",
    why="Clients of a headless Service connect to the pods directly: nothing translates port into targetPort.",
    source="https://kubernetes.io/docs/concepts/services-networking/service/#headless-services",
    remediation="Make port and targetPort the same number, or give the Service a cluster IP.",
    scope=Scope.STACK,
    judge=_judge_headless,
    level=Level.ADVISORY,
)

RULES = (NAMED_PORT, HEALTH_CHECK, HEADLESS)
