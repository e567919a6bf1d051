"""Gateway API routes: the backends they send to and the Gateways they attach to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from policies.resources import Resource
from policies.routes import Backend
from policies.values import Path, at, each, mapping, scalar

GROUP: Final = "gateway.networking.k8s.io"
_GROUPS = frozenset({GROUP})
HOSTNAME_KINDS: Final = dict.fromkeys(("HTTPRoute", "GRPCRoute", "TLSRoute"), _GROUPS)
ROUTE_KINDS: Final = HOSTNAME_KINDS | dict.fromkeys(("TCPRoute", "UDPRoute"), _GROUPS)
GATEWAY_KINDS: Final = {"Gateway": _GROUPS}
GRANT_KINDS: Final = {"ReferenceGrant": _GROUPS}


def backends(resource: Resource) -> Iterator[Backend]:
    """Give every Service that a route sends or mirrors requests to; a backend of another kind is none."""
    for path, reference in backend_references(resource):
        if is_core(reference, "Service"):
            yield Backend(
                owner=resource,
                path=(*path, "port"),
                namespace=scalar(reference, "namespace") or resource.namespace,
                service=scalar(reference, "name"),
                port=scalar(reference, "port"),
            )


def is_core(reference: dict[str, Any], kind: str) -> bool:
    """Say whether a reference is to ``kind``, its default, of the group without a name, which some write as core."""
    return scalar(reference, "group") in (None, "", "core") and (scalar(reference, "kind") or kind) == kind


def backend_references(resource: Resource) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Give every backendRef of a route, of any kind, and those of its mirrors."""
    for rule_path, rule in each(resource.inputs, "spec", "rules"):
        yield from (((*rule_path, *path), mirror) for path, mirror in _mirrors(rule))
        for path, reference in each(rule, "backendRefs"):
            yield (*rule_path, *path), reference
            yield from (((*rule_path, *path, *inner), mirror) for inner, mirror in _mirrors(reference))


def _mirrors(holder: dict[str, Any]) -> Iterator[tuple[Path, dict[str, Any]]]:
    for path, one in each(holder, "filters"):
        if mirror := mapping(one, "requestMirror", "backendRef"):
            yield (*path, "requestMirror", "backendRef"), mirror


@dataclass(frozen=True, slots=True)
class Parent:
    """A Gateway that a route attaches to, and the listener of it, where the route names one."""

    owner: Resource
    path: Path
    namespace: Any
    name: Any
    section: Any
    port: Any


def parents(resource: Resource) -> Iterator[Parent]:
    """Give every Gateway that a route names; a parent of another kind (a mesh's Service) is none."""
    for path, reference in each(resource.inputs, "spec", "parentRefs"):
        if (reference.get("group", GROUP), reference.get("kind") or "Gateway") == (GROUP, "Gateway"):
            yield Parent(
                resource,
                path,
                scalar(reference, "namespace"),
                scalar(reference, "name"),
                scalar(reference, "sectionName"),
                scalar(reference, "port"),
            )


def certificates(resource: Resource) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Give every Secret that a Gateway's listeners take their certificates from."""
    for path, listener in each(resource.inputs, "spec", "listeners"):
        for inner, reference in each(listener, "tls", "certificateRefs"):
            if is_core(reference, "Secret"):
                yield (*path, *inner), reference


def grants(resource: Resource, from_kind: str, namespace: Any, to_kind: str, name: Any) -> bool:  # noqa: ANN401
    """Say whether a ReferenceGrant lets objects of ``from_kind`` in ``namespace`` name ``to_kind`` ``name``."""
    trusted = any(
        scalar(one, "kind") == from_kind and scalar(one, "group") == GROUP and scalar(one, "namespace") == namespace
        for _, one in each(resource.inputs, "spec", "from")
    )
    shared = any(
        scalar(one, "kind") == to_kind and not scalar(one, "group") and scalar(one, "name") in (None, "", name)
        for _, one in each(resource.inputs, "spec", "to")
    )
    return trusted and shared


def listeners(gateway: Resource) -> list[dict[str, Any]]:
    """Give a Gateway's listeners."""
    return [listener for _, listener in each(at(gateway.inputs, "spec"), "listeners")]
