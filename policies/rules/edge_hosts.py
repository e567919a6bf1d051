"""A host at the edge leads to one thing, by a pattern that Cloudflare can read and a record that it can reach."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterator
from typing import Final

from policies import cloudflare, edge_hosts
from policies.findings import Level, Rule, Scope, Violation
from policies.objects import Objects
from policies.resources import Resource
from policies.values import UNKNOWN, Path, scalar

_ROUTES: Final = "https://developers.cloudflare.com/workers/configuration/routing/routes/"
_CUSTOM: Final = "https://developers.cloudflare.com/workers/configuration/routing/custom-domains/"


def _script(route: Resource) -> object:
    return cloudflare.field(route, "script", "scriptName")[1]


def _judge_owners(objects: Objects) -> Iterator[Violation]:
    groups: dict[Hashable, list[tuple[Resource, Path, str]]] = defaultdict(list)
    for resource in objects.account.of(*edge_hosts.DOMAINS):
        path, host = edge_hosts.domain_of(resource)
        if host:
            groups[host].append((resource, path, f"host {host}"))
    for resource in objects.account.of(cloudflare.WORKERS_ROUTE):
        if text := cloudflare.text(resource, "pattern"):
            groups[edge_hosts.pattern(text).key].append((resource, ("pattern",), f"pattern {text}"))
    for group in groups.values():
        for resource, path, claim in group if len(group) > 1 else ():
            others = sorted(other.name for other, _, _ in group if other is not resource)
            yield Violation(resource, path, f"claims {claim}, which {' and '.join(others)} claims too")


ONE_OWNER = Rule(
    code="FLT-EDGE-026",
    name="one-owner-per-edge-host",
    title="A custom domain, and a route's pattern, leads to one Worker or bucket",
    why="The API refuses the second with 409, or moves the host to it and the first shop is gone.",
    source=_CUSTOM,
    remediation="Delete the resource that is left over, or give it a host or pattern of its own.",
    scope=Scope.STACK,
    judge=_judge_owners,
)


def _judge_records(objects: Objects) -> Iterator[Violation]:
    records = edge_hosts.Records(objects.account)
    for resource in objects.account.of(cloudflare.WORKERS_CUSTOM_DOMAIN, cloudflare.R2_CUSTOM_DOMAIN):
        _, host = edge_hosts.domain_of(resource)
        for record in records.of(host, scalar(resource.inputs, "zoneId")) if host else ():
            message = f"makes a record for {host}, where the custom domain {resource.name} makes its own"
            yield Violation(record, ("name",), message)


OWN_RECORD = Rule(
    code="FLT-EDGE-027",
    name="custom-domain-makes-its-record",
    title="A host with a custom domain has no other address record",
    why="The custom domain is refused: the hostname already has externally managed DNS records (code 100117).",
    source="https://github.com/cloudflare/workers-sdk/issues/9878",
    remediation="Delete the DnsRecord: Cloudflare makes the record of a custom domain, and its certificate.",
    scope=Scope.STACK,
    judge=_judge_records,
)


def _judge_proxied(objects: Objects) -> Iterator[Violation]:
    records = edge_hosts.Records(objects.account)
    said: set[str] = set()
    for route in objects.account.of(cloudflare.WORKERS_ROUTE):
        text, script = cloudflare.text(route, "pattern"), _script(route)
        host = edge_hosts.pattern(text).host if text else "*"
        if "*" in host or script in (None, ""):
            continue
        found = list(records.of(host, scalar(route.inputs, "zoneId")))
        if found and host not in said and all(scalar(one.inputs, "proxied") in (None, False) for one in found):
            said.add(host)
            first = min(found, key=lambda record: record.name)
            yield Violation(first, ("proxied",), f"sends {host} past Cloudflare, where a route has a Worker for it")


PROXIED = Rule(
    code="FLT-EDGE-028",
    name="routed-host-is-proxied",
    title="The record of a host with a Worker route is proxied",
    why="The client speaks to the origin itself, so the Worker never runs and no error says so.",
    source=_ROUTES,
    remediation="Set proxied to true and ttl to 1.",
    scope=Scope.STACK,
    judge=_judge_proxied,
)

_LABELS: Final = r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)+"
_HOST: Final = re.compile(_LABELS)
_ROUTED_HOST: Final = re.compile(rf"\*|\*?\.?{_LABELS}(?::\d+)?\*?")


def _judge_patterns(resource: Resource) -> Iterator[Violation]:
    token = cloudflare.type_of(resource)
    if token == cloudflare.WORKERS_ROUTE:
        text = scalar(resource.inputs, "pattern")
        wrong = None if text is UNKNOWN else _wrong_pattern(text if isinstance(text, str) else "")
        if wrong:
            yield Violation(resource, ("pattern",), f"has the pattern {text!r}, {wrong}")
    elif token in edge_hosts.DOMAINS:
        path, host = edge_hosts.domain_of(resource)
        if host and not (host.isascii() is False or _HOST.fullmatch(host)):
            yield Violation(
                resource, path, f"has {host!r} as its host, where Cloudflare takes one name, as shop.example"
            )


def _wrong_pattern(text: str) -> str | None:
    found = edge_hosts.pattern(text)
    if "://" in found.host or ("://" in text and not found.scheme):
        return "whose scheme is neither http nor https"
    if "?" in text or "#" in text:
        return "which may hold no query and no fragment"
    if "*" in found.path[:-1]:
        return "which may hold a '*' in its path only at the end"
    if "*" in found.host[1:].removesuffix("*"):
        return "which may hold a '*' in its host only at the beginning"
    if found.host.isascii() and not _ROUTED_HOST.fullmatch(found.host):
        return "whose host is no domain name"
    return None


READABLE = Rule(
    code="FLT-EDGE-029",
    name="edge-patterns-parse",
    title="Routes and custom domains are written as Cloudflare reads them",
    why="The API refuses the pattern (code 10022), and the host answers without its Worker.",
    source=_ROUTES,
    remediation="Write a route as [*.]host/path[*], and a custom domain as a host alone.",
    scope=Scope.RESOURCE,
    kinds=cloudflare.NO_KUBERNETES,
    judge=_judge_patterns,
)


def _judge_zones(objects: Objects) -> Iterator[Violation]:
    zones = edge_hosts.zones(objects.account)
    for resource in objects.account.of(cloudflare.WORKERS_ROUTE, *edge_hosts.DOMAINS):
        if cloudflare.type_of(resource) == cloudflare.WORKERS_ROUTE:
            text = cloudflare.text(resource, "pattern")
            path: Path = ("pattern",)
            host = edge_hosts.pattern(text).host.lstrip("*.").partition(":")[0].rstrip("*") if text else None
        else:
            path, host = edge_hosts.domain_of(resource)
        zone = edge_hosts.zone_of(resource, zones)
        if host and zone and host != zone and not host.endswith(f".{zone}"):
            yield Violation(resource, path, f"has the host {host}, which is not in its zone {zone}")


IN_ITS_ZONE = Rule(
    code="FLT-EDGE-030",
    name="edge-host-is-in-its-zone",
    title="A route or custom domain names a host of its zone",
    why="The API refuses the host, for the zone does not hold it.",
    source=_ROUTES,
    remediation="Correct the host, or name the zone that holds it.",
    scope=Scope.STACK,
    judge=_judge_zones,
)


def _judge_bare(resource: Resource) -> Iterator[Violation]:
    text = cloudflare.text(resource, "pattern")
    if cloudflare.type_of(resource) != cloudflare.WORKERS_ROUTE or not text or _script(resource) in (None, ""):
        return
    found = edge_hosts.pattern(text)
    if not found.path and not found.host.endswith("*"):
        yield Violation(resource, ("pattern",), f"has the pattern {text!r}, which matches the root page only")


WHOLE_HOST = Rule(
    code="FLT-EDGE-036",
    name="route-covers-its-host",
    title="A route says which paths it is for",
    why="Without a path the pattern stands for '/' alone: every other page goes past the Worker.",
    source=_ROUTES,
    remediation="Append /* for the whole host, or / where only the root is meant.",
    scope=Scope.RESOURCE,
    level=Level.ADVISORY,
    kinds=cloudflare.NO_KUBERNETES,
    judge=_judge_bare,
)

RULES = (ONE_OWNER, OWN_RECORD, PROXIED, READABLE, IN_ITS_ZONE, WHOLE_HOST)
