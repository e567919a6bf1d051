"""What routing objects name: Services, middlewares, TLS options, certificates, Gateways."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from policies import gateways, ingresses, ingressroutes
from policies import references as roles
from policies.references import Reference, Role, place, to
from policies.resources import DEFAULT_NAMESPACE, Resource
from policies.routes import Backend
from policies.values import Path, at, each, mapping, scalar

CRD_PROVIDER: Final = "@kubernetescrd"
ANNOTATIONS: Final[dict[str, Role]] = {
    "traefik.ingress.kubernetes.io/router.middlewares": roles.MIDDLEWARE,
    "traefik.ingress.kubernetes.io/router.tls.options": roles.TLS_OPTION,
    "traefik.ingress.kubernetes.io/service.serverstransport": roles.TRANSPORT,
}
"""Annotations that name Traefik objects as ``namespace-name@kubernetescrd``."""
_ACTION_PORT: Final = "use-annotation"
"""The port by which the AWS controller takes a backend's name for that of an annotation."""
_NGINX: Final = "nginx.ingress.kubernetes.io/"
_TRAEFIK = frozenset({ingressroutes.GROUP})
TRAEFIK_KINDS: Final = ingressroutes.BACKEND_KINDS | dict.fromkeys(
    ("MiddlewareTCP", "TLSOption", "TLSStore", "ServersTransport", "ServersTransportTCP"), _TRAEFIK
)


def of_backend(backend: Backend) -> Reference:
    """Give the reference that a backend is."""
    stated = backend.namespace
    if place(backend.owner) is None and stated == DEFAULT_NAMESPACE:
        stated = None
    return to(backend.owner, backend.name_path, roles.BACKEND, backend.service, namespace=stated)


def of_ingress(resource: Resource) -> Iterator[Reference]:
    """Give what an Ingress names."""
    for backend in ingresses.backends(resource):
        if backend.port != _ACTION_PORT:
            yield of_backend(backend)
    yield to(
        resource, ("spec", "ingressClassName"), roles.INGRESS_CLASS, scalar(resource.inputs, "spec", "ingressClassName")
    )
    for path, entry in each(resource.inputs, "spec", "tls"):
        yield to(resource, (*path, "secretName"), roles.OUTSIDE_SECRET, scalar(entry, "secretName"))
    yield from annotated(resource)
    for field, role in (("default-backend", roles.BACKEND), ("auth-secret", roles.OUTSIDE_SECRET)):
        text = resource.annotations.get(_NGINX + field)
        if isinstance(text, str):
            namespace, _, name = text.rpartition("/")
            yield to(resource, ("metadata", "annotations", _NGINX + field), role, name, namespace=namespace)


def annotated(resource: Resource) -> Iterator[Reference]:
    """Give the Traefik objects that annotations name; other providers' (``name@file``) are none of ours."""
    for annotation, role in ANNOTATIONS.items():
        text = resource.annotations.get(annotation)
        for part in text.split(",") if isinstance(text, str) else ():
            if part.strip().endswith(CRD_PROVIDER):
                qualified = part.strip().removesuffix(CRD_PROVIDER)
                yield Reference(
                    owner=resource,
                    path=("metadata", "annotations", annotation),
                    role=role,
                    kind=role.kind,
                    namespace=place(resource),
                    name=qualified,
                    aliases=tuple(_splits(qualified)),
                )


def _splits(qualified: str) -> Iterator[tuple[str, str]]:
    words = qualified.split("-")
    for end in range(1, len(words)):
        yield "-".join(words[:end]), "-".join(words[end:])


def of_traefik(resource: Resource) -> Iterator[Reference]:
    """Give what one of Traefik's own objects names."""
    for backend in ingressroutes.backends(resource):
        yield of_backend(backend)
    streams = resource.kind in {"IngressRouteTCP", "IngressRouteUDP"}
    for path, service in ingressroutes.references(resource):
        if scalar(service, "kind") == "TraefikService":
            yield _own(resource, path, roles.SPLIT, service)
        if "serversTransport" in service:
            role = roles.TRANSPORT_TCP if streams else roles.TRANSPORT
            yield to(resource, (*path, "serversTransport"), role, scalar(service, "serversTransport"))
    middleware = roles.MIDDLEWARE_TCP if streams else roles.MIDDLEWARE
    for route_path, route in each(resource.inputs, "spec", "routes"):
        for path, one in each(route, "middlewares"):
            yield _own(resource, (*route_path, *path), middleware, one)
    for path, one in each(resource.inputs, "spec", "chain", "middlewares"):
        yield _own(resource, path, roles.MIDDLEWARE, one)
    if options := mapping(resource.inputs, "spec", "tls", "options"):
        yield _own(resource, ("spec", "tls", "options"), roles.TLS_OPTION, options)
    yield from _secrets(resource)


def _own(resource: Resource, path: Path, role: Role, reference: dict[str, Any]) -> Reference:
    return to(resource, (*path, "name"), role, scalar(reference, "name"), namespace=scalar(reference, "namespace"))


_SECRETS: Final[tuple[Path, ...]] = (
    ("tls", "secretName"),
    ("basicAuth", "secret"),
    ("digestAuth", "secret"),
    ("forwardAuth", "tls", "caSecret"),
    ("forwardAuth", "tls", "certSecret"),
    ("defaultCertificate", "secretName"),
)
_SECRET_LISTS: Final[tuple[Path, ...]] = (
    ("clientAuth", "secretNames"),
    ("rootCAsSecrets",),
    ("certificatesSecrets",),
)


def _secrets(resource: Resource) -> Iterator[Reference]:
    for field in _SECRETS:
        if at(resource.inputs, "spec", *field) is not None:
            path: Path = ("spec", *field)
            yield to(resource, path, roles.OUTSIDE_SECRET, scalar(resource.inputs, *path))
    for field in _SECRET_LISTS:
        names = at(resource.inputs, "spec", *field)
        for position, name in enumerate(names if isinstance(names, list) else ()):
            yield to(resource, ("spec", *field, position), roles.OUTSIDE_SECRET, name)


def of_gateway(resource: Resource) -> Iterator[Reference]:
    """Give what a Gateway names: its class and its certificates."""
    path: Path = ("spec", "gatewayClassName")
    yield to(resource, path, roles.GATEWAY_CLASS, scalar(resource.inputs, *path))
    for path, reference in gateways.certificates(resource):
        yield _own(resource, path, roles.OUTSIDE_SECRET, reference)


def of_gateway_route(resource: Resource) -> Iterator[Reference]:
    """Give what a route of the Gateway API names: Services, and Gateways as its parents."""
    for backend in gateways.backends(resource):
        yield of_backend(backend)
    for path, reference in gateways.backend_references(resource):
        if scalar(reference, "kind") == "TraefikService":
            yield _own(resource, path, roles.SPLIT, reference)
    for parent in gateways.parents(resource):
        yield to(resource, (*parent.path, "name"), roles.GATEWAY, parent.name, namespace=parent.namespace)
