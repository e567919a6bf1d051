"""From a Traefik rule to what it claims: the alternatives of its disjunctive normal form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from policies.patterns import PatternError, compile_pattern
from policies.routes import EXACT, PREFIX, canonical_host
from policies.traefik import And, Matcher, Not, Or, Rule

MOST: Final = 4_096
"""More alternatives than any rule written by people has; past it the rule counts as not comparable."""

Literal = tuple[bool, Matcher]
"""A matcher, and whether it must hold or must not."""
UrlPath = tuple[str, str]
"""EXACT or PREFIX, and the path."""


class TooManyError(ValueError):
    """A rule with more than ``MOST`` alternatives."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way of meeting a rule. ``hosts`` and ``paths`` are None where it does not name any.

    ``patterns`` are expressions for the host, ``narrowing`` every other condition in canonical form.
    """

    hosts: frozenset[str] | None
    paths: frozenset[UrlPath] | None
    narrowing: frozenset[str]
    patterns: frozenset[str] = frozenset()


def alternatives(rule: Rule, *, templates: bool = False) -> list[Alternative]:
    """Give the ways of meeting ``rule``, without those that no request can meet, such as two hosts at once.

    ``templates``: the rule is in the syntax v2, where hosts and paths may hold ``{name:expression}``.
    Raises TooManyError when there are more than ``MOST``.
    """
    found = (_Gathered(templates=templates).add(literals) for literals in _normal_form(rule, holds=True))
    return [gathered.alternative for gathered in found if gathered.is_possible]


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


_EVERYTHING: Final = frozenset({(True, Matcher("PathPrefix", ("/",))), (True, Matcher("HostSNI", ("*",)))})
"""What holds for every request: no condition at all."""
_HOSTS: Final = frozenset({"Host", "HostHeader", "HostSNI"})
_PATTERNS: Final = frozenset({"HostRegexp", "HostSNIRegexp"})
_PATHS: Final = frozenset({"Path", "PathPrefix"})


@dataclass(slots=True, kw_only=True)
class _Gathered:
    """The conditions of one alternative, put together one by one."""

    templates: bool
    hosts: frozenset[str] | None = None
    paths: frozenset[UrlPath] | None = None
    narrowing: set[str] = field(default_factory=set)
    patterns: set[str] = field(default_factory=set)
    is_possible: bool = True

    def add(self, literals: frozenset[Literal]) -> _Gathered:
        """Add conditions: those that must hold first, for they make many of the others needless."""
        for holds, matcher in sorted(literals - _EVERYTHING, key=lambda literal: (not literal[0], str(literal[1]))):
            self.is_possible = self.is_possible and (not holds, matcher) not in literals
            taken = self._require(matcher) if holds else self._exclude(matcher)
            if not taken:
                self.narrowing.add(_condition(matcher) if holds else f"!{_condition(matcher)}")
        self._settle_patterns()
        self.is_possible = self.is_possible and frozenset() not in (self.hosts, self.paths)
        return self

    @property
    def alternative(self) -> Alternative:
        return Alternative(self.hosts, self.paths, frozenset(self.narrowing), frozenset(self.patterns))

    def _require(self, matcher: Matcher) -> bool:
        if self.templates and "{" in "".join(matcher.arguments):
            return False
        if matcher.name in _HOSTS:
            named = frozenset(canonical_host(host) for host in matcher.arguments)
            self.hosts = named if self.hosts is None else self.hosts & named
        elif matcher.name in _PATHS:
            paths = _paths(matcher)
            self.paths = paths if self.paths is None else _both(self.paths, paths)
        elif matcher.name in _PATTERNS and not self.templates:
            self.patterns.add(matcher.arguments[0])
        else:
            return False
        return True

    def _exclude(self, matcher: Matcher) -> bool:
        """Take what must not hold out of the hosts and paths that are named; say whether that settles it."""
        if matcher.name in _HOSTS and self.hosts is not None:
            self.hosts -= {canonical_host(host) for host in matcher.arguments}
            return True
        if matcher.name not in _PATHS or self.paths is None or "{" in "".join(matcher.arguments):
            return False
        excluded = _paths(matcher)
        self.paths = frozenset(path for path in self.paths if not any(_within(path, out) for out in excluded))
        return not any(_within(out, path) for path in self.paths for out in excluded)

    def _settle_patterns(self) -> None:
        """Drop each host that an expression does not match, and with named hosts every expression that is settled."""
        for text in sorted(self.patterns) if self.hosts is not None else ():
            try:
                pattern = compile_pattern(text)
            except PatternError:
                continue
            if pattern.is_comparable:
                self.hosts = frozenset(host for host in self.hosts or () if pattern.found_in(host))
                self.patterns.discard(text)


def _paths(matcher: Matcher) -> frozenset[UrlPath]:
    return frozenset((EXACT if matcher.name == "Path" else PREFIX, path) for path in matcher.arguments)


def _within(inner: UrlPath, outer: UrlPath) -> bool:
    """Say whether all that ``inner`` takes, ``outer`` takes too; a prefix counts characters, as Traefik does."""
    return inner[1].startswith(outer[1]) if outer[0] == PREFIX else inner == outer


def _both(some: Iterable[UrlPath], others: frozenset[UrlPath]) -> frozenset[UrlPath]:
    return frozenset(
        one if _within(one, other) else other
        for one in some
        for other in others
        if _within(one, other) or _within(other, one)
    )


def _condition(matcher: Matcher) -> str:
    """Write a condition the way it compares: methods and names of headers have no case."""
    first, *rest = matcher.arguments
    if matcher.name == "Method":
        return f"{Matcher(matcher.name, tuple(one.upper() for one in matcher.arguments))}"
    if matcher.name.startswith("Header"):
        return f"{Matcher(matcher.name, (first.title(), *rest))}"
    return f"{matcher}"
