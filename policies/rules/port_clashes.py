"""A port is taken once: in a pod, in a Service, and on the nodes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from policies.findings import Level, Rule, Scope, Violation
from policies.pods import POD_KINDS, pods_of
from policies.port_names import as_number
from policies.resources import Resource
from policies.services import SERVICE_KINDS
from policies.values import UNKNOWN, each, scalar

_NOTHING: Final = (None, UNKNOWN, "", 0)


@dataclass(frozen=True, slots=True)
class _Clash:
    """The field at fault, what is wrong with it, and whether it is no more than a list that says a port twice."""

    at_field: str
    message: str
    repeats: bool = False


@dataclass
class _Taken:
    """What the containers of a pod have taken so far, each with the container that has it."""

    numbers: dict[tuple[Any, Any], str] = field(default_factory=dict)
    at_host: dict[tuple[Any, Any, Any], str] = field(default_factory=dict)

    def clash(self, container: str, port: dict[str, Any], names: set[Any]) -> _Clash | None:
        """Take a port, and say with what it clashes: a port of the node, of the pod, a name in the container."""
        number, on_host, name = (as_number(scalar(port, key)) for key in ("containerPort", "hostPort", "name"))
        protocol = scalar(port, "protocol") or "TCP"
        host_key, key = (on_host, protocol, scalar(port, "hostIP") or ""), (number, protocol)
        holder = self.at_host.get(host_key) if on_host not in _NOTHING else None
        self.at_host.setdefault(host_key, container)
        if holder is not None:
            return _Clash("hostPort", f"takes port {on_host} ({protocol}) of the node, as container {holder} does")
        holder = self.numbers.get(key) if number not in _NOTHING else None
        self.numbers.setdefault(key, container)
        if holder not in {None, container}:
            return _Clash("containerPort", f"listens on {number} ({protocol}), as container {holder} does")
        if name not in _NOTHING and name in names:
            return _Clash("name", f"has two ports named {name!r}")
        names.add(name)
        # One port of a container may be open at two ports of the node.
        if holder == container and on_host in _NOTHING:
            return _Clash("containerPort", f"lists {number} ({protocol}) twice", repeats=True)
        return None


def _clashes(resource: Resource, *, repeats: bool) -> Iterator[Violation]:
    pods = pods_of(resource)
    if pods is None or sum(len(container.ports) for container in pods.containers) < 2:
        return
    shared = _Taken()
    for container in pods.containers:
        taken, names = shared if container.runs else _Taken(), set[Any]()
        for path, port in each(container.spec, "ports"):
            clash = taken.clash(container.name, port, names)
            if clash and clash.repeats is repeats:
                message = f"has container {container.name}, which {clash.message}"
                yield Violation(resource, (*container.path, *path, clash.at_field), message)


def _judge_pods(resource: Resource) -> Iterator[Violation]:
    return _clashes(resource, repeats=False)


def _judge_lists(resource: Resource) -> Iterator[Violation]:
    return _clashes(resource, repeats=True)


POD_PORTS = Rule(
    code="FLT-PORT-008",
    name="container-ports-are-distinct",
    title="No two containers of a pod take the same port, and no two ports of a container have one name",
    why="The containers of a pod share one network: the second can't bind its port and crashes.",
    source="https://kubernetes.io/docs/concepts/workloads/pods/#pod-networking",
    remediation="Give each container ports of its own, and each port of a container a name of its own.",
    scope=Scope.RESOURCE,
    judge=_judge_pods,
    kinds=POD_KINDS,
)

LISTED_ONCE = Rule(
    code="FLT-PORT-016",
    name="container-port-is-listed-once",
    title="A container lists each port once",
    why="Number and protocol are the key of the list: server-side apply refuses an entry that stands there twice.",
    source="https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy",
    remediation="List the port once, and let Services and probes share its name.",
    scope=Scope.RESOURCE,
    judge=_judge_lists,
    level=Level.ADVISORY,
    kinds=POD_KINDS,
)


def _judge_service(resource: Resource) -> Iterator[Violation]:
    ports = list(each(resource.inputs, "spec", "ports"))
    kind = scalar(resource.inputs, "spec", "type") or "ClusterIP"
    seen: dict[tuple[str, Any], int] = {}
    for position, (path, port) in enumerate(ports):
        for at_field, key, message in _service_port(port, kind, several=len(ports) > 1):
            if seen.setdefault((at_field, key), position) != position or key is None:
                yield Violation(resource, (*path, at_field), message)
                break


def _service_port(port: dict[str, Any], kind: str, *, several: bool) -> Iterator[tuple[str, Any, str]]:
    """Give what a port alone may have, with a key, and what is wrong in itself, with None for a key."""
    number, node_port, name = (as_number(scalar(port, key)) for key in ("port", "nodePort", "name"))
    protocol = scalar(port, "protocol") or "TCP"
    if number not in _NOTHING and protocol is not UNKNOWN:
        yield "port", (number, protocol), f"has two ports {number} ({protocol})"
    if name in (None, ""):
        if several:
            yield "name", None, f"has several ports, and port {number} no name"
    elif name is not UNKNOWN:
        yield "name", name, f"has two ports named {name!r}"
    if node_port not in _NOTHING:
        if kind == "ClusterIP":
            yield "nodePort", None, f"has nodePort {node_port} while its type is ClusterIP"
        yield "nodePort", (node_port, protocol), f"takes nodePort {node_port} ({protocol}) twice"


SERVICE_PORTS = Rule(
    code="FLT-PORT-009",
    name="service-ports-are-distinct",
    title="Each port of a Service has a number and, where there are several, a name of its own",
    why="The API server refuses the Service, so that nothing reaches its pods by name.",
    source="https://kubernetes.io/docs/concepts/services-networking/service/#multi-port-services",
    remediation="Give every port of the Service a different number and a different name.",
    scope=Scope.RESOURCE,
    judge=_judge_service,
    kinds=SERVICE_KINDS,
)

RULES = (POD_PORTS, LISTED_ONCE, SERVICE_PORTS)
