"""Listeners of the Gateway API: which of them a route hangs on, and for which hosts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from policies.hostnames import is_template
from policies.resources import Resource
from policies.routes import EVERY_HOST, canonical_host
from policies.values import UNKNOWN, at, each, scalar

Gateways = Mapping[tuple[Any, Any], Resource]
"""The Gateways of the input, by namespace and name."""
_LISTENERS: Final = {
    "HTTPRoute": {"HTTP", "HTTPS"},
    "GRPCRoute": {"HTTP", "HTTPS"},
    "TLSRoute": {"TLS"},
    "TCPRoute": {"TCP", "TLS"},
    "UDPRoute": {"UDP"},
}
"""The protocols of listeners that each kind of route can hang on."""


def hostnames(resource: Resource) -> frozenset[str]:
    """Give the host names that a route lists."""
    listed = at(resource.inputs, "spec", "hostnames")
    return (
        frozenset(canonical_host(host) for host in listed if isinstance(host, str))
        if isinstance(listed, list)
        else frozenset()
    )


def takes(listener: dict[str, Any], parent: dict[str, Any], resource: Resource, gateway: Resource) -> bool:
    """Say whether a listener is one that ``parent`` asks for, and takes routes of this kind and namespace."""
    return all(answers(listener, parent, resource, gateway) for answers in (_is_named, _speaks, _admits))


def _is_named(listener: dict[str, Any], parent: dict[str, Any], *_: Resource) -> bool:
    section, port = scalar(parent, "sectionName"), scalar(parent, "port")
    return section in {None, scalar(listener, "name")} and port in {None, scalar(listener, "port")}


def _speaks(listener: dict[str, Any], parent: dict[str, Any], resource: Resource, gateway: Resource) -> bool:
    del parent, gateway
    return scalar(listener, "protocol") in _LISTENERS[resource.kind]


def _admits(listener: dict[str, Any], parent: dict[str, Any], resource: Resource, gateway: Resource) -> bool:
    del parent
    allowed = scalar(listener, "allowedRoutes", "namespaces", "from") or "Same"
    return allowed != "None" and (allowed != "Same" or gateway.namespace == resource.namespace)


def misfit(resource: Resource, parent: dict[str, Any], gateways: Gateways) -> str | None:
    """Say why a route hangs on no listener of a parent that is in the input; None where it does, or may."""
    namespace, name = scalar(parent, "namespace") or resource.namespace, scalar(parent, "name")
    gateway = gateways.get((namespace, name)) if scalar(parent, "kind") in {None, "Gateway"} else None
    left = [listener for _, listener in each(gateway.inputs, "spec", "listeners")] if gateway else []
    if gateway is None or not left or UNKNOWN in parent.values():
        return None
    wanted = {field: parent[field] for field in ("sectionName", "port") if field in parent}
    protocols = " or ".join(sorted(_LISTENERS[resource.kind]))
    for answers, why in (
        (_is_named, f"has no listener with {wanted}"),
        (_speaks, f"has no listener for {protocols} there"),
        (_admits, f"takes no routes from namespace {resource.namespace} there"),
    ):
        left = [listener for listener in left if answers(listener, parent, resource, gateway)]
        if not left:
            return f"{gateway.title} {why}"
    own = hostnames(resource)
    if own and not any(map(is_template, own)) and not any(hosts_at(listener, own) for listener in left):
        offered = ", ".join(sorted({f"{scalar(listener, 'hostname')}" for listener in left}))
        return f"{gateway.title} has no listener for {', '.join(sorted(own))}, only for {offered}"
    return None


def hosts_at(listener: dict[str, Any], own: frozenset[str]) -> frozenset[str]:
    """Give the hosts that a route has at a listener: where its own and the listener's meet."""
    offered = scalar(listener, "hostname")
    if not isinstance(offered, str) or not offered:
        return own or frozenset({EVERY_HOST})
    offered = canonical_host(offered)
    return frozenset(meeting for host in own if (meeting := _meeting(host, offered))) if own else frozenset({offered})


def _meeting(host: str, offered: str) -> str | None:
    """Give the narrower of two host names that meet; a wildcard here stands for one label or more."""
    for narrow, wide in ((host, offered), (offered, host)):
        if narrow == wide or (wide.startswith("*.") and narrow.removeprefix("*").endswith(wide[1:])):
            return narrow
    return None
