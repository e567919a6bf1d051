"""Probes and lifecycle hooks go to a port that their pod serves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from policies import programs
from policies.findings import Level, Rule, Scope, Violation
from policies.listening import environment, told
from policies.pods import POD_KINDS, Container, Pods, Port, pods_of
from policies.port_names import as_port, name_fault, speaks
from policies.resources import Resource
from policies.values import UNKNOWN, Path, at, mapping, scalar

_HOOKS: Final = ("postStart", "preStop")
_HEALTH_LISTENERS: Final = frozenset({8080, 8081, 8085, 8086, 9440, 10254, 10256, 13133, 15020, 15021})
"""Where controllers, proxies and meshes answer probes by default, whatever ports they declare besides."""
_SOURCE: Final = "https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/"
Handler = tuple[Path, str, dict[str, Any]]


def _hooks(container: Container) -> Iterator[Handler]:
    for hook in _HOOKS:
        for kind in ("httpGet", "tcpSocket"):
            if handler := mapping(container.spec, "lifecycle", hook, kind):
                yield (*container.path, "lifecycle", hook, kind), kind, handler


def _handlers(resource: Resource) -> Iterator[tuple[Pods, Container, Handler]]:
    """Give every handler that goes to the pod itself, by a port that is known."""
    pods = pods_of(resource)
    for container in pods.running if pods else ():
        if any(UNKNOWN in (own.name, own.number) for own in container.ports):
            continue
        for handler in (*container.probes, *_hooks(container)):
            if pods and not handler[2].get("host") and not _is_no_port(scalar(handler[2], "port")):
                yield pods, container, handler


def _is_no_port(port: Any) -> bool:  # noqa: ANN401
    """Say whether a port is unknown, or can be none, which another rule says."""
    return name_fault(port) is not None if isinstance(port, str) else as_port(port) in (None, UNKNOWN)


def _judge_probes(resource: Resource) -> Iterator[Violation]:
    for pods, container, (path, kind, handler) in _handlers(resource):
        port = scalar(handler, "port")
        doing = f"calls its {path[-2]} hook on" if path[-2] in _HOOKS else "is probed on"
        if isinstance(port, str):
            message = _by_name(container, kind, port, doing)
        else:
            message = _by_number(pods, container, kind, port, doing)
        if message:
            yield Violation(resource, (*path, "port"), message)


def _by_name(container: Container, kind: str, name: str, doing: str) -> str | None:
    """Say what is wrong with a name, which is looked up in the container itself and not in its neighbours."""
    if kind == "grpc":
        return None
    if named := [own for own in container.ports if own.name == name]:
        return _wrong_protocol(container, named, doing, repr(name))
    own = ", ".join(str(own.name) for own in container.ports if own.name) or "no named port"
    return f"container {container.name} {doing} port {name!r}, but has {own}"


def _by_number(pods: Pods, container: Container, kind: str, number: Any, doing: str) -> str | None:  # noqa: ANN401
    if not isinstance(number, int):
        return None
    declared = [port for port in pods.ports if port.number == number]
    if wrong := _wrong_protocol(container, declared, doing, str(number)):
        return wrong
    undeclared = pods.listens(number) is False and not _may_be_next_door(pods, doing)
    if undeclared and _is_decided(pods, container, kind, number):
        return f"container {container.name} {doing} {number}, but its pod serves {pods.offer}"
    elsewhere = _told_elsewhere(pods, container, number)
    return f"container {container.name} {doing} {number}, but is told to listen on {elsewhere}" if elsewhere else None


def _wrong_protocol(container: Container, declared: list[Port], doing: str, shown: str) -> str | None:
    """Say that a port is declared, but not for TCP, by which every probe and hook comes."""
    protocols = sorted({str(port.protocol) for port in declared})
    if not declared or any(port.protocol in ("TCP", UNKNOWN) for port in declared):
        return None
    return (
        f"container {container.name} {doing} port {shown} by TCP, which is declared for {' and '.join(protocols)} alone"
    )


def _may_be_next_door(pods: Pods, doing: str) -> bool:
    """Say whether a hook may call a neighbour that declares no port, which is what hooks are there for."""
    return doing.startswith("calls") and any(not container.ports for container in pods.running)


def _is_decided(pods: Pods, container: Container, kind: str, number: int) -> bool:
    """Say whether an undeclared probe port is surely wrong, and not the health listener of its own that some have.

    Pods under Flotilla's contract declare every port. Elsewhere (CoreDNS, ingress-nginx) several ports are declared and
    all probes go to one that is not: that is legal, and only a single served port that speaks the probe's language, or
    probes that disagree, tell. A controller with an admission webhook has its health listener at a port of its own.
    """
    served = {port.number for port in container.ports if port.serves and speaks(port.name, kind)}
    if pods.resource.keeps_contract or not served:
        return pods.resource.keeps_contract
    if number in _HEALTH_LISTENERS and _is_controller(container):
        return False
    return len(served) == 1 or _agrees(pods, container, kind)


def _is_controller(container: Container) -> bool:
    hooked = any(isinstance(port.name, str) and port.name.startswith("webhook") for port in container.ports)
    return hooked or programs.is_controller(at(container.spec, "command"), at(container.spec, "args"))


def _agrees(pods: Pods, container: Container, kind: str) -> bool:
    """Say whether another probe of the container that speaks the same language goes to a declared port."""
    known = {port.number for port in pods.ports} | {port.name for port in container.ports if port.name}
    return any(own == kind and scalar(handler, "port") in known for _, own, handler in container.probes)


def _told_elsewhere(pods: Pods, container: Container, number: int) -> int | None:
    """Give the one port that a container is told, where nothing is declared and the probe goes to another."""
    if pods.ports or number in _HEALTH_LISTENERS or any(one.spells(number) for one in pods.running):
        return None
    numbers = {one.number for one in told(container, environment(container)) if one.side is None}
    return numbers.pop() if len(numbers) == 1 else None


PROBE_PORT = Rule(
    code="FLT-PORT-001",
    name="probe-reaches-a-port",
    title="A probe or lifecycle hook goes to a port that its pod serves",
    why="A probe on a port where nothing listens never succeeds: the pod is restarted for ever or gets no traffic.",
    source=_SOURCE,
    remediation="Give the probe the name of the container's port, or declare the port that it probes.",
    scope=Scope.RESOURCE,
    judge=_judge_probes,
    kinds=POD_KINDS,
)


def _judge_undeclared(resource: Resource) -> Iterator[Violation]:
    for pods, container, (path, kind, handler) in _handlers(resource):
        number = scalar(handler, "port")
        if path[-2] in _HOOKS or not isinstance(number, int) or number in _HEALTH_LISTENERS:
            continue
        served = {port.number for port in container.ports if port.serves and speaks(port.name, kind)}
        if len(served) > 1 and pods.listens(number) is False and not _is_decided(pods, container, kind, number):
            message = f"probes container {container.name} on {number}, which is none of its ports {pods.offer}"
            yield Violation(resource, (*path, "port"), message)


UNDECLARED_PROBE = Rule(
    code="FLT-PORT-006",
    name="probe-port-is-declared",
    title="A probe of a container with several ports goes to one of them",
    why="A listener for probes alone may be there undeclared; if it is not, the pod never becomes ready.",
    source=_SOURCE,
    remediation="Declare the port that is probed, or probe one that is declared.",
    scope=Scope.RESOURCE,
    judge=_judge_undeclared,
    level=Level.ADVISORY,
    kinds=POD_KINDS,
)

RULES = (PROBE_PORT, UNDECLARED_PROBE)
