"""Ingress objects: their backends and the hosts and paths they claim."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from policies.resources import Resource
from policies.routes import (
    EVERY_HOST,
    EXACT,
    HTTP,
    HTTPS,
    PREFIX,
    Backend,
    Claim,
    Door,
    Place,
    canonical_host,
)
from policies.values import Path, at, each, mapping, scalar

INGRESS_KINDS: Final = {"Ingress": frozenset({"networking.k8s.io", "extensions"})}
TRAEFIK: Final = "traefik"
_CLASS = "kubernetes.io/ingress.class"
_ROUTER = "traefik.ingress.kubernetes.io/router."
_SECURE: Final = frozenset({"websecure", "https"})
_SHARED: Final = (
    ("nginx.ingress.kubernetes.io/canary", "true"),
    ("nginx.org/mergeable-ingress-type", "master"),
)
"""Annotations by which an Ingress says that it shares its host and paths with another one on purpose."""
_OWN_BALANCER: Final = frozenset({"alb", "gce", "gce-internal"})
"""Classes whose controllers make a load balancer for each Ingress, or for each group of them that has a name."""
_GROUP_NAME: Final = "alb.ingress.kubernetes.io/group.name"
_GROUP_ORDER: Final = "alb.ingress.kubernetes.io/group.order"
_BY_ANNOTATION: Final = "use-annotation"
"""The port that stands for an action of AWS's controller, such as a redirect beside the real backend."""
_OBJECT_CONDITIONS: Final = re.compile(r"konghq\.com/(methods|headers\.)")
_SERVICE_CONDITIONS: Final = "alb.ingress.kubernetes.io/conditions."
"""Annotations by which requests are told apart by more than host and path: for all paths, or for those of a Service."""
_REGEX: Final = re.compile(r"[*()\[\]^$+?|\\{}]")


def backends(resource: Resource) -> Iterator[Backend]:
    """Give every Service backend of an Ingress, in both API versions' form; resource backends name no port."""
    spec = mapping(resource.inputs, "spec")
    for key in ("defaultBackend", "backend"):
        if isinstance(spec.get(key), dict):
            yield from _backend(resource, spec[key], ("spec", key))
    for rule_path, rule in each(resource.inputs, "spec", "rules"):
        for path, entry in each(rule, "http", "paths"):
            yield from _backend(resource, mapping(entry, "backend"), (*rule_path, *path, "backend"))


def _backend(resource: Resource, backend: dict[str, Any], path: Path) -> Iterator[Backend]:
    if "serviceName" in backend:
        name, port = scalar(backend, "serviceName"), _legacy_port(scalar(backend, "servicePort"))
        field: Path = (*path, "servicePort")
    elif isinstance(backend.get("service"), dict):
        asked = at(backend, "service", "port")
        number = scalar(asked, "number")
        port = scalar(asked, "name") if number is None else number
        name, field = scalar(backend, "service", "name"), (*path, "service", "port")
    else:
        return
    yield Backend(owner=resource, path=field, namespace=resource.namespace, service=name, port=port)


def _legacy_port(port: Any) -> Any:  # noqa: ANN401
    return int(port) if isinstance(port, str) and port.isdecimal() else port


def claims(resource: Resource) -> Iterator[Claim]:
    """Give what an Ingress claims; nothing for one that shares its host by annotation."""
    notes = resource.annotations
    if any(notes.get(key) == value for key, value in _SHARED):
        return
    where, priority = _place(resource), _priority(notes)
    for rule_path, rule in each(resource.inputs, "spec", "rules"):
        host = scalar(rule, "host") or EVERY_HOST
        if not isinstance(host, str):
            continue
        entries = list(each(rule, "http", "paths")) or [((), {"path": "/"})]
        for path, entry in entries:
            match, url_path = _match(entry, where.proxy)
            by_annotation = at(entry, "backend", "service", "port", "name") == _BY_ANNOTATION
            if isinstance(url_path, str) and isinstance(match, str) and not by_annotation:
                yield Claim(
                    owner=resource,
                    path=(*rule_path, *path),
                    place=where,
                    host=canonical_host(host),
                    match=match,
                    url_path=url_path,
                    narrowing=_narrowing(notes, entry),
                    priority=priority,
                    effective=_effective(where, host, match, url_path, priority),
                )


