"""The port that an application is told is the one that its container declares, whoever tells it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from policies.findings import Rule, Scope, Violation
from policies.listening import PORT, Environment, Told, environment, matches, told
from policies.objects import Objects
from policies.pods import POD_KINDS, Container, Port, pods_of
from policies.port_names import speaks
from policies.resources import Resource
from policies.values import UNKNOWN, Path, at, each, mapping, scalar

_CONFIG_MAPS = {"ConfigMap": frozenset({""})}
_WHY = "An application that is told a port listens there; probes and Services follow the declared port and miss it."
_SOURCE = "https://12factor.net/port-binding"


def contradictions(
    container: Container, variables: Environment, neighbours: Iterable[Any] = ()
) -> Iterator[tuple[Told, str]]:
    """Give each telling that the declared ports of the container contradict, with those ports in words.

    A proxy may well be told the port of a neighbour in its pod; only ``PORT`` means its own for certain.
    """
    ports = container.ports
    if not ports or any(UNKNOWN in (port.number, port.name) for port in ports):
        return
    numbers = {port.number for port in ports}
    beside = set(neighbours)
    tellings = [one for one in told(container, variables) if one.number not in beside or one.by == PORT]
    agreed = [one for one in tellings if one.side is None and one.number in numbers]
    for one in tellings:
        overruled = any(other.by_argument or not one.is_plain for other in agreed)
        meant = _meant(one, ports)
        if meant and one.number not in numbers and not (one.side is None and overruled):
            yield one, ", ".join(dict.fromkeys(str(port.number) for port in meant))


def _meant(one: Told, ports: Iterable[Port]) -> list[Port]:
    """Give the declared ports that a telling can be about."""
    serving = [port for port in ports if port.protocol == "TCP" and (one.side or port.serves)]
    if one.side:
        return [port for port in serving if matches(one.side, port.name)]
    return serving if one.is_plain else [port for port in serving if speaks(port.name, "httpGet")]


def _judge_told(resource: Resource) -> Iterator[Violation]:
    pods = pods_of(resource)
    for container in pods.running if pods else ():
        variables = environment(container)
        path, value = variables.get(PORT, ((), None))
        if value is UNKNOWN:
            yield Violation(resource, path, "", undecided=True)
        beside = (
            [port.number for other in pods.running if other is not container for port in other.ports] if pods else []
        )
        for one, declared in contradictions(container, variables, beside):
            said = f"tells container {container.name} by {one.by} to listen on {one.number}"
            yield Violation(resource, one.path, f"{said}, but its containerPort is {declared}")


TOLD_PORT = Rule(
    code="FLT-PORT-004",
    name="told-port-is-declared",
    title="The port that an application is told is one that its container declares",
    why=_WHY,
    source=_SOURCE,
    remediation="Make the port in the variable or argument and containerPort the same number.",
    scope=Scope.RESOURCE,
    judge=_judge_told,
    kinds=POD_KINDS,
)


def _judge_configured(objects: Objects) -> Iterator[Violation]:
    maps = {(one.namespace, one.physical_name): mapping(one.inputs, "data") for one in objects.of(_CONFIG_MAPS)}
    for pods in objects.pods if maps else ():
        for container in pods.running if pods.ports else ():
            given = _given(container, maps)
            variables = given | environment(container)
            sources = {path for path, _ in given.values()}
            for one, declared in contradictions(container, variables) if given else ():
                if one.path in sources:
                    said = f"takes {one.by}={one.number} for container {container.name} from a ConfigMap"
                    yield Violation(container.pod, one.path, f"{said}, but its containerPort is {declared}")


def _given(container: Container, maps: Mapping[tuple[Any, Any], Mapping[str, Any]]) -> dict[str, tuple[Path, Any]]:
    """Give the variables that come from ConfigMaps at hand; a variable of the container's own hides them."""
    namespace, given = container.pod.namespace, dict[str, tuple[Path, Any]]()
    for path, source in each(container.spec, "envFrom"):
        prefix = scalar(source, "prefix") or ""
        for key, value in maps.get((namespace, scalar(source, "configMapRef", "name")), {}).items():
            given[f"{prefix}{key}"] = ((*container.path, *path, "configMapRef"), value)
    for path, variable in each(container.spec, "env"):
        name = str(variable.get("name"))
        reference = mapping(variable, "valueFrom", "configMapKeyRef")
        value = at(maps.get((namespace, scalar(reference, "name"))), str(scalar(reference, "key")))
        given.pop(name, None)
        if value is not None:
            given[name] = ((*container.path, *path, "valueFrom", "configMapKeyRef"), value)
    return given


CONFIGURED_PORT = Rule(
    code="FLT-PORT-005",
    name="configured-port-is-declared",
    title="The port that a ConfigMap tells an application is one that its container declares",
    why=_WHY,
    source=_SOURCE,
    remediation="Make the port in the ConfigMap and containerPort the same number.",
    scope=Scope.STACK,
    judge=_judge_configured,
)

RULES = (TOLD_PORT, CONFIGURED_PORT)
