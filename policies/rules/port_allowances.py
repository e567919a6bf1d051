"""A NetworkPolicy allows ports that the pods behind it serve."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from policies.findings import Level, Rule, Scope, Violation
from policies.label_index import LabelIndex
from policies.objects import Objects
from policies.pods import Pods
from policies.port_names import as_number
from policies.resources import Resource
from policies.values import UNKNOWN, Path, each, mapping, scalar

_POLICIES: Final = {"NetworkPolicy": frozenset({"networking.k8s.io"})}
_DIRECTIONS: Final = (("ingress", "from"), ("egress", "to"))


def _judge(objects: Objects) -> Iterator[Violation]:
    policies = objects.of(_POLICIES)
    if not policies:
        return
    index = LabelIndex((one.resource.namespace, one.labels, one) for one in objects.pods if one.serves)
    for policy in policies:
        rules = list(each(policy.inputs, "spec", "ingress"))
        own = _selected(index, policy, mapping(policy.inputs, "spec", "podSelector"))
        yield from _direction(policy, [(path, rule, own) for path, rule in rules])
        for path, rule in each(policy.inputs, "spec", "egress"):
            yield from _direction(policy, [(path, rule, _peers(index, policy, rule))])


def _selected(index: LabelIndex[Pods], policy: Resource, selector: dict[str, Any]) -> list[Pods]:
    """Give the pods that a selector picks out; an empty one means all pods, whatever they serve, and is not judged."""
    return list(index.selected(selector, frozenset({policy.namespace}))) if selector else []


def _peers(index: LabelIndex[Pods], policy: Resource, rule: dict[str, Any]) -> list[Pods]:
    """Give the pods that an egress rule leads to; none where it leads to other namespaces or addresses too."""
    peers = [peer for _, peer in each(rule, "to")]
    if any(set(peer) != {"podSelector"} for peer in peers):
        return []
    return [pods for peer in peers for pods in _selected(index, policy, mapping(peer, "podSelector"))]


def _direction(policy: Resource, rules: list[tuple[Path, dict[str, Any], list[Pods]]]) -> Iterator[Violation]:
    """Judge rules that lead to the same pods together: what one allows, another need not."""
    allowed = {as_number(scalar(port, "port")) for _, rule, _ in rules for _, port in each(rule, "ports")}
    for path, rule, pods in rules:
        ports = list(each(rule, "ports"))
        if not pods or UNKNOWN in allowed or any(one.has_unknown_ports for one in pods):
            continue
        unserved = [(port_path, port) for port_path, port in ports if _is_unserved(port, pods)]
        if len(unserved) == len(ports) or _is_orphaned(pods, allowed):
            for port_path, port in unserved:
                yield Violation(policy, (*path, *port_path, "port"), _message(port, pods))


def _is_unserved(port: dict[str, Any], pods: list[Pods]) -> bool:
    wanted, protocol = as_number(scalar(port, "port")), scalar(port, "protocol") or "TCP"
    if wanted is None or "endPort" in port or protocol is UNKNOWN:
        return False
    if isinstance(wanted, int):
        return all(one.listens(wanted, protocol) is False for one in pods)
    return not any(own.name in (wanted, UNKNOWN) and own.protocol == protocol for one in pods for own in one.ports)


def _is_orphaned(pods: list[Pods], allowed: set[Any]) -> bool:
    """Say whether a port that some pod serves is let through by nobody."""
    served = [port for one in pods for port in one.ports if port.serves and port.protocol == "TCP"]
    return any(not {port.number, port.name} & allowed for port in served)


def _message(port: dict[str, Any], pods: list[Pods]) -> str:
    shown = sorted({f"{one.resource.title} serves {one.offer}" for one in pods})
    more = f" and {len(shown) - 3} more" if len(shown) > 3 else ""
    return f"allows {scalar(port, 'protocol') or 'TCP'} port {scalar(port, 'port')!r}, but {'; '.join(shown[:3])}{more}"


ALLOWED_PORT = Rule(
    code="FLT-PORT-012",
    name="allowed-port-is-served",
    title="A NetworkPolicy allows a port that the pods behind it serve",
    why="A policy sees the pod's own port, after the Service: it lets nothing through that could arrive.",
    source="https://kubernetes.io/docs/concepts/services-networking/network-policies/",
    remediation="Allow the containerPort, by number or name, and not the Service's port.",
    scope=Scope.STACK,
    judge=_judge,
    level=Level.ADVISORY,
)

RULES = (ALLOWED_PORT,)
