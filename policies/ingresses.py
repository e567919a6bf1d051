"""Ingress objects: their backends and the hosts and paths they claim."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from policies.resources import Resource
from policies.routes import EVERY_HOST, EXACT, HTTP, HTTPS, PREFIX, Backend, Claim, Place, canonical_host
from policies.values import Path, at, each, mapping, scalar

INGRESS_KINDS: Final = {"Ingress": frozenset({"networking.k8s.io", "extensions"})}
TRAEFIK: Final = "traefik"
_CLASS = "kubernetes.io/ingress.class"
_ENTRY_POINTS = "traefik.ingress.kubernetes.io/router.entrypoints"
_PRIORITY = "traefik.ingress.kubernetes.io/router.priority"
_SECURE: Final = frozenset({"websecure", "https"})
_SHARED: Final = (
    ("nginx.ingress.kubernetes.io/canary", "true"),
    ("nginx.org/mergeable-ingress-type", "master"),
)
"""Annotations by which an Ingress says that it shares its host and paths with another one on purpose."""


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
    place, priority = _place(resource), notes.get(_PRIORITY)
    number = int(priority) if isinstance(priority, str) and priority.isdecimal() else None
    for rule_path, rule in each(resource.inputs, "spec", "rules"):
        host = scalar(rule, "host") or EVERY_HOST
        if not isinstance(host, str):
            continue
        entries = list(each(rule, "http", "paths")) or [((), {"path": "/"})]
        for path, entry in entries:
            match, url_path = _match(entry)
            if isinstance(url_path, str) and isinstance(match, str):
                yield Claim(
                    owner=resource,
                    path=(*rule_path, *path),
                    place=place,
                    host=canonical_host(host),
                    match=match,
                    url_path=url_path,
                    priority=number,
                )


def _match(entry: dict[str, Any]) -> tuple[Any, Any]:
    written, kind = scalar(entry, "path") or "/", scalar(entry, "pathType")
    if kind == "Exact":
        return EXACT, written
    if kind == "Prefix" and isinstance(written, str):
        return PREFIX, written.rstrip("/") or "/"
    return (PREFIX if written == "/" or kind is None else kind), written


def _place(resource: Resource) -> Place:
    notes = resource.annotations
    listed = notes.get(_ENTRY_POINTS)
    points = frozenset(point.strip() for point in listed.split(",")) if isinstance(listed, str) else None
    proxy = at(resource.inputs, "spec", "ingressClassName") or notes.get(_CLASS)
    schemes = frozenset({HTTP, HTTPS})
    if points and points <= _SECURE:
        schemes = frozenset({HTTPS})
    elif points and not points & _SECURE and not at(resource.inputs, "spec", "tls"):
        schemes = frozenset({HTTP})
    return Place(entry_points=points, schemes=schemes, proxy=proxy if isinstance(proxy, str) else None)


def secure(points: frozenset[str] | None) -> bool:
    """Say whether entry points carry TLS by the name that Traefik's own chart gives them."""
    return points is not None and bool(points) and points <= _SECURE
