"""One owner for one host and path at one entry point."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator
from typing import Final

from policies.findings import Rule, Scope, Violation
from policies.objects import Objects
from policies.rivals import Rivals
from policies.routes import Claim

_SHOWN: Final = 3


def _judge_owners(objects: Objects) -> Iterator[Violation]:
    groups: dict[Hashable, list[Claim]] = defaultdict(list)
    for claim in objects.claims:
        groups[claim.key].append(claim)
    for group in groups.values():
        index = Rivals(group) if len(group) > 1 else None
        for claim in group if index else ():
            others = sorted({_place(claim, other) for other in index.of(claim)}) if index else []
            if others:
                shown = " and ".join([*others[:_SHOWN], *(["others"] if len(others) > _SHOWN else [])])
                yield Violation(claim.owner, claim.path, f"claims {claim.text}, which {shown} claims too")


def _place(claim: Claim, other: Claim) -> str:
    if claim.owner.identity == other.owner.identity:
        return "another route of the same object"
    return other.owner.title


UNIQUE_HOST = Rule(
    code="FLT-HOST-001",
    name="one-owner-per-host-and-path",
    title="A host and path has one owner at an entry point, over all routing objects and namespaces",
    why="Between two equal routes the proxy picks at random at each reload: customers get the other shop, or nothing.",
    source="https://doc.traefik.io/traefik/reference/routing-configuration/http/routing/rules-and-priority/",
    remediation="Delete the route that is left over, or give each its own host or path.",
    scope=Scope.STACK,
    judge=_judge_owners,
)


RULES = (UNIQUE_HOST,)
