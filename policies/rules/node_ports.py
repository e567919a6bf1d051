"""A port of the nodes is taken once in a cluster."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from policies.findings import Rule, Scope, Violation
from policies.objects import Objects
from policies.pods import Pods
from policies.port_names import as_number
from policies.resources import Resource
from policies.values import UNKNOWN, Path, at, each, scalar

_NOTHING: Final = (None, UNKNOWN, "", 0)
_WITH_NODE_PORTS: Final = ("NodePort", "LoadBalancer")
_EVERYWHERE: Final = "DaemonSet"
Taker = tuple[Resource, Path]


def _judge_node_ports(objects: Objects) -> Iterator[Violation]:
    taken: dict[Any, list[Taker]] = defaultdict(list)
    for service in objects.services:
        if at(service.resource.inputs, "spec", "type") not in _WITH_NODE_PORTS:
            continue
        for path, port in each(service.resource.inputs, "spec", "ports"):
            number = as_number(scalar(port, "nodePort"))
            if number not in _NOTHING:
                taken[number].append((service.resource, (*path, "nodePort")))
    for number, takers in taken.items():
        yield from _clashes(takers, f"takes nodePort {number}")


def _judge_host_ports(objects: Objects) -> Iterator[Violation]:
    taken: dict[Any, list[Taker]] = defaultdict(list)
    for pods in objects.pods:
        if pods.resource.kind == _EVERYWHERE and _is_on_every_node(pods):
            for key, path in _host_ports(pods):
                taken[key].append((pods.resource, path))
    for (number, protocol, _), takers in taken.items():
        yield from _clashes(takers, f"takes port {number} ({protocol}) of every node")


def _clashes(takers: list[Taker], what: str) -> Iterator[Violation]:
    """Give every taker but the first by name, once each; an object that is written down twice is one."""
    ordered = sorted(takers, key=lambda taker: taker[0].identity)
    first = ordered[0][0]
    seen = {first.identity}
    for resource, path in ordered:
        if resource.identity not in seen:
            seen.add(resource.identity)
            yield Violation(resource, path, f"{what}, which {first.title} takes too")


def _is_on_every_node(pods: Pods) -> bool:
    """Say whether a DaemonSet is not held to some nodes: two that are may never meet."""
    spec = at(pods.template, "spec")
    return isinstance(spec, dict) and not (spec.get("nodeSelector") or spec.get("affinity"))


def _host_ports(pods: Pods) -> Iterator[tuple[tuple[Any, Any, Any], Path]]:
    on_host = at(pods.template, "spec", "hostNetwork") is True
    for container in pods.running:
        for path, port in each(container.spec, "ports"):
            field = "containerPort" if on_host else "hostPort"
            number, protocol = as_number(scalar(port, field)), scalar(port, "protocol") or "TCP"
            if number not in _NOTHING:
                yield (number, protocol, scalar(port, "hostIP") or ""), (*container.path, *path, field)


def _judge(objects: Objects) -> Iterator[Violation]:
    yield from _judge_node_ports(objects)
    yield from _judge_host_ports(objects)


NODE_PORT = Rule(
    code="FLT-PORT-010",
    name="node-port-is-taken-once",
    title="No two Services have the same nodePort, and no two DaemonSets the same port of every node",
    why="The API server refuses the second Service; the pods of the second DaemonSet find no node and stay pending.",
    source="https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport",
    remediation="Take another port, or leave nodePort out so that a free one is taken.",
    scope=Scope.STACK,
    judge=_judge,
)

RULES = (NODE_PORT,)
