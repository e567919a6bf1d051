"""What routing objects have in common, whichever kind they are: backends they send to and claims they make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from policies.resources import Resource
from policies.values import Path

EVERY_HOST: Final = "*"
PREFIX: Final = "prefix"
EXACT: Final = "exact"
HTTP: Final = "http"
HTTPS: Final = "https"


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
        """Where the Service's name stands, which is beside its port."""
        return (*self.path[:-1], "serviceName" if self.path[-1] == "servicePort" else "name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a claim holds: entry points (None for the proxy's default ones), scheme, and the proxy's class."""

    entry_points: frozenset[str] | None
    schemes: frozenset[str]
    proxy: str | None

    def meets(self, other: Place) -> bool:
        """Say whether one request can arrive at both places."""
        shared = not self.entry_points or not other.entry_points or self.entry_points & other.entry_points
        same_proxy = self.proxy is None or other.proxy is None or self.proxy == other.proxy
        return bool(shared) and same_proxy and bool(self.schemes & other.schemes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Requests that a routing object takes: one host, one path and what else must hold for the request.

    ``narrowing`` holds the other conditions in canonical form: two claims that are narrowed differently are two claims.
    ``priority`` is None unless the object sets one.
    """

    owner: Resource
    path: Path
    place: Place
    host: str
    match: str
    url_path: str
    narrowing: frozenset[str] = frozenset()
    priority: int | None = None

    @property
    def key(self) -> tuple[str, str, str, frozenset[str]]:
        """What two rivals have in common."""
        return self.host, self.match, self.url_path, self.narrowing

    @property
    def text(self) -> str:
        """The claim as people write it: ``shop.example/cart (exact)``."""
        exact = " (exact)" if self.match == EXACT else ""
        narrowed = f" where {' and '.join(sorted(self.narrowing))}" if self.narrowing else ""
        return f"{self.host}{self.url_path}{exact}{narrowed}"


def rivals(one: Claim, other: Claim) -> bool:
    """Say whether both claims take the same requests and nothing decides between them.

    Traefik prefers the higher priority, which is the rule's length unless set, so priorities that were set apart are a
    decision; with equal ones the winner is random at each reload (pkg/server/router/router.go).
    """
    same_route = one.owner.identity == other.owner.identity and (one.owner is not other.owner or one.path == other.path)
    if same_route or one.key != other.key or not one.place.meets(other.place):
        return False
    return one.priority == other.priority


def canonical_host(host: str) -> str:
    """Give a host as it compares: without case and without the root's dot."""
    return host.lower().removesuffix(".")
