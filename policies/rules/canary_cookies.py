"""Two splits of one host keep their sessions apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from policies.findings import Level, Rule, Scope, Violation
from policies.objects import Objects
from policies.splits import WEIGHTED, Split
from policies.values import at, each, scalar

Key = tuple[Any, Any]


def _judge(objects: Objects) -> Iterator[Violation]:
    named: dict[Key, Split] = {}
    for split in objects.splits:
        if split.form == WEIGHTED and isinstance(at(split.sticky, "cookie", "name"), str):
            named[split.owner.namespace, split.owner.physical_name] = split
    if not named:
        return
    jars: dict[tuple[str, str, str], dict[Key, Split]] = defaultdict(dict)
    for host, key in _routed(objects):
        if key in named:
            cookie = at(named[key].sticky, "cookie")
            jars[host, cookie["name"], str(cookie.get("path", "/"))][key] = named[key]
    for (host, name, _), found in sorted(jars.items()):
        contents = {key: frozenset(member.key for member in split.members) for key, split in found.items()}
        for key, split in found.items():
            others = sorted(found[one].owner.title for one, members in contents.items() if members != contents[key])
            if others:
                message = f"names its cookie {name} on {host}, as {' and '.join(others)} does"
                yield Violation(split.owner, ("spec", "weighted", "sticky", "cookie", "name"), message)


def _routed(objects: Objects) -> Iterator[tuple[str, Key]]:
    for claim in objects.claims:
        for _, service in each(claim.owner.inputs, *claim.path, "services"):
            if service.get("kind") == "TraefikService":
                yield claim.host, (scalar(service, "namespace") or claim.owner.namespace, scalar(service, "name"))


JAR = Rule(
    code="FLT-CANARY-016",
    name="splits-of-a-host-have-cookies-of-their-own",
    title="Two splits of one host name their sticky cookies differently",
    why="Each split overwrites the other's cookie, so a session that uses both is drawn anew at every change.",
    source="https://doc.traefik.io/traefik/reference/routing-configuration/http/load-balancing/service/#sticky-sessions",
    remediation="Give each split a cookie name of its own, or leave the name out.",
    scope=Scope.STACK,
    judge=_judge,
    level=Level.ADVISORY,
)

RULES = (JAR,)
