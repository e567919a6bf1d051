"""Listeners of the Gateway API: which of them a route hangs on, and for which hosts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from policies.resources import Resource
from policies.routes import EVERY_HOST, canonical_host
from policies.values import at, scalar

Gateways = Mapping[tuple[Any, Any], Resource]
"""The Gateways of the input, by namespace and name."""
PROTOCOLS: Final = {
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
    return scalar(listener, "protocol") in PROTOCOLS[resource.kind]


def _admits(listener: dict[str, Any], parent: dict[str, Any], resource: Resource, gateway: Resource) -> bool:
    del parent
    allowed = scalar(listener, "allowedRoutes", "namespaces", "from") or "Same"
    return allowed != "None" and (allowed != "Same" or gateway.namespace == resource.namespace)


def hosts_at(listener: dict[str, Any], own: frozenset[str]) -> frozenset[str]:
    """Give the hosts that a route has at a listener: where its own and the listener's meet."""
    offered = scalar(listener, "hostname")
    if not isinstance(offered, str) or not offered:
        return own or frozenset({EVERY_HOST})
    offered = canonical_host(offered)
    return frozenset(shared for host in own if (shared := meeting(host, offered))) if own else frozenset({offered})


def meeting(host: str, offered: str) -> str | None:
    """Give the narrower of two host names that meet; a wildcard here stands for one label or more."""
    for narrow, wide in ((host, offered), (offered, host)):
        if narrow == wide or (wide.startswith("*.") and narrow.removeprefix("*").endswith(wide[1:])):
            return narrow
    return None
