"""A port is written as the API server takes it: in range, and by a name that can be one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from policies.findings import Rule, Scope, Violation
from policies.ingresses import INGRESS_KINDS
from policies.pods import POD_KINDS, PROBES, pods_of
from policies.port_names import HIGHEST, LOWEST, as_number, as_port, label_fault, name_fault
from policies.resources import Resource
from policies.services import SERVICE_KINDS
from policies.values import UNKNOWN, Path, at, each, mapping, scalar

NODE_PORTS: Final = range(30000, 32768)
"""Where node ports lie unless the API server is told otherwise (``--service-node-port-range``)."""
_QUALIFIED_NAME: Final = re.compile(r"(?:[a-z0-9.-]{1,253}/)?[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?", re.ASCII)
Fault = tuple[Path, str]
Check = Callable[[Any], str | None]


def _judge_values(resource: Resource) -> Iterator[Violation]:
    if resource.is_a(SERVICE_KINDS):
        faults = _service(resource)
    elif resource.is_a(INGRESS_KINDS):
        faults = _ingress(resource)
    else:
        faults = _pods(resource)
    for path, fault in faults:
        yield Violation(resource, path, fault)


def _checked(value: dict[str, Any], path: Path, checks: dict[str, Check]) -> Iterator[Fault]:
    for field, check in checks.items():
        written = scalar(value, field)
        if written not in (None, UNKNOWN, "") and (fault := check(written)):
            said = "port name" if field == "name" else field
            yield (*path, field), f"has {said} {written!r}, which {fault}"


def _number(port: Any) -> str | None:  # noqa: ANN401
    return f"is not between {LOWEST} and {HIGHEST}" if isinstance(port, int) and as_port(port) is UNKNOWN else None


def _optional(port: Any) -> str | None:  # noqa: ANN401
    return None if port == 0 else _number(port)


def _number_or_name(port: Any) -> str | None:  # noqa: ANN401
    return name_fault(port) if isinstance(port, str) else _number(port)


def _target(port: Any) -> str | None:  # noqa: ANN401
    return None if port == 0 else _number_or_name(port)


def _name(name: Any) -> str | None:  # noqa: ANN401
    return name_fault(name) if isinstance(name, str) else None


def _label(name: Any) -> str | None:  # noqa: ANN401
    return label_fault(name) if isinstance(name, str) else None


def _node_port(port: Any) -> str | None:  # noqa: ANN401
    if not isinstance(port, int) or port == 0 or port in NODE_PORTS:
        return None
    return f"is not between {NODE_PORTS[0]} and {NODE_PORTS[-1]}, where node ports lie unless the API server is told so"


def _application(protocol: Any) -> str | None:  # noqa: ANN401
    fine = not isinstance(protocol, str) or _QUALIFIED_NAME.fullmatch(protocol)
    return None if fine else "is no name of a protocol, with a domain and a slash before it or without"


_CONTAINER_PORT: Final[dict[str, Check]] = {
    "name": _name,
    "containerPort": _number,
    "hostPort": _optional,
}
_SERVICE_PORT: Final[dict[str, Check]] = {
    "name": _label,
    "port": _number,
    "targetPort": _target,
    "appProtocol": _application,
}
_HANDLERS: Final[dict[str, Check]] = {"httpGet": _number_or_name, "tcpSocket": _number_or_name, "grpc": _number}


def _pods(resource: Resource) -> Iterator[Fault]:
    pods = pods_of(resource)
    for container in pods.containers if pods else ():
        for path, port in each(container.spec, "ports"):
            yield from _checked(port, (*container.path, *path), _CONTAINER_PORT)
            if pods and at(pods.template, "spec", "hostNetwork") is True:
                yield from _host_port(port, (*container.path, *path))
        yield from _handlers(container.spec, container.path)


def _handlers(container: dict[str, Any], path: Path) -> Iterator[Fault]:
    places: list[Path] = [(probe,) for probe in PROBES] + [("lifecycle", hook) for hook in ("postStart", "preStop")]
    for place in places:
        for kind, check in _HANDLERS.items():
            yield from _checked(mapping(container, *place, kind), (*path, *place, kind), {"port": check})


def _host_port(port: dict[str, Any], path: Path) -> Iterator[Fault]:
    number, on_host = as_number(scalar(port, "containerPort")), as_number(scalar(port, "hostPort"))
    if isinstance(number, int) and isinstance(on_host, int) and on_host not in {0, number}:
        yield (*path, "hostPort"), f"has hostPort {on_host}, which under hostNetwork must be its containerPort {number}"


def _service(resource: Resource) -> Iterator[Fault]:
    on_nodes = scalar(resource.inputs, "spec", "type") not in (None, "", "ClusterIP")
    checks = _SERVICE_PORT | ({"nodePort": _node_port} if on_nodes else {})
    for path, port in each(resource.inputs, "spec", "ports"):
        yield from _checked(port, path, checks)


def _ingress(resource: Resource) -> Iterator[Fault]:
    spec = mapping(resource.inputs, "spec")
    places: list[Path] = [("defaultBackend", "service", "port")]
    for rule_path, rule in each(spec, "rules"):
        places += [(*rule_path, *path, "backend", "service", "port") for path, _ in each(rule, "http", "paths")]
    for place in places:
        yield from _checked(mapping(spec, *place), ("spec", *place), {"number": _number, "name": _name})


PORT_VALUE = Rule(
    code="FLT-PORT-007",
    name="port-is-valid",
    title="A port has a number from 1 to 65535, and a name that can be one",
    why="The API server refuses the object: nothing of it is applied.",
    source="https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/",
    remediation="Write the number without quotes and in range, or a name of at most 15 lower case letters and digits.",
    scope=Scope.RESOURCE,
    judge=_judge_values,
    kinds=POD_KINDS | SERVICE_KINDS | INGRESS_KINDS,
)

RULES = (PORT_VALUE,)
