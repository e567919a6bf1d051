"""Traefik's objects live in one API group and version, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.findings import Rule, Scope, Violation
from policies.resources import Resource

LIVE_GROUP: Final = "traefik.io"
LIVE_VERSION: Final = "v1alpha1"
DEAD_GROUP: Final = "traefik.containo.us"
HUB: Final = "hub.traefik.io"
_ONLY_TRAEFIKS: Final = frozenset({"IngressRouteTCP", "IngressRouteUDP", "TraefikService", "MiddlewareTCP"})
"""Kinds that no other project has; Contour had an IngressRoute too, under a group of its own."""


def _judge(resource: Resource) -> Iterator[Violation]:
    group, version, kind = resource.api
    if (group, version) == (LIVE_GROUP, LIVE_VERSION) or not kind or group == HUB:
        return
    written = f"{group}/{version}" if group else version
    if group.lower() == DEAD_GROUP:
        message = f"{kind} is in {written}, a group that Traefik 3 no longer reads"
    elif group.lower() == LIVE_GROUP:
        message = f"{kind} is in {written}, a version that never existed"
    elif kind in _ONLY_TRAEFIKS or (kind == "IngressRoute" and _is_kubernetes(group)) or "traefik" in group.lower():
        message = f"{kind} is in {written or 'no group'}, where Traefik does not look"
    else:
        return
    yield Violation(resource, ("apiVersion",), message)


def _is_kubernetes(group: str) -> bool:
    return "." not in group or group.endswith(".k8s.io")


LIVE_API = Rule(
    code="FLT-API-001",
    name="traefik-api-is-live",
    title="Traefik's objects are in traefik.io/v1alpha1",
    why="An object in another group is stored and never read: no route is made, and nothing says so.",
    source="https://doc.traefik.io/traefik/migrate/v2-to-v3-details/",
    remediation=f"Set apiVersion to {LIVE_GROUP}/{LIVE_VERSION}.",
    scope=Scope.RESOURCE,
    judge=_judge,
)

RULES = (LIVE_API,)
