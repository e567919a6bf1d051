"""Traefik's own routing objects: their backends and the hosts and paths they claim."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any, Final

from policies import traefik
from policies.claims import Alternative, TooManyError, alternatives
from policies.ingresses import TRAEFIK, secure
from policies.resources import Resource
from policies.routes import (
    CONNECTION,
    EVERY_HOST,
    HTTP,
    HTTPS,
    PREFIX,
    TCP,
    TLS,
    UDP,
    Backend,
    Claim,
    Place,
    place,
)
from policies.traefik_matchers import HTTP as HTTP_RULES
from policies.traefik_matchers import HTTP_V2, TCP_V2, V2, Dialect
from policies.traefik_matchers import TCP as TCP_RULES
from policies.values import UNKNOWN, Path, at, each, scalar

GROUP: Final = "traefik.io"
_GROUPS = frozenset({GROUP})
ROUTE_KINDS: Final = {"IngressRoute": _GROUPS}
TCP_KINDS: Final = {"IngressRouteTCP": _GROUPS}
UDP_KINDS: Final = {"IngressRouteUDP": _GROUPS}
RULE_KINDS: Final = {"IngressRoute": _GROUPS, "IngressRouteTCP": _GROUPS}
"""Kinds whose routes carry a rule; an IngressRouteUDP has nothing to match."""
CLAIM_KINDS: Final = ROUTE_KINDS | TCP_KINDS | UDP_KINDS
BACKEND_KINDS: Final = dict.fromkeys((*RULE_KINDS, "IngressRouteUDP", "TraefikService", "Middleware"), _GROUPS)
_IN_CLUSTER: Final = re.compile(
    r"(?P<scheme>https?)://(?P<name>[a-z][a-z0-9-]*)(?:\.(?P<namespace>[a-z0-9-]+)\.svc(?:\.cluster\.local)?)?"
    r"(?::(?P<port>\d{1,5}))?(?:[/?]|$)"
)
"""An address by a Service's name: alone, which is in the same namespace, or with its own."""
_CLASS = "kubernetes.io/ingress.class"
_FALLBACK: Final = traefik.Matcher("HostSNI", ("*",))
"""The TCP rule that Traefik puts last of all: pkg/muxer/tcp/mux.go, GetRulePriority."""
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
    yield from _asked(resource)


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


def _asked(resource: Resource) -> Iterator[Backend]:
    """Give the Service that a forwardAuth asks; a host that is no cluster's own form may be anybody's."""
    address = scalar(resource.inputs, "spec", "forwardAuth", "address")
    match = _IN_CLUSTER.match(address) if isinstance(address, str) else None
    if match:
        path: Path = ("spec", "forwardAuth", "address")
        port = int(match["port"]) if match["port"] else {"http": 80, "https": 443}[match["scheme"]]
        namespace = match["namespace"] or resource.namespace
        yield Backend(owner=resource, path=path, namespace=namespace, service=match["name"], port=port)


def rules(resource: Resource) -> Iterator[tuple[Path, Any, Dialect]]:
    """Give every route's rule as it is written, with its dialect; an absent one is empty, which Traefik refuses too."""
    for path, route in each(resource.inputs, "spec", "routes"):
        yield (*path, "match"), route.get("match", ""), dialect(resource, route)


def matchers(resource: Resource) -> Iterator[tuple[Path, traefik.Matcher, str]]:
    """Give every matcher of every rule that parses, with where the rule stands and its syntax."""
    for path, written, dialect in rules(resource):
        if written is UNKNOWN or not isinstance(written, str):
            continue
        try:
            rule = traefik.parse(written, dialect)
        except traefik.RuleError:
            continue
        for matcher in traefik.matchers(rule):
            yield path, matcher, dialect.syntax


def dialect(resource: Resource, route: dict[str, Any]) -> Dialect:
    """Give the set of matchers that a route is written in: version 3 unless the route says v2."""
    if resource.is_a(TCP_KINDS):
        return TCP_V2 if scalar(route, "syntax") == V2 else TCP_RULES
    return HTTP_V2 if scalar(route, "syntax") == V2 else HTTP_RULES


def priority_of(route: dict[str, Any]) -> int | None:
    """Give the priority that a route sets; 0 is as good as none."""
    priority = route.get("priority")
    return priority if isinstance(priority, int) and not isinstance(priority, bool) and priority else None


def is_served(resource: Resource, route: dict[str, Any]) -> bool:
    """Say whether Traefik makes a router of a route: it needs a service, and is of the kind Rule if it says one."""
    return bool(route.get("services")) and (
        resource.kind != "IngressRoute" or scalar(route, "kind") in {None, "", "Rule"}
    )


def claims(resource: Resource) -> Iterator[Claim]:
    """Give what a routing object claims; a route that Traefik drops, or that has a parent, claims nothing."""
    if at(resource.inputs, "spec", "parentRefs"):
        return
    where = _place(resource)
    for path, route in each(resource.inputs, "spec", "routes"):
        if not is_served(resource, route):
            continue
        if resource.is_a(UDP_KINDS):
            yield from _claims(resource, path, where, Alternative(None, None, frozenset()), (None, None))
            continue
        written, language = str(route.get("match", "")), dialect(resource, route)
        try:
            rule = traefik.parse(written, language)
            found = alternatives(rule, templates=language in {HTTP_V2, TCP_V2})
        except (traefik.RuleError, TooManyError):
            continue
        priority = priority_of(route)
        effective = priority or (-1 if rule == _FALLBACK else len(written.encode()))
        for alternative in found:
            yield from _claims(resource, path, where, alternative, (priority, effective))


def _claims(
    resource: Resource,
    path: Path,
    where: Place,
    alternative: Alternative,
    priorities: tuple[int | None, int | None],
) -> Iterator[Claim]:
    if resource.is_a(ROUTE_KINDS):
        hosts, paths = alternative.hosts or {EVERY_HOST}, alternative.paths or {(PREFIX, "/")}
    else:
        hosts, paths = alternative.hosts or {EVERY_HOST}, {(CONNECTION, "")}
    for host, (match, url_path) in itertools.product(sorted(hosts), sorted(paths)):
        yield Claim(
            owner=resource,
            path=path,
            place=where,
            host=host,
            match=match,
            url_path=url_path,
            patterns=alternative.patterns,
            narrowing=alternative.narrowing,
            priority=priorities[0],
            effective=priorities[1],
        )


def entry_points(resource: Resource) -> frozenset[str] | None:
    """Give the entry points that an object names; None when it holds at all default ones."""
    listed = at(resource.inputs, "spec", "entryPoints")
    return frozenset(point for point in listed if isinstance(point, str)) or None if isinstance(listed, list) else None


def _place(resource: Resource) -> Place:
    """Say where the routes hold: a router with TLS takes TLS only, one without takes none (Traefik, Routers)."""
    points = entry_points(resource)
    encrypted = at(resource.inputs, "spec", "tls") is not None
    if resource.is_a(UDP_KINDS):
        protocol = UDP
    elif resource.is_a(TCP_KINDS):
        protocol = TLS if encrypted else TCP
    else:
        protocol = HTTPS if encrypted or secure(points) else HTTP
    proxy = resource.annotations.get(_CLASS)
    return place(proxy if isinstance(proxy, str) else TRAEFIK, points, protocol)
