"""Traefik's own routing objects: their backends and the hosts and paths they claim."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, Final

from policies import traefik
from policies.claims import Alternative, TooManyError, alternatives
from policies.ingresses import TRAEFIK, secure
from policies.resources import Resource
from policies.routes import EVERY_HOST, HTTP, HTTPS, PREFIX, Backend, Claim, Place
from policies.values import Path, at, each, scalar

GROUP: Final = "traefik.io"
_GROUPS = frozenset({GROUP})
ROUTE_KINDS: Final = {"IngressRoute": _GROUPS}
RULE_KINDS: Final = {"IngressRoute": _GROUPS, "IngressRouteTCP": _GROUPS}
"""Kinds whose routes carry a rule; an IngressRouteUDP has nothing to match."""
BACKEND_KINDS: Final = dict.fromkeys((*RULE_KINDS, "IngressRouteUDP", "TraefikService", "Middleware"), _GROUPS)
_CLASS = "kubernetes.io/ingress.class"
_SPLITS: Final[tuple[tuple[Path, Path], ...]] = (
    (("spec", "weighted"), ("services",)),
    (("spec", "highestRandomWeight"), ("services",)),
    (("spec", "mirroring"), ("mirrors",)),
)

_SINGLES: Final[tuple[Path, ...]] = (
    ("spec", "mirroring"),
    ("spec", "errors", "service"),
    ("spec", "failover", "service"),
    ("spec", "failover", "fallback"),
)


def backends(resource: Resource) -> Iterator[Backend]:
    """Give every Kubernetes Service that a Traefik object names; a TraefikService or ``name@provider`` is none."""
    for path, service in references(resource):
        name = scalar(service, "name")
        if (scalar(service, "kind") or "Service") != "Service" or (isinstance(name, str) and "@" in name):
            continue
        yield Backend(
            owner=resource,
            path=(*path, "port"),
            namespace=scalar(service, "namespace") or resource.namespace,
            service=name,
            port=scalar(service, "port"),
        )


def references(resource: Resource) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Give every Service and TraefikService that a Traefik object names, as it is written."""
    inputs = resource.inputs
    for route_path, route in each(inputs, "spec", "routes"):
        for path, service in each(route, "services"):
            yield (*route_path, *path), service
    for base, members in _SPLITS:
        yield from each(inputs, *base, *members)
    for single in _SINGLES:
        service = at(inputs, *single)
        if isinstance(service, dict) and "name" in service:
            yield single, service


def rules(resource: Resource) -> Iterator[tuple[Path, Any]]:
    """Give the rule of every route as it is written; an absent one is empty, which Traefik refuses too."""
    for path, route in each(resource.inputs, "spec", "routes"):
        yield (*path, "match"), route.get("match", "")


def claims(resource: Resource) -> Iterator[Claim]:
    """Give what an IngressRoute claims; a route whose rule does not parse claims nothing, for Traefik drops it."""
    place = _place(resource)
    for path, route in each(resource.inputs, "spec", "routes"):
        try:
            found = alternatives(traefik.parse(str(route.get("match", ""))))
        except (traefik.RuleError, TooManyError):
            continue
        priority = route.get("priority")
        number = priority if isinstance(priority, int) and priority else None
        for alternative in found:
            yield from _claims(resource, path, place, alternative, number)


def _claims(
    resource: Resource, path: Path, place: Place, alternative: Alternative, priority: int | None
) -> Iterator[Claim]:
    hosts, paths = alternative.hosts or {EVERY_HOST}, alternative.paths or {(PREFIX, "/")}
    for host, (match, url_path) in itertools.product(sorted(hosts), sorted(paths)):
        yield Claim(
            owner=resource,
            path=path,
            place=place,
            host=host,
            match=match,
            url_path=url_path,
            narrowing=alternative.narrowing,
            priority=priority,
        )


def _place(resource: Resource) -> Place:
    """Say where the routes hold: a router with TLS takes HTTPS only, one without takes HTTP only (Traefik, Routers)."""
    listed = at(resource.inputs, "spec", "entryPoints")
    points = frozenset(point for point in listed if isinstance(point, str)) if isinstance(listed, list) else None
    encrypted = at(resource.inputs, "spec", "tls") is not None or secure(points)
    proxy = resource.annotations.get(_CLASS)
    return Place(
        entry_points=points or None,
        schemes=frozenset({HTTPS if encrypted else HTTP}),
        proxy=proxy if isinstance(proxy, str) else TRAEFIK,
    )
