"""Routes of the Gateway API: which listeners they hang on, and the hosts and matches they claim there.

Where two claim the same, the older one wins, then the first by name, and nothing says that the other never answers:
gateway-api.sigs.k8s.io, HTTPRouteRule.matches.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any, Final

from policies.gateway_listeners import Gateways, hostnames, hosts_at, takes
from policies.gateways import GATEWAY_KINDS, listeners
from policies.resources import Resource
from policies.routes import CONNECTION, EVERY_HOST, EXACT, PREFIX, TCP, TLS, UDP, Claim, Door, Place, canonical_host
from policies.values import Path, at, each, mapping, scalar

_PROTOCOLS: Final = {"HTTPRoute": "web", "GRPCRoute": "grpc", "TLSRoute": TLS, "TCPRoute": TCP, "UDPRoute": UDP}
Match = tuple[str, str, frozenset[str]]
"""How a path is taken, the path, and the other conditions."""


def claims(resource: Resource, gateways: Gateways) -> Iterator[Claim]:
    """Give what a route claims at each of its parents, or what a Gateway's own listeners claim."""
    if resource.is_a(GATEWAY_KINDS):
        yield from _listener_claims(resource)
        return
    matches = list(_MATCHES.get(resource.kind, _connections)(resource))
    for _, parent in each(resource.inputs, "spec", "parentRefs"):
        for place, hosts in _attachments(resource, parent, gateways):
            for host in sorted(hosts):
                for path, (match, url_path, narrowing) in matches:
                    yield Claim(
                        owner=resource,
                        path=path,
                        place=place,
                        host=host,
                        match=match,
                        url_path=url_path,
                        narrowing=narrowing,
                    )


def _attachments(
    resource: Resource, parent: dict[str, Any], gateways: Gateways
) -> Iterator[tuple[Place, frozenset[str]]]:
    """Give where a route hangs on a parent, and the hosts it has there: its own, or else the listener's."""
    kind, name = scalar(parent, "kind") or "Gateway", scalar(parent, "name")
    namespace = scalar(parent, "namespace") or resource.namespace
    own, protocol = hostnames(resource), _PROTOCOLS[resource.kind]
    proxy = f"{kind} {namespace}/{name}"
    gateway = gateways.get((namespace, name)) if kind == "Gateway" else None
    if gateway is None:
        # What a listener's hostname or its allowed namespaces tell apart can't be seen from here.
        alone = proxy if own and kind != "Service" else f"{proxy} from {resource.namespace}"
        section = scalar(parent, "sectionName") or scalar(parent, "port")
        yield Place(doors=frozenset({(_point(section), protocol)}), proxy=alone), own or frozenset({EVERY_HOST})
        return
    doors: dict[frozenset[str], set[Door]] = defaultdict(set)
    for listener in listeners(gateway):
        if takes(listener, parent, resource, gateway):
            point = f"{scalar(listener, 'name')}{_namespaces(listener, resource)}"
            doors[hosts_at(listener, own)].add((point, protocol))
    for hosts, found in doors.items():
        yield Place(doors=frozenset(found), proxy=proxy), hosts


def _point(section: Any) -> str | None:  # noqa: ANN401
    return None if section is None else f"{section}"


def _namespaces(listener: dict[str, Any], resource: Resource) -> str:
    """Set apart what different namespaces hang on a listener that takes only some of them."""
    chosen = scalar(listener, "allowedRoutes", "namespaces", "from") == "Selector"
    return f" from {resource.namespace}" if chosen else ""


def _http_matches(resource: Resource) -> Iterator[tuple[Path, Match]]:
    for path, rule in _rules(resource):
        for match in _matches(rule):
            kind = scalar(match, "path", "type") or "PathPrefix"
            value = scalar(match, "path", "value") or "/"
            if isinstance(value, str) and isinstance(kind, str):
                how = {"PathPrefix": PREFIX, "Exact": EXACT}.get(kind, kind)
                shown = (value.rstrip("/") or "/") if how == PREFIX else value
                yield path, (how, shown, _conditions(match))


def _grpc_matches(resource: Resource) -> Iterator[tuple[Path, Match]]:
    for path, rule in _rules(resource):
        for match in _matches(rule):
            method = mapping(match, "method")
            service, name = scalar(method, "service") or "*", scalar(method, "method") or "*"
            yield path, (f"{scalar(method, 'type') or 'Exact'} call", f"/{service}/{name}", _conditions(match))


def _connections(resource: Resource) -> Iterator[tuple[Path, Match]]:
    del resource
    yield ("spec",), (CONNECTION, "", frozenset())


_MATCHES: Final[dict[str, Callable[[Resource], Iterator[tuple[Path, Match]]]]] = {
    "HTTPRoute": _http_matches,
    "GRPCRoute": _grpc_matches,
}


def _rules(resource: Resource) -> Iterator[tuple[Path, dict[str, Any]]]:
    found = False
    for path, rule in each(resource.inputs, "spec", "rules"):
        found = True
        yield path, rule
    if not found and at(resource.inputs, "spec", "rules") is None:
        yield ("spec",), {}


def _matches(rule: dict[str, Any]) -> list[dict[str, Any]]:
    return [match for _, match in each(rule, "matches")] or [{}]


def _conditions(match: dict[str, Any]) -> frozenset[str]:
    found: set[str] = set()
    if isinstance(method := scalar(match, "method"), str):
        found.add(f"method {method}")
    for field, fold in (("headers", str.lower), ("queryParams", str)):
        for _, one in each(match, field):
            name, kind = fold(f"{scalar(one, 'name')}"), scalar(one, "type") or "Exact"
            found.add(f"{field} {name} {kind} {scalar(one, 'value')}")
    return frozenset(found)


def _listener_claims(gateway: Resource) -> Iterator[Claim]:
    """Give what listeners claim: a port in a protocol for a host, which no other may have in one Gateway."""
    for path, listener in each(gateway.inputs, "spec", "listeners"):
        port, protocol, host = (scalar(listener, field) for field in ("port", "protocol", "hostname"))
        if isinstance(port, int) and isinstance(protocol, str) and isinstance(host, str | None):
            yield Claim(
                owner=gateway,
                path=path,
                place=Place(doors=frozenset({(f"{port}", f"listener {protocol}")}), proxy=f"{gateway.identity}"),
                host=canonical_host(host or EVERY_HOST),
                match=CONNECTION,
                url_path="",
            )
