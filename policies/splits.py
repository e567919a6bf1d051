"""Traffic splits: the weighted lists of TraefikServices, IngressRoutes and Gateway API routes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from policies.resources import Resource
from policies.values import UNKNOWN, Path, at, each, scalar

_TRAEFIK: Final = frozenset({"traefik.io"})
_GATEWAY: Final = frozenset({"gateway.networking.k8s.io"})
TRAEFIK_KINDS: Final = {"TraefikService": _TRAEFIK, "IngressRoute": _TRAEFIK}
GATEWAY_KINDS: Final = dict.fromkeys(("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute"), _GATEWAY)
SPLIT_KINDS: Final = TRAEFIK_KINDS | GATEWAY_KINDS | dict.fromkeys(("IngressRouteTCP", "IngressRouteUDP"), _TRAEFIK)
"""TRAEFIK_KINDS are those of its splits that know sessions."""
_CANARY: Final = re.compile(r"(?:.*[-_.])?canary(?:[-_.].*)?", re.IGNORECASE)
WEIGHTED: Final = "weighted"
INLINE: Final = "inline"
HASHED: Final = "hashed"
GATEWAY: Final = "gateway"
"""The forms of a split: a TraefikService's list, an IngressRoute's own, one by client address, the Gateway API's."""


@dataclass(frozen=True, slots=True)
class Member:
    """One backend of a split."""

    path: Path
    spec: dict[str, Any]
    home: Any

    @property
    def name(self) -> Any:  # noqa: ANN401  (may be unknown)
        """The Service's name."""
        return scalar(self.spec, "name")

    @property
    def namespace(self) -> Any:  # noqa: ANN401  (may be unknown)
        """The Service's namespace; the split's own where none is named."""
        return scalar(self.spec, "namespace") or self.home

    @property
    def kind(self) -> Any:  # noqa: ANN401  (may be unknown)
        """What the name is a name of."""
        return scalar(self.spec, "kind") or "Service"

    @property
    def written(self) -> Any:  # noqa: ANN401
        """The weight as it is written; None where there is none."""
        return self.spec.get("weight")

    @property
    def weight(self) -> int | None:
        """The weight that counts: an absent one is 1; None when it is unknown or no whole number."""
        if self.written is None:
            return 1
        return self.written if isinstance(self.written, int) and not isinstance(self.written, bool) else None

    @property
    def is_canary(self) -> bool:
        """Whether the name says that this is the release under trial."""
        return isinstance(self.name, str) and bool(_CANARY.fullmatch(self.name))

    @property
    def key(self) -> tuple[str, ...]:
        """What makes two members the same one."""
        return tuple(str(part) for part in (self.namespace, self.kind, self.name, self.spec.get("port")))


@dataclass(frozen=True)
class Split:
    """A weighted list of backends; ``sticky`` is what the list itself says about sessions."""

    owner: Resource
    path: Path
    members: tuple[Member, ...]
    form: str
    sticky: Any = None

    @cached_property
    def is_canary(self) -> bool:
        """Whether the split is between two releases, by the names of its members."""
        return len(self.members) > 1 and any(member.is_canary for member in self.members)

    @cached_property
    def keeps_house(self) -> bool:
        """Whether the split is one of a fleet, or of two releases: then weights are percent and sessions stick."""
        return len(self.members) > 1 and (self.is_canary or self.owner.keeps_contract)

    @cached_property
    def is_driven(self) -> bool:
        """Whether a controller such as Argo Rollouts fills in the weights, so that none is written."""
        return self.form == WEIGHTED and all(member.written in (None, 0) for member in self.members)

    @property
    def weights(self) -> list[int]:
        """The weights that count."""
        return [member.weight for member in self.members if member.weight is not None]

    @property
    def is_known(self) -> bool:
        """Whether every weight is a whole number."""
        return len(self.weights) == len(self.members)

    @property
    def is_shared(self) -> bool:
        """Whether more than one member gets traffic."""
        return sum(weight > 0 for weight in self.weights) > 1


def splits(resource: Resource) -> tuple[Split, ...]:
    """Give the splits of a routing object; the same answer to every rule that asks.

    A list with one backend is a split only where it is written as such.
    """
    if "splits" not in resource.derived:
        resource.derived["splits"] = tuple(_splits(resource))
    found: tuple[Split, ...] = resource.derived["splits"]
    return found


def _splits(resource: Resource) -> Iterator[Split]:
    if resource.is_a(GATEWAY_KINDS):
        for rule_path, rule in each(resource.inputs, "spec", "rules"):
            yield from _split(resource, rule_path, rule, "backendRefs", GATEWAY)
    elif resource.kind == "TraefikService" and resource.is_a(TRAEFIK_KINDS):
        for form, key in ((WEIGHTED, "weighted"), (HASHED, "highestRandomWeight")):
            yield from _split(resource, ("spec", key), at(resource.inputs, "spec", key), "services", form)
    elif resource.is_a(SPLIT_KINDS):
        for route_path, route in each(resource.inputs, "spec", "routes"):
            # A single backend is called directly, whatever its weight (Traefik, kubernetes_http.go).
            found = _split(resource, route_path, route, "services", INLINE)
            yield from (split for split in found if len(split.members) > 1)


def _split(owner: Resource, path: Path, holder: Any, key: str, form: str) -> Iterator[Split]:  # noqa: ANN401
    members = tuple(Member((*path, *member_path), member, owner.namespace) for member_path, member in each(holder, key))
    if members:
        yield Split(owner, (*path, key), members, form, at(holder, "sticky") if form == WEIGHTED else None)


def is_canary_name(name: Any) -> bool:  # noqa: ANN401
    """Say whether a name says that it belongs to the release under trial."""
    return isinstance(name, str) and bool(_CANARY.fullmatch(name))


def has_cookie(sticky: Any) -> bool:  # noqa: ANN401
    """Say whether sessions stick: an empty ``cookie`` does it with defaults, a ``sticky`` without one does nothing."""
    cookie = at(sticky, "cookie")
    return cookie is UNKNOWN or isinstance(cookie, dict)
