"""What routing objects have in common, whichever kind they are: backends they send to and claims they make."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from policies.resources import Resource
from policies.values import Path, at

EVERY_HOST: Final = "*"
PREFIX: Final = "prefix"
EXACT: Final = "exact"
CONNECTION: Final = "connection"
"""What a claim takes: paths from one on, one path, or (below HTTP) whole connections."""
HTTP: Final = "http"
HTTPS: Final = "https"
TCP: Final = "tcp"
TLS: Final = "tls"
UDP: Final = "udp"

Door = tuple[str | None, str]
"""An entry point (None: any of the proxy's default ones) and the protocol in which a request arrives at it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """A Service that a routing object names, and the port it asks for (a number, a name, or None)."""

    owner: Resource
    path: Path
    namespace: Any
    service: Any
    port: Any

    @property
    def name_path(self) -> Path:
        """Where the Service's name stands: beside its port, or, in an address, in the same text."""
        names = {"servicePort": "serviceName", "port": "name"}
        return (*self.path[:-1], names.get(str(self.path[-1]), self.path[-1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a claim holds: at these doors of a proxy, which is known by its class; None is any class."""

    doors: frozenset[Door]
    proxy: str | None

    def meets(self, other: Place) -> bool:
        """Say whether one request can arrive at both places."""
        if self.proxy is not None and other.proxy is not None and self.proxy != other.proxy:
            return False
        return any(
            protocol == theirs and (point is None or their_point is None or point == their_point)
            for point, protocol in self.doors
            for their_point, theirs in other.doors
        )


def place(proxy: str | None, points: frozenset[str] | None, protocol: str) -> Place:
    """Give the place of routes that hold at ``points``, or at the default ones, in one protocol."""
    return Place(doors=frozenset((point, protocol) for point in points or (None,)), proxy=proxy)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """Requests that a routing object takes: one host, one path and what else must hold for the request.

    ``narrowing`` holds the other conditions in canonical form: two claims that are narrowed differently are two claims.
    ``patterns`` are the expressions that the host must match. ``priority`` is None unless the object sets one;
    ``effective`` is what Traefik goes by, None where another proxy decides.
    """

    owner: Resource
    path: Path
    place: Place
    host: str
    match: str
    url_path: str
    patterns: frozenset[str] = frozenset()
    narrowing: frozenset[str] = frozenset()
    priority: int | None = None
    effective: int | None = None

    @cached_property
    def key(self) -> tuple[str, str, str, frozenset[str], frozenset[str]]:
        """What two rivals have in common."""
        return self.host, self.match, self.url_path, self.patterns, self.narrowing

    @property
    def route(self) -> tuple[tuple[str, str, str, str], Path]:
        """The object and the route in it."""
        return self.owner.identity, self.path

    @property
    def text(self) -> str:
        """The claim as people write it: ``shop.example/cart (exact)``."""
        conditions = sorted(self.narrowing | {f"HostRegexp(`{pattern}`)" for pattern in self.patterns})
        narrowed = f" where {' and '.join(conditions)}" if conditions else ""
        if self.match == CONNECTION:
            whose = "every connection" if self.host == EVERY_HOST else f"connections to {self.host}"
            return f"{whose}{narrowed}"
        exact = " (exact)" if self.match == EXACT else ""
        return f"{self.host}{self.url_path}{exact}{narrowed}"


def rivals(one: Claim, other: Claim) -> bool:
    """Say whether both claims take the same requests and nothing decides between them.

    Traefik prefers the higher priority, which is the rule's length unless set, so priorities that were set apart are a
    decision; with equal ones the winner is random at each reload (pkg/server/router/router.go).
    """
    if _is_one_route(one, other) or one.key != other.key or not one.place.meets(other.place):
        return False
    if one.effective is not None and one.effective == other.effective:
        return True
    return one.priority == other.priority


def _is_one_route(one: Claim, other: Claim) -> bool:
    """Say whether both are the same route, or the same object written down twice.

    ``/a`` and ``/a/`` of one Ingress are two: its author sees both, and ingress-nginx tells them apart.
    """
    if one.owner.identity != other.owner.identity:
        return False
    written, theirs = (at(claim.owner.inputs, *claim.path, "path") for claim in (one, other))
    return one.owner is not other.owner or one.path == other.path or bool(written != theirs)


def canonical_host(host: str) -> str:
    """Give a host as it compares: without case and without the root's dot."""
    return host.lower().removesuffix(".")
