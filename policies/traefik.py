"""Traefik's rule language, parsed into a tree: ``||`` binds loosest, then ``&&``, then ``!``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from policies.traefik_matchers import HTTP, Dialect, RuleError
from policies.traefik_tokens import Token, tokens, unquote

__all__ = ["And", "Matcher", "Not", "Or", "Rule", "RuleError", "matchers", "parse"]

_DEEPEST: Final = 100


@dataclass(frozen=True, slots=True)
class Matcher:
    """``Host(`a`)``: a matcher's canonical name and its arguments."""

    name: str
    arguments: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name}({', '.join(f'`{argument}`' for argument in self.arguments)})"


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a rule."""

    rule: Rule

    def __str__(self) -> str:
        return f"!{self.rule}" if isinstance(self.rule, Matcher | Not) else f"!({self.rule})"


@dataclass(frozen=True, slots=True)
class And:
    """Both rules."""

    left: Rule
    right: Rule

    def __str__(self) -> str:
        return " && ".join(f"({side})" if isinstance(side, Or) else f"{side}" for side in (self.left, self.right))


@dataclass(frozen=True, slots=True)
class Or:
    """Either rule."""

    left: Rule
    right: Rule

    def __str__(self) -> str:
        return f"{self.left} || {self.right}"


Rule = Matcher | Not | And | Or


def matchers(rule: Rule) -> Iterator[Matcher]:
    """Give every matcher of a rule, from left to right, whether it must hold or not."""
    if isinstance(rule, Matcher):
        yield rule
    elif isinstance(rule, Not):
        yield from matchers(rule.rule)
    else:
        yield from matchers(rule.left)
        yield from matchers(rule.right)


@lru_cache(maxsize=65536)
def parse(text: str, dialect: Dialect = HTTP) -> Rule:
    """Parse a rule with the matchers of ``dialect``. Raises RuleError for what Traefik would refuse."""
    return _Parser(text, dialect).parse()


class _Parser:
    """Recursive descent, one method per level of binding."""

    def __init__(self, text: str, dialect: Dialect) -> None:
        self._tokens = tokens(text)
        self._dialect = dialect
        self._next = 0
        self._depth = 0

    def parse(self) -> Rule:
        if self._peek().text == "the end":
            raise RuleError("the rule is empty")
        rule = self._either()
        if self._next != len(self._tokens) - 1:
            raise self._unexpected("the end of the rule")
        return rule

    def _either(self) -> Rule:
        rule = self._both()
        while self._take("||"):
            rule = Or(rule, self._both())
        return rule

    def _both(self) -> Rule:
        rule = self._single()
        while self._take("&&"):
            rule = And(rule, self._single())
        return rule

    def _single(self) -> Rule:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise RuleError(f"nested deeper than {_DEEPEST} levels")
        try:
            if self._take("!"):
                return Not(self._single())
            if self._take("("):
                rule = self._either()
                self._expect(")")
                return rule
            return self._matcher()
        finally:
            self._depth -= 1

    def _matcher(self) -> Matcher:
        token = self._peek()
        if token.kind != "name":
            raise self._unexpected("a matcher, such as Host(`shop.example`)")
        self._next += 1
        name = self._dialect.matcher(token.text)
        self._expect("(")
        matcher = Matcher(name, tuple(self._arguments()))
        self._dialect.check(name, matcher.arguments, str(matcher))
        return matcher

    def _arguments(self) -> list[str]:
        arguments: list[str] = []
        while not self._take(")"):
            token = self._peek()
            if token.kind not in {"raw", "quoted"}:
                raise self._unexpected("a string in back-ticks or double quotes")
            self._next += 1
            arguments.append(token.text[1:-1].replace("\r", "") if token.kind == "raw" else unquote(token))
            if not self._take(","):
                self._expect(")")
                break
        return arguments

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _take(self, mark: str) -> bool:
        token = self._peek()
        taken = token.kind == "mark" and token.text == mark
        self._next += taken
        return taken

    def _expect(self, mark: str) -> None:
        if not self._take(mark):
            raise self._unexpected(f"{mark!r}")

    def _unexpected(self, wanted: str) -> RuleError:
        token = self._peek()
        # What stands in a string may be a secret header, and is not repeated.
        seen = "a string" if token.kind in {"raw", "quoted"} else token.text
        return RuleError(f"expected {wanted} at character {token.position + 1}, found {seen}")
