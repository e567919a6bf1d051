"""Traefik's own API and dashboard, which show every route, Service and middleware, ask who is looking."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from policies import claims, traefik
from policies.findings import Rule, Scope, Violation
from policies.ingressroutes import GROUP, ROUTE_KINDS
from policies.objects import Objects
from policies.resources import Resource
from policies.values import UNKNOWN, Path, at, each, mapping, scalar
from policies.variables import KINDS, variables
from policies.world import World

_MIDDLEWARES: Final = {"Middleware": frozenset({GROUP})}
_OPTIONS: Final = {"TLSOption": frozenset({GROUP})}
_INTERNAL: Final = frozenset({"api@internal", "dashboard@internal", "rest@internal"})
_PUBLIC_POINTS: Final = frozenset({"web", "websecure", "http", "https", "http3", "websecure-http3"})
"""Entry points that face the world, by the names that Traefik's chart and documents give them."""
_AUTH: Final = ("basicAuth", "digestAuth", "forwardAuth", "plugin", "jwt", "oidc", "oAuthIntrospection", "ldap")
_EVERYBODY: Final = frozenset({"0.0.0.0/0", "::/0", "0.0.0.0/1"})
_NOT_JUDGED: Final = "not judged: whether a middleware outside the input asks who is calling"

Index = dict[tuple[Any, Any], Resource]


class _Guards:
    """What may stand in a dashboard's way: middlewares and TLS options, by namespace and name."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._middlewares = self._index(_MIDDLEWARES)
        self._options = self._index(_OPTIONS)

    def _index(self, kinds: dict[str, frozenset[str]]) -> Index:
        return {(one.namespace, one.physical_name): one for one in self._objects.resources if one.is_a(kinds)}

    def guards(self, reference: dict[str, Any], namespace: Any, seen: frozenset[Any] = frozenset()) -> bool:  # noqa: ANN401
        """Say whether a middleware asks who is calling; one that is not in the input is trusted to, with a note."""
        name = scalar(reference, "name")
        key = scalar(reference, "namespace") or namespace, name
        if UNKNOWN in key or "@" in str(name):
            return True
        middleware = self._middlewares.get(key)
        if middleware is None:
            if self._objects.world is World.CLOSED:
                return False
            self._objects.notes.add(_NOT_JUDGED, f"Middleware {key[0]}/{name}")
            return True
        spec = mapping(middleware.inputs, "spec")
        if any(spec.get(kind) is not None for kind in _AUTH) or _limits(spec):
            return True
        chained = [one for _, one in each(spec, "chain", "middlewares")] if key not in seen else []
        return any(self.guards(one, middleware.namespace, seen | {key}) for one in chained)

    def asks_for_certificate(self, resource: Resource) -> bool:
        """Say whether the route's TLS options let in known clients only."""
        reference = mapping(resource.inputs, "spec", "tls", "options")
        name = scalar(reference, "name")
        if name is None:
            return False
        options = self._options.get((scalar(reference, "namespace") or resource.namespace, name))
        kind = scalar(options.inputs, "spec", "clientAuth", "clientAuthType") if options else None
        return kind == "RequireAndVerifyClientCert" or (options is None and name != "default")


def _limits(spec: dict[str, Any]) -> bool:
    ranges = at(spec, "ipAllowList", "sourceRange") or at(spec, "ipWhiteList", "sourceRange")
    texts = {one for one in ranges if isinstance(one, str)} if isinstance(ranges, list) else set()
    return ranges is UNKNOWN or (bool(texts) and not texts & _EVERYBODY)


def _judge_dashboards(objects: Objects) -> Iterator[Violation]:
    guards = _Guards(objects)
    for resource in objects.of(ROUTE_KINDS):
        if _faces_the_world(resource):
            for path, route in each(resource.inputs, "spec", "routes"):
                yield from _unguarded(resource, path, route, guards)


