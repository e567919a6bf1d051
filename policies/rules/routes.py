"""Routes that Traefik and the API server take: rules that parse, paths that are paths, and something behind them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from policies import claims, hostnames, ingressroutes, traefik
from policies.findings import Rule, Scope, Violation
from policies.gateways import HOSTNAME_KINDS
from policies.ingresses import INGRESS_KINDS
from policies.objects import Objects
from policies.resources import Resource
from policies.traefik import Matcher
from policies.traefik_matchers import V2
from policies.values import UNKNOWN, Path, at, each, mapping, scalar
from policies.world import World

_DOCS: Final = "https://doc.traefik.io/traefik/reference/routing-configuration/http/routing/rules-and-priority/"
_HIGHEST: Final = 2**63 - 1 - 1000
"""pkg/server/router/router.go: the rest is for Traefik's own routes."""


def _judge_rules(resource: Resource) -> Iterator[Violation]:
    without_tls = resource.is_a(ingressroutes.TCP_KINDS) and at(resource.inputs, "spec", "tls") is None
    for path, written, dialect in ingressroutes.rules(resource):
        if written is UNKNOWN:
            continue
        try:
            rule = traefik.parse(written if isinstance(written, str) else "", dialect)
            claims.alternatives(rule)
        except traefik.RuleError as error:
            if not _UNFILLED.search(f"{written}"):
                yield Violation(resource, path, f"has a rule that Traefik refuses: {error}")
        except claims.TooManyError as error:
            yield Violation(resource, path, f"has a rule that cannot be compared with others: {error}")
        else:
            names = [matcher.arguments[0] for matcher in traefik.matchers(rule) if matcher.name == "HostSNI"]
            if without_tls and names and names[0] != "*":
                message = f"has a rule that Traefik refuses: HostSNI(`{names[0]}`) needs spec.tls to see the name"
                yield Violation(resource, path, message)


RULE_PARSES = Rule(
    code="FLT-ROUTE-001",
    name="route-rule-parses",
    title="A route's rule is one that Traefik can read",
    why="Traefik drops a route whose rule it cannot parse, and the host answers 404.",
    source=_DOCS,
    remediation="Write the rule with Traefik's matchers, such as Host(`shop.example`) && PathPrefix(`/cart`).",
    scope=Scope.RESOURCE,
    judge=_judge_rules,
    kinds=ingressroutes.RULE_KINDS,
)

_UNFILLED: Final = re.compile(r"\$\{|\{\{")
"""Where another tool still has to write something, be it a host or a whole rule."""
_TYPES: Final = ("Exact", "Prefix", "ImplementationSpecific")
_REFUSED: Final = re.compile(r"//|/\./|/\.\./|%2[fF]|/\.\.?$")
"""What the API server refuses in a path: pkg/apis/networking/validation/validation.go of Kubernetes."""
_EXPRESSION: Final = re.compile(r"\*|\\|\.\+|\[[^\]]*\][+*?{]|\([^)]*\|[^)]*\)|\$$|\{[A-Za-z_]\w*(:[^}]*)?\}", re.ASCII)
"""What is an expression or a placeholder, and nothing that stands in the path of a request."""
_USES_EXPRESSIONS: Final = re.compile(
    r"use-regex$|rewrite-target$|path-type$|path-regex$|haproxy|konghq|appgw", re.ASCII
)


def _judge_paths(resource: Resource) -> Iterator[Violation]:
    if resource.is_a(INGRESS_KINDS):
        yield from _ingress_shape(resource)
        for rule_path, rule in each(resource.inputs, "spec", "rules"):
            for path, entry in each(rule, "http", "paths"):
                yield from _ingress_path(resource, (*rule_path, *path), entry)
    elif resource.is_a(HOSTNAME_KINDS):
        for rule_path, rule in each(resource.inputs, "spec", "rules"):
            for path, match in each(rule, "matches"):
                yield from _gateway_path(resource, (*rule_path, *path, "path", "value"), at(match, "path"))
    else:
        yield from _impossible(resource)
        for path, matcher, syntax in ingressroutes.matchers(resource):
            if syntax != V2 and matcher.name in {"Path", "PathPrefix"}:
                yield from _literal_path(resource, path, matcher)
            elif (
                syntax != V2 and matcher.name == "Query" and len(matcher.arguments) == 1 and "=" in matcher.arguments[0]
            ):
                message = "asks for a parameter whose name has '=' in it; version 3 writes Query(`name`, `value`)"
                yield Violation(resource, path, message)


def _ingress_shape(resource: Resource) -> Iterator[Violation]:
    """Find what the API server misses before it looks at any path."""
    spec = mapping(resource.inputs, "spec")
    # An Ingress that says nothing of rules is a patch, or one whose rules another tool fills in.
    if spec.get("rules") == [] and not any(spec.get(field) for field in ("defaultBackend", "backend")):
        yield Violation(
            resource, ("spec", "rules"), "has no rules and no defaultBackend, and the API server refuses it"
        )
    for path, rule in each(resource.inputs, "spec", "rules"):
        if isinstance(rule.get("http"), dict) and not rule["http"].get("paths"):
            yield Violation(resource, (*path, "http"), "has a rule without paths, and the API server refuses it")


