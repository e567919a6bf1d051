"""One owner for one host and path at one entry point."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator

from policies.findings import Rule, Scope, Violation
from policies.objects import Objects
from policies.routes import Claim, rivals


def _judge_owners(objects: Objects) -> Iterator[Violation]:
    groups: dict[Hashable, list[Claim]] = defaultdict(list)
    for claim in objects.claims:
        groups[claim.key].append(claim)
    for group in groups.values():
        for claim in group if len(group) > 1 else ():
            others = sorted({_place(claim, other) for other in group if rivals(claim, other)})
            if others:
                yield Violation(
                    claim.owner, claim.path, f"claims {claim.text}, which {' and '.join(others)} claims too"
                )


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
