"""From a Traefik rule to what it claims: the alternatives of its disjunctive normal form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from policies.routes import EXACT, PREFIX, canonical_host
from policies.traefik import And, Matcher, Not, Or, Rule

MOST: Final = 4_096
"""More alternatives than any rule written by people has; past it the rule counts as not comparable."""

Literal = tuple[bool, Matcher]
"""A matcher, and whether it must hold or must not."""


class TooManyError(ValueError):
    """A rule with more than ``MOST`` alternatives."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way of meeting a rule. ``hosts`` and ``paths`` are None where it does not name any."""

    hosts: frozenset[str] | None
    paths: frozenset[tuple[str, str]] | None
    narrowing: frozenset[str]


def alternatives(rule: Rule) -> list[Alternative]:
    """Give the ways of meeting ``rule``, without those that ask for two hosts or two exact paths at once.

    Raises TooManyError when there are more than ``MOST``.
    """
    found = [_alternative(literals) for literals in _normal_form(rule, holds=True)]
    return [alternative for alternative in found if alternative is not None]


def _normal_form(rule: Rule, *, holds: bool) -> list[frozenset[Literal]]:
    if isinstance(rule, Matcher):
        return [frozenset({(holds, rule)})]
    if isinstance(rule, Not):
        return _normal_form(rule.rule, holds=not holds)
    left, right = _normal_form(rule.left, holds=holds), _normal_form(rule.right, holds=holds)
    either = isinstance(rule, Or) if holds else isinstance(rule, And)
    if (len(left) + len(right) if either else len(left) * len(right)) > MOST:
        raise TooManyError(f"more than {MOST} alternatives")
    return left + right if either else [one | other for one in left for other in right]


_EVERYTHING: Final = Matcher("PathPrefix", ("/",))


def _alternative(literals: frozenset[Literal]) -> Alternative | None:
    hosts: frozenset[str] | None = None
    paths: frozenset[tuple[str, str]] | None = None
    narrowing: set[str] = set()
    for holds, matcher in sorted(literals - {(True, _EVERYTHING)}, key=str):
        if holds and matcher.name in {"Host", "HostHeader"}:
            named = frozenset(canonical_host(host) for host in matcher.arguments)
            hosts = named if hosts is None else hosts & named
        elif holds and matcher.name in {"Path", "PathPrefix"} and (paths is None or matcher.name == "Path"):
            if paths is not None:
                narrowing.update(f"{kind} {path}" for kind, path in paths)
            paths = frozenset((EXACT if matcher.name == "Path" else PREFIX, path) for path in matcher.arguments)
        else:
            narrowing.add(f"{matcher}" if holds else f"!{matcher}")
    return None if hosts == frozenset() else Alternative(hosts, paths, frozenset(narrowing))
