"""Services as the chain of ports sees them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from policies.port_names import as_port, as_protocol
from policies.resources import Resource
from policies.values import UNKNOWN, Path, at, each, scalar

SERVICE_KINDS: Final = {"Service": frozenset({""})}


@dataclass(frozen=True, slots=True)
class ServicePort:
    """One port of a Service; ``target`` is the number, or the name, of the port at the pods."""

    name: Any
    number: Any
    target: Any
    protocol: Any
    path: Path


@dataclass(frozen=True)
class Service:
    """A Service with its ports."""

    resource: Resource

    @property
    def selector(self) -> Any:  # noqa: ANN401  (may be unknown)
        """The map that selects the pods."""
        return at(self.resource.inputs, "spec", "selector")

    @property
    def is_external(self) -> bool:
        """Whether the Service is only a DNS name: it has no pods, and its ports bind nobody."""
        return bool(at(self.resource.inputs, "spec", "type") == "ExternalName")

    @property
    def is_headless(self) -> bool:
        """Whether the Service's name leads to the pods themselves: its clients connect to them without translation."""
        return bool(at(self.resource.inputs, "spec", "clusterIP") == "None")

    @cached_property
    def ports(self) -> tuple[ServicePort, ...]:
        """The ports; an unset targetPort is the port itself (Kubernetes API reference, ServicePort)."""
        return tuple(self._ports())

    def _ports(self) -> Iterator[ServicePort]:
        for path, port in each(self.resource.inputs, "spec", "ports"):
            number, target = as_port(scalar(port, "port")), scalar(port, "targetPort")
            defaulted = target in (None, 0, "")
            field = "port" if defaulted else "targetPort"
            target = number if defaulted else target if isinstance(target, str) else as_port(target)
            protocol = as_protocol(scalar(port, "protocol"))
            yield ServicePort(scalar(port, "name"), number, target, protocol, (*path, field))

    def has_port(self, wanted: Any) -> bool | None:  # noqa: ANN401  (a name, a number or unknown)
        """Say whether ``wanted`` is a port: a number by its number, a text by its name; None when it may be."""
        field = "number" if isinstance(wanted, int) else "name"
        offered = [getattr(port, field) for port in self.ports]
        if wanted in (None, ""):
            return False
        if wanted in offered:
            return True
        in_doubt = wanted is UNKNOWN or UNKNOWN in offered or at(self.resource.inputs, "spec", "ports") is UNKNOWN
        return None if in_doubt else False

    @property
    def offer(self) -> str:
        """The ports in words: ``80 (http), 9090``."""
        shown = [f"{port.number} ({port.name})" if port.name else f"{port.number}" for port in self.ports]
        return ", ".join(shown) or "none"