def _narrowing(notes: dict[str, Any], entry: dict[str, Any]) -> frozenset[str]:
    service = scalar(entry, "backend", "service", "name") or scalar(entry, "backend", "serviceName")
    conditions = {key for key in notes if _OBJECT_CONDITIONS.match(key)} | {f"{_SERVICE_CONDITIONS}{service}"}
    return frozenset(f"{key} is {notes[key]}" for key in conditions if key in notes)


def _priority(notes: dict[str, Any]) -> int | None:
    written = notes.get(f"{_ROUTER}priority", notes.get(_GROUP_ORDER))
    return int(written) or None if isinstance(written, str) and re.fullmatch(r"-?\d{1,18}", written, re.ASCII) else None


def _effective(where: Place, host: str, match: str, url_path: str, priority: int | None) -> int | None:
    """Give what Traefik goes by, which is the length of the rule it makes; None for other proxies and wildcards."""
    if where.proxy != TRAEFIK or host.startswith("*"):
        return priority if where.proxy == TRAEFIK else None
    matcher = "Path" if match == EXACT else "PathPrefix"
    named = f'Host("{host}") && ' if host else ""
    return priority or len(f'{named}{matcher}("{url_path}")'.encode())


def _match(entry: dict[str, Any], proxy: str | None) -> tuple[Any, Any]:
    """Give how a path is taken; the unspecific type is the proxies' own prefix, unless the path is an expression."""
    written, kind = scalar(entry, "path") or "/", scalar(entry, "pathType")
    if not isinstance(written, str):
        return kind, written
    if kind == "Exact":
        return EXACT, written
    unspecific = kind in {None, "ImplementationSpecific"}
    if kind == "Prefix" or (
        unspecific and not _REGEX.search(written) and (proxy or "").partition(" ")[0] not in _OWN_BALANCER
    ):
        return PREFIX, written.rstrip("/") or "/"
    return (PREFIX if written == "/" or kind is None else kind), written


def proxy_of(resource: Resource) -> str | None:
    """Give the class of the proxy that serves an Ingress; one that has its own load balancer meets nobody else's.

    What carries Traefik's annotations and names no class is Traefik's.
    """
    named = at(resource.inputs, "spec", "ingressClassName") or resource.annotations.get(_CLASS)
    if not isinstance(named, str):
        return TRAEFIK if any(note.startswith(_ROUTER) for note in resource.annotations) else None
    if named in _OWN_BALANCER:
        group = resource.annotations.get(_GROUP_NAME)
        return f"{named} {group}" if isinstance(group, str) else f"{named} {resource.identity}"
    return named


def _place(resource: Resource) -> Place:
    """Say where an Ingress holds; without Traefik's annotations that is every entry point, with and without TLS."""
    notes = resource.annotations
    listed = notes.get(f"{_ROUTER}entrypoints")
    points = [point.strip() for point in listed.split(",")] if isinstance(listed, str) else [None]
    encrypted, offered = notes.get(f"{_ROUTER}tls") == "true", bool(at(resource.inputs, "spec", "tls"))
    doors: set[Door] = set()
    for point in points:
        if point is None or point in _SECURE or encrypted or offered:
            doors.add((point, HTTPS))
        if not encrypted and point not in _SECURE:
            doors.add((point, HTTP))
    return Place(doors=frozenset(doors), proxy=proxy_of(resource))


def secure(points: frozenset[str] | None) -> bool:
    """Say whether entry points carry TLS by the name that Traefik's own chart gives them."""
    return points is not None and bool(points) and points <= _SECURE
