"""Hosts that somebody can ask for, and patterns that match no more than what is meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from policies import hostnames, ingressroutes
from policies.findings import Level, Rule, Scope, Violation
from policies.gateways import HOSTNAME_KINDS
from policies.ingresses import INGRESS_KINDS
from policies.pattern_tokens import Kind, Token, tokens
from policies.patterns import PatternError, compile_pattern
from policies.resources import Resource
from policies.traefik import Matcher
from policies.traefik_matchers import V2
from policies.values import Path, at, each

_DOCS: Final = "https://doc.traefik.io/traefik/reference/routing-configuration/http/routing/rules-and-priority/"
_OLD_TEMPLATE: Final = re.compile(r"\{[A-Za-z_]\w*(:[^{}]*(\{[^{}]*\}[^{}]*)*)?\}", re.ASCII)
"""``{name}`` or ``{name:expression}``: how version 2 of Traefik wrote what may vary."""


def _judge_hosts(resource: Resource) -> Iterator[Violation]:
    if resource.is_a(INGRESS_KINDS):
        yield from _ingress_hosts(resource)
    elif resource.is_a(HOSTNAME_KINDS):
        yield from _listed_hosts(resource, ("spec",), "hostnames")
    else:
        for path, matcher, syntax in ingressroutes.matchers(resource):
            yield from _matcher_hosts(resource, path, matcher, syntax)


def _ingress_hosts(resource: Resource) -> Iterator[Violation]:
    for path, rule in each(resource.inputs, "spec", "rules"):
        yield from _kubernetes_host(resource, (*path, "host"), rule.get("host"))
    for path, _ in each(resource.inputs, "spec", "tls"):
        yield from _listed_hosts(resource, path, "hosts")


def _listed_hosts(resource: Resource, base: Path, field: str) -> Iterator[Violation]:
    hosts = at(resource.inputs, *base, field)
    for position, host in enumerate(hosts if isinstance(hosts, list) else ()):
        yield from _kubernetes_host(resource, (*base, field, position), host)


def _kubernetes_host(resource: Resource, path: Path, host: Any) -> Iterator[Violation]:  # noqa: ANN401
    if not isinstance(host, str) or not host or hostnames.is_template(host):
        return
    if problem := hostnames.kubernetes_problem(host):
        yield Violation(resource, path, f"names the host {host!r}, which {problem}")


def _matcher_hosts(resource: Resource, path: Path, matcher: Matcher, syntax: str) -> Iterator[Violation]:
    if matcher.name in {"Host", "HostHeader", "HostSNI"}:
        for host in matcher.arguments:
            if not hostnames.is_template(host) and (problem := _host_problem(matcher.name, host)):
                yield Violation(resource, path, f"asks for the host {host!r}, which {problem}")
    elif matcher.name in {"HostRegexp", "HostSNIRegexp"} and syntax != V2:
        for pattern in matcher.arguments:
            if _OLD_TEMPLATE.search(pattern) and not hostnames.is_template(pattern):
                message = f"asks for hosts like {pattern!r}, whose braces Traefik 3 takes as they stand"
                yield Violation(resource, path, message)


def _host_problem(matcher: str, host: str) -> str | None:
    if matcher == "HostSNI":
        if host == "*":
            return None
        if host != host.lower():
            return "has upper-case letters, while Traefik compares the client's name in lower case"
    if host.startswith("*"):
        regexp = "HostSNIRegexp" if matcher == "HostSNI" else "HostRegexp"
        return f"{regexp} can match, but {matcher} takes as it stands, star and all"
    return hostnames.problem(host)


HOST_EXISTS = Rule(
    code="FLT-HOST-002",
    name="host-can-be-asked-for",
    title="A host is a name that a client can ask for and the API server takes",
    why="A scheme, a port, a wildcard in the wrong place or a name that DNS has not: the route never answers.",
    source="https://kubernetes.io/docs/concepts/services-networking/ingress/#hostname-wildcards",
    remediation="Write the bare name in lower case, such as shop.example; for many hosts HostRegexp(`^[a-z0-9-]+"
    "\\.shop\\.example$`) or, in an Ingress or Gateway route, *.shop.example.",
    scope=Scope.RESOURCE,
    judge=_judge_hosts,
    kinds=INGRESS_KINDS | ingressroutes.RULE_KINDS | HOSTNAME_KINDS,
)


def _judge_patterns(resource: Resource) -> Iterator[Violation]:
    for path, matcher, syntax in ingressroutes.matchers(resource):
        if matcher.name in {"HostRegexp", "HostSNIRegexp"} and syntax != V2:
            pattern = matcher.arguments[0]
            if not _OLD_TEMPLATE.search(pattern) and (problem := _pattern_problem(pattern)):
                yield Violation(resource, path, f"asks for hosts like {pattern!r}, which {problem}")
        elif matcher.name == "Host":
            for host in matcher.arguments:
                if "_" in host and not hostnames.is_template(host) and not hostnames.problem(host):
                    message = f"asks for the host {host!r}, whose '_' no certificate authority signs"
                    yield Violation(resource, path, message)


def _pattern_problem(text: str) -> str | None:
    try:
        compile_pattern(text)
    except PatternError:
        return None
    found = list(tokens(text))
    if hostnames.matches_everything(text) or not any(_is_literal(found, number) for number in range(len(found))):
        return None
    if any(_is_bare_dot(found, number) for number in range(1, len(found) - 1)):
        return "takes any character where a dot is meant; write \\."
    if not all(map(_is_anchored, _branches(found))):
        return "also takes longer names that contain a match; write ^ before and $ behind it"
    return None


def _is_literal(found: list[Token], number: int) -> bool:
    repeated = number + 1 < len(found) and found[number + 1].kind is Kind.TIMES
    return found[number].char.isalnum() and not repeated


def _is_bare_dot(found: list[Token], number: int) -> bool:
    """Say whether a token is ``.`` between two plain characters, as in ``shop.example``."""
    if found[number].kind is not Kind.CLASS or not (_is_literal(found, number - 1) and _is_literal(found, number + 1)):
        return False
    written = compile_pattern(found[number].text)
    return all(map(written.found_in, ("a", "%", ".")))


def _branches(found: list[Token]) -> Iterator[list[Token]]:
    """Cut a pattern into its alternatives, those within brackets left together."""
    branch: list[Token] = []
    depth = 0
    for token in found:
        depth += (token.kind is Kind.OPEN) - (token.kind is Kind.CLOSE)
        if token.kind is Kind.EITHER and not depth:
            yield branch
            branch = []
        else:
            branch.append(token)
    yield branch


def _is_anchored(branch: list[Token]) -> bool:
    first = next((token.text for token in branch if token.kind not in {Kind.OPEN, Kind.FLAGS}), "")
    last = next((token.text for token in reversed(branch) if token.kind is not Kind.CLOSE), "")
    return first in {"^", r"\A"} and last in {"$", r"\z"}


EXACT_PATTERN = Rule(
    code="FLT-HOST-005",
    name="host-pattern-takes-no-more-than-meant",
    title="A pattern for hosts is anchored and escapes its dots, and a host has no underscore",
    why="Go matches anywhere in the name: shop.example also takes shopxexample and shop.example.attacker.example.",
    source=_DOCS,
    remediation="Write the pattern as ^...$ with \\. for each dot, and host names without '_'.",
    scope=Scope.RESOURCE,
    judge=_judge_patterns,
    level=Level.ADVISORY,
    kinds=ingressroutes.RULE_KINDS,
)

RULES = (HOST_EXISTS, EXACT_PATTERN)