def _faces_the_world(resource: Resource) -> bool:
    if at(resource.inputs, "spec", "parentRefs"):
        return False
    points = at(resource.inputs, "spec", "entryPoints")
    if points is UNKNOWN:
        return False
    named = [point for point in points if isinstance(point, str)] if isinstance(points, list) else []
    return not named or any(point.lower() in _PUBLIC_POINTS for point in named)


def _unguarded(resource: Resource, path: Path, route: dict[str, Any], guards: _Guards) -> Iterator[Violation]:
    for inner, service in each(route, "services"):
        name = scalar(service, "name")
        if name not in _INTERNAL or _by_address(route) or guards.asks_for_certificate(resource):
            continue
        if not any(guards.guards(one, resource.namespace) for _, one in each(route, "middlewares")):
            message = f"shows {name} to everybody: no middleware of its route asks who is calling"
            yield Violation(resource, (*path, *inner, "name"), message)


def _by_address(route: dict[str, Any]) -> bool:
    """Say whether every way of matching the rule asks for the caller's address."""
    try:
        ways = claims.alternatives(traefik.parse(str(route.get("match", ""))))
    except (traefik.RuleError, claims.TooManyError):
        return False
    return bool(ways) and all(any(one.startswith("ClientIP") for one in way.narrowing) for way in ways)


DASHBOARD = Rule(
    code="FLT-SECURITY-018",
    name="dashboard-asks-who-is-looking",
    title="A route to Traefik's API or dashboard has a middleware that asks who is calling",
    why="The dashboard lists every host, path, middleware and address inside; rest@internal even changes them.",
    source="https://doc.traefik.io/traefik/reference/install-configuration/api-dashboard/",
    remediation="Add a basicAuth, forwardAuth or ipAllowList middleware, or use entry point traefik and port-forward.",
    scope=Scope.STACK,
    judge=_judge_dashboards,
)

_OPEN_SETTINGS: Final = {
    "API.INSECURE": "serves its API and dashboard without asking anybody",
    "PROVIDERS.REST.INSECURE": "lets everybody change its routes",
    "SERVERSTRANSPORT.INSECURESKIPVERIFY": "believes any certificate of the servers behind it",
    "TCPSERVERSTRANSPORT.TLS.INSECURESKIPVERIFY": "believes any certificate of the servers behind it",
}
_FALSE: Final = frozenset({"false", "0", "f"})


_FILE: Final = re.compile(
    r"^api:[^\S\n]*\n(?:[^\S\n]+.*\n)*?[^\S\n]+insecure:[^\S\n]*true\b|"
    r"^\[api\][^\S\n]*\n(?:(?!\[).*\n)*?\s*insecure\s*=\s*true\b",
    re.MULTILINE,
)
"""The same in Traefik's own file, as YAML and as TOML."""


def _judge_settings(resource: Resource) -> Iterator[Violation]:
    for key, text in mapping(resource.inputs, "data").items() if resource.kind == "ConfigMap" else ():
        if isinstance(text, str) and _FILE.search(text):
            yield Violation(resource, ("data", key), f"{_OPEN_SETTINGS['API.INSECURE']} (api.insecure)")
    for variable in variables(resource):
        name = variable.name.upper()
        key = name.removeprefix("TRAEFIK_").replace("_", ".") if name.startswith("TRAEFIK_") else name
        if key in _OPEN_SETTINGS and variable.value.strip("\"'").lower() not in _FALSE:
            yield Violation(resource, variable.path, f"{_OPEN_SETTINGS[key]} ({variable.name})")


SETTINGS = Rule(
    code="FLT-SECURITY-019",
    name="traefik-is-not-insecure",
    title="Traefik is not started with an open API or without checking certificates",
    why="An open API shows every route to whoever reaches the port, and some settings let them change it.",
    source="https://doc.traefik.io/traefik/reference/install-configuration/api-dashboard/#opt-api-insecure",
    remediation="Remove the flag; route api@internal with an auth middleware, and give the servers' CA as rootCAs.",
    scope=Scope.RESOURCE,
    judge=_judge_settings,
    kinds=KINDS,
)

RULES = (DASHBOARD, SETTINGS)
