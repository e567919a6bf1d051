"""What Services send to pods, and whether a target is surely one on which nothing listens.

``containerPort`` is informational: what is declared exists, what is not declared may exist as well. So it takes more
than a missing declaration: a port left without traffic, another protocol, or the word of the pods themselves.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final

from policies.listening import environment, told
from policies.objects import Objects
from policies.pods import Pods, Port
from policies.port_names import is_side, is_web
from policies.services import Service, ServicePort
from policies.values import UNKNOWN, each, mapping, scalar

Sent = set[tuple[Any, Any]]
"""Targets, each with its protocol."""
_AMONG_PEERS: Final = re.compile(r"(?:.*-)?(?:memberlist|gossip|raft|peers?|serf|cluster|jgroups|epmd|webhook)(?:-.*)?")
_CONFIG_MAPS: Final = {"ConfigMap": frozenset({""})}


class Reach:
    """Every Service with the pods that it surely selects, and what all Services together send to them."""

    def __init__(self, objects: Objects) -> None:
        self.chains: list[tuple[Service, list[Pods]]] = []
        self.undecided: list[Pods] = []
        self._sent: dict[int, Sent] = defaultdict(set)
        """By every Service that is not headless: those beside it name the same ports again, whoever uses them."""
        self._objects = objects
        for service in objects.services:
            selected = [] if service.is_external else list(objects.selected(service))
            certain = [pods for pods, answer in selected if answer is not UNKNOWN]
            self.undecided += [pods for pods, answer in selected if answer is UNKNOWN]
            self.chains.append((service, certain))
            for pods in () if service.is_headless else certain:
                self._sent[id(pods)] |= _sent(service)

    def surely_lacks(self, pods: Pods, service: Service, port: ServicePort) -> bool:
        """Say whether nothing listens on the target, and not just on one port more than the pods declare."""
        sent = self._sent[id(pods)] | _sent(service)
        if _contradicts_protocol(pods, port, sent):
            return True
        if not pods.ports:
            return _is_told_otherwise(pods, port.target)
        if pods.may_listen(port.target, port.protocol) or _is_configured(self._config(pods), port.target):
            return False
        if is_side(port.name):
            return any(one.name in (port.name, None) and not _has_traffic(one, sent) for one in pods.ports)
        if pods.listens(port.target, port.protocol) is None:
            return False
        return pods.resource.keeps_contract or _is_astray(pods, service, port, sent)

    def _config(self, pods: Pods) -> Iterator[str]:
        """Give the texts of the ConfigMaps that pods mount or take their environment from."""
        names = [scalar(volume, "configMap", "name") for _, volume in each(pods.template, "spec", "volumes")]
        for container in pods.running:
            names += [scalar(source, "configMapRef", "name") for _, source in each(container.spec, "envFrom")]
        for config in (self._configs.get((pods.resource.namespace, name), {}) for name in names):
            yield from (text for text in config.values() if isinstance(text, str))

    @cached_property
    def _configs(self) -> dict[tuple[Any, Any], dict[str, Any]]:
        found = [one for one in self._objects.resources if one.is_a(_CONFIG_MAPS)]
        return {(one.namespace, one.physical_name): mapping(one.inputs, "data") for one in found}


def _is_astray(pods: Pods, service: Service, port: ServicePort, sent: Sent) -> bool:
    """Say whether the target is one that should have been another.

    A Service that reaches no declared port is astray where the pods serve a single port, or one without traffic. One
    that is right but for one target is astray where exactly one port of the pods has no traffic.
    """
    served = [one for one in pods.ports if one.serves and one.protocol == port.protocol]
    orphans = [one for one in served if not _AMONG_PEERS.fullmatch(str(one.name)) and not _has_traffic(one, sent)]
    if not any(_has_traffic(one, _sent(service)) for one in pods.ports):
        return bool(orphans) or (len({one.number for one in served}) == 1 and not service.is_headless)
    strays = {one.target for one in service.ports if isinstance(one.target, int) and pods.listens(one.target) is False}
    return len(strays) == len(orphans) == 1


def _sent(service: Service) -> Sent:
    return {(port.target, port.protocol) for port in service.ports}


def _has_traffic(port: Port, sent: Sent) -> bool:
    return any(target in (port.number, port.name) and protocol == port.protocol for target, protocol in sent)


def _contradicts_protocol(pods: Pods, port: ServicePort, sent: Sent) -> bool:
    """Say whether the target is declared, but surely for another protocol.

    An undeclared protocol is TCP, and many forget to write UDP: only what shows that the port is TCP indeed tells. UDP
    was written by somebody; without any UDP traffic to it, it is the Service that has forgotten.
    """
    own = [one for one in pods.ports if one.number == port.target]
    if not own or any(one.protocol in {port.protocol, UNKNOWN} for one in own):
        return False
    if port.protocol != "TCP":
        return any(is_web(one.name) for one in own) or _is_probed(pods, {port.target, *(one.name for one in own)})
    return not any(_has_traffic(one, sent) for one in own)


def _is_probed(pods: Pods, names: set[Any]) -> bool:
    return any(scalar(probe, "port") in names for one in pods.running for _, _, probe in one.probes)


def _is_told_otherwise(pods: Pods, number: int) -> bool:
    """Say whether pods that declare nothing are told one port, and it is not this."""
    if pods.has_unknown_ports or any(container.spells(number) for container in pods.running):
        return False
    tellings = [one for container in pods.running for one in told(container, environment(container))]
    numbers = {one.number for one in tellings if one.side is None}
    return len(pods.running) == 1 and len(numbers) == 1 and number not in numbers


def _is_configured(texts: Iterator[str], number: int) -> bool:
    """Say whether a configuration has the number as a port to listen on, and not as that of another host."""
    spelled = re.compile(rf"(?<![\w.\-:])(?:(?:0\.0\.0\.0|127\.0\.0\.1|localhost|\[::\]|\*)?:)?{number}(?![\w.])")
    return any(spelled.search(text) for text in texts)