def _ingress_path(resource: Resource, path: Path, entry: dict[str, Any]) -> Iterator[Violation]:
    kind, written = scalar(entry, "pathType"), scalar(entry, "path")
    if UNKNOWN in (kind, written) or (isinstance(written, str) and hostnames.is_template(written)):
        return
    if kind is None and resource.api[:2] == ("networking.k8s.io", "v1"):
        yield Violation(resource, path, "has a path without pathType, which networking.k8s.io/v1 refuses")
    elif isinstance(kind, str) and kind not in _TYPES:
        yield Violation(resource, (*path, "pathType"), f"has pathType {kind!r}; there is only {', '.join(_TYPES)}")
    elif problem := _path_problem(resource, kind, written if isinstance(written, str) else ""):
        yield Violation(resource, (*path, "path"), f"has the path {written or ''!r}, which {problem}")


def _path_problem(resource: Resource, kind: Any, written: str) -> str | None:  # noqa: ANN401
    strict = kind in {"Exact", "Prefix"}
    if (written or strict) and not written.startswith("/"):
        return "does not start with '/', and the API server refuses it"
    if strict and _REFUSED.search(written):
        return f"has {_REFUSED.findall(written)[0]!r} in it, and the API server refuses it"
    if strict and not any(map(_USES_EXPRESSIONS.search, resource.annotations)) and _EXPRESSION.search(written):
        return f"the type {kind} takes as it stands, so that no request has it"
    return None


def _gateway_path(resource: Resource, path: Path, match: Any) -> Iterator[Violation]:  # noqa: ANN401
    written, kind = scalar(match, "value"), scalar(match, "type") or "PathPrefix"
    if not isinstance(written, str) or kind not in {"PathPrefix", "Exact"} or hostnames.is_template(written):
        return
    if not written.startswith("/") or _REFUSED.search(written) or "#" in written:
        yield Violation(resource, path, f"has the path {written!r}, which the API server refuses")
    elif _EXPRESSION.search(written):
        yield Violation(resource, path, f"has the path {written!r}, which {kind} takes as it stands: no request has it")


def _impossible(resource: Resource) -> Iterator[Violation]:
    for path, written, dialect in ingressroutes.rules(resource):
        try:
            possible = not isinstance(written, str) or claims.alternatives(traefik.parse(written, dialect))
        except (traefik.RuleError, claims.TooManyError):
            continue
        if not possible:
            yield Violation(resource, path, "has a rule that no request meets, such as one for two hosts at once")


def _literal_path(resource: Resource, path: Path, matcher: Matcher) -> Iterator[Violation]:
    for written in matcher.arguments:
        if hostnames.is_template(written):
            continue
        if _EXPRESSION.search(written):
            yield Violation(resource, path, f"asks for {matcher}, which stands for itself: no request has that path")
        elif "?" in written or "#" in written:
            yield Violation(resource, path, f"asks for {matcher}, but a path ends before '?' and '#'")


REAL_PATH = Rule(
    code="FLT-ROUTE-003",
    name="path-can-be-asked-for",
    title="A path is one that the API server takes and that a request can have",
    why="In Path, PathPrefix, Exact and Prefix stars, braces and expressions stand for themselves: nothing matches.",
    source="https://kubernetes.io/docs/concepts/services-networking/ingress/#path-types",
    remediation="Write the plain path from '/' on and its pathType, without a star; for an expression use PathRegexp.",
    scope=Scope.RESOURCE,
    judge=_judge_paths,
    kinds=INGRESS_KINDS | ingressroutes.RULE_KINDS | HOSTNAME_KINDS,
)


def _judge_routes(objects: Objects) -> Iterator[Violation]:
    parents = {
        (scalar(parent, "namespace") or resource.namespace, scalar(parent, "name"))
        for resource in objects.of(ingressroutes.ROUTE_KINDS)
        for _, parent in each(resource.inputs, "spec", "parentRefs")
    }
    for resource in objects.of(ingressroutes.CLAIM_KINDS):
        # Outside a closed world the routes below a parent may be elsewhere.
        is_parent = objects.world is World.OPEN or (resource.namespace, resource.physical_name) in parents
        for path, route in each(resource.inputs, "spec", "routes"):
            yield from _route(resource, path, route, is_parent=is_parent)


def _route(resource: Resource, path: Path, route: dict[str, Any], *, is_parent: bool) -> Iterator[Violation]:
    kind, services, priority = route.get("kind"), route.get("services"), route.get("priority")
    if resource.kind == "IngressRoute" and isinstance(kind, str) and kind not in {"", "Rule"}:
        yield Violation(resource, (*path, "kind"), f"has a route of kind {kind!r}; Traefik knows only Rule")
    if services in (None, []) and not is_parent:
        where = (*path, "services") if "services" in route else path
        yield Violation(resource, where, "has a route without services, which Traefik drops")
    if isinstance(priority, int) and priority > _HIGHEST:
        yield Violation(resource, (*path, "priority"), f"has priority {priority}; Traefik takes {_HIGHEST} at most")


WHOLE_ROUTE = Rule(
    code="FLT-ROUTE-004",
    name="route-is-whole",
    title="A Traefik route is of kind Rule, has services, and a priority that Traefik takes",
    why="Traefik drops the route and logs it; even a route that only redirects needs a service.",
    source="https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/crd/http/ingressroute/",
    remediation="Set kind to Rule and name a service; for a redirect name noop@internal of kind TraefikService.",
    scope=Scope.STACK,
    judge=_judge_routes,
)

RULES = (RULE_PARSES, REAL_PATH, WHOLE_ROUTE)
