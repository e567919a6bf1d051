"""Weights of a traffic split: ones that the proxy takes, and that mean what is written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.findings import Level, Rule, Scope, Violation
from policies.resources import Resource
from policies.splits import GATEWAY, HASHED, SPLIT_KINDS, Member, Split, splits
from policies.values import UNKNOWN, Path, at, each

_WRR: Final = "https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/crd/http/traefikservice/"
WHOLE: Final = 100
_LIKE_PERCENT: Final = range(50, 201)
"""Sums that only weights meant as percent come to."""
_LIKE_SHARES: Final = 10
"""From here on a written weight is no small share, beside which an unwritten 1 could be meant."""


def _judge_served(resource: Resource) -> Iterator[Violation]:
    weighted = at(resource.inputs, "spec", "weighted") if resource.kind == "TraefikService" else None
    if isinstance(weighted, dict) and weighted.get("services") == []:
        yield Violation(resource, ("spec", "weighted"), "has no member, so nobody is served")
    for split in splits(resource):
        if split.is_known and not any(split.weights):
            yield Violation(resource, split.path, f"gives {_named(split)} the weight 0, so nobody is served")
    for path, message in _mirrors(resource):
        yield Violation(resource, path, message)


def _named(split: Split) -> str:
    names = [str(member.name) for member in split.members]
    return names[0] if len(names) == 1 else f"all of {', '.join(names)}"


def _mirrors(resource: Resource) -> Iterator[tuple[Path, str]]:
    for path, mirror in each(resource.inputs, "spec", "mirroring", "mirrors"):
        percent = mirror.get("percent")
        whole = isinstance(percent, int) and not isinstance(percent, bool)
        if percent not in (None, UNKNOWN) and not (whole and 0 <= percent <= WHOLE):
            yield (*path, "percent"), f"mirrors {percent!r}% to {mirror.get('name')}, which is not within 0 to {WHOLE}"


SERVED = Rule(
    code="FLT-CANARY-001",
    name="split-serves-somebody",
    title="A split has a weight above 0, and a mirror gets 0 to 100 percent",
    why="A member of weight 0 is left out: where all are, every request gets 503.",
    source=_WRR,
    remediation="Write weights that sum to 100.",
    scope=Scope.RESOURCE,
    judge=_judge_served,
    kinds=SPLIT_KINDS,
)


def _judge_written(resource: Resource) -> Iterator[Violation]:
    for split in splits(resource):
        for member in _unwritten(split):
            others = ", ".join(f"{one.name} {one.written}" for one in split.members if one.written is not None)
            message = f"gives {member.name} no weight, which is 1 beside {others}"
            yield Violation(resource, member.path, message)


def _unwritten(split: Split) -> list[Member]:
    written = [member.weight for member in split.members if member.written is not None]
    if not any(weight is not None and weight >= _LIKE_SHARES for weight in written):
        return []
    return [member for member in split.members if member.written is None]


WRITTEN = Rule(
    code="FLT-CANARY-002",
    name="every-weight-is-written",
    title="Every member of a split has its weight written beside the others'",
    why="An absent weight is 1, whatever the others are: 90 and nothing is 90 to 1, not 90 to 10.",
    source=_WRR,
    remediation="Write the weight of each member, so that they sum to 100.",
    scope=Scope.RESOURCE,
    judge=_judge_written,
    kinds=SPLIT_KINDS,
)


def _off(resource: Resource) -> Iterator[tuple[Split, int, bool]]:
    """Give the splits whose weights do not sum to 100, and whether they are surely meant to.

    A proxy takes any sum; a fleet's own splits, and percentages between two releases, are held to 100.
    """
    for split in splits(resource):
        total = sum(split.weights)
        usable = split.is_known and min(split.weights) >= 0 and total > 0
        if len(split.members) < 2 or split.form == HASHED or not usable or total == WHOLE or _unwritten(split):
            continue
        percent = total in _LIKE_PERCENT and len(set(split.weights)) > 1
        certain = split.owner.keeps_contract or (split.is_canary and percent)
        if certain or percent or (split.is_canary and not _is_ratio(split)):
            yield split, total, certain


def _is_ratio(split: Split) -> bool:
    """Say whether weights are a ratio in small numbers or thousandths, or left to a controller to fill in."""
    total = sum(split.weights)
    return split.is_driven or total <= _LIKE_SHARES or total in (1000, 10_000)


def _sum(split: Split, total: int) -> Violation:
    weights = " + ".join(str(weight) for weight in split.weights)
    return Violation(split.owner, split.path, f"has weights that sum to {total} ({weights}), not to {WHOLE}")


def _judge_sum(resource: Resource) -> Iterator[Violation]:
    yield from (_sum(split, total) for split, total, certain in _off(resource) if certain)


def _judge_odd_sum(resource: Resource) -> Iterator[Violation]:
    yield from (_sum(split, total) for split, total, certain in _off(resource) if not certain)


SUM = Rule(
    code="FLT-CANARY-003",
    name="weights-sum-to-100",
    title="The weights of a canary's split sum to 100",
    why="The proxy takes any sum, so a typing error moves real traffic: 70 and 40 sends 36% to the canary.",
    source="https://doc.traefik.io/traefik/reference/routing-configuration/http/load-balancing/service/"
    "#weighted-round-robin-wrr",
    remediation="Correct the weights so that they sum to 100.",
    scope=Scope.RESOURCE,
    judge=_judge_sum,
    kinds=SPLIT_KINDS,
)
ODD_SUM = Rule(
    code="FLT-CANARY-004",
    name="weights-read-as-percent",
    title="Weights that look like percentages sum to 100",
    why="Whoever reads 80 and 30 takes them for percent; the proxy sends 27% where 30% is written.",
    source=SUM.source,
    remediation="Write weights that sum to 100, or small numbers that nobody takes for percent.",
    scope=Scope.RESOURCE,
    judge=_judge_odd_sum,
    level=Level.ADVISORY,
    kinds=SPLIT_KINDS,
)


def _judge_twice(resource: Resource) -> Iterator[Violation]:
    for split in splits(resource):
        seen: set[tuple[str, ...]] = set()
        for member in split.members:
            filtered = split.form == GATEWAY and at(member.spec, "filters")
            if (member.kind, member.name, member.namespace) == (resource.kind, resource.physical_name, member.home):
                yield Violation(resource, (*member.path, "name"), f"lists itself, {resource.title}, as a member")
            if member.key in seen and not filtered and UNKNOWN not in (member.name, member.namespace):
                message = f"lists {member.kind} {member.name} twice, so part of the split is no choice"
                yield Violation(resource, (*member.path, "name"), message)
            seen.add(member.key)


TWICE = Rule(
    code="FLT-CANARY-005",
    name="member-stands-once",
    title="A split lists each member once, and never itself",
    why="Both weights go to the same pods: the release under trial gets no traffic at all.",
    source=_WRR,
    remediation="Name the canary's own Service, or delete the second entry.",
    scope=Scope.RESOURCE,
    judge=_judge_twice,
    kinds=SPLIT_KINDS,
)

RULES = (SERVED, WRITTEN, SUM, ODD_SUM, TWICE)
