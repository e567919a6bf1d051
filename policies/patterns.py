"""Go's regular expressions: which patterns compile, and which texts they match.

Traefik compiles every pattern with Go's regexp package. RE2 is the same language by the same authors and takes linear
time for every pattern; the few things in which it differs from Go are looked at here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

from policies.pattern_tokens import Kind, tokens

if TYPE_CHECKING:
    from re2 import Options

__all__ = ["Pattern", "PatternError", "compile_pattern"]

_TOO_LARGE: Final = "pattern too large"
"""What RE2 says of a program of more than 8 MiB, for which Go has room."""
_UNICODE: Final = re.compile(r"\\([pP])\{\^?[A-Za-z][\w -]*\}", re.ASCII)
"""A class by its name; Go and RE2 are not of the same version of Unicode, so that either may know more of them."""
_ASCII_NAME: Final = re.compile(r"\(\?P?<\w+>", re.ASCII)
_MOST_REPEATS: Final = 1_000
_DEEPEST: Final = 1_000


class PatternError(ValueError):
    """A pattern that Go refuses; the message says why."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern that Go compiles; without a program where we can't tell what it matches."""

    text: str
    program: Any = None

    @property
    def is_comparable(self) -> bool:
        """Whether we can tell what it matches."""
        return self.program is not None

    def found_in(self, text: str) -> bool:
        """Say whether the pattern matches anywhere in ``text``, as Go's MatchString does."""
        return self.is_comparable and self.program.search(_utf8(text)) is not None


@lru_cache(maxsize=4096)
def compile_pattern(text: str) -> Pattern:
    """Compile a pattern. Raises PatternError for what Go would refuse."""
    import re2  # noqa: PLC0415  (only inputs with patterns pay for the library)

    try:
        program = re2.compile(_utf8(text), _options())
    except re2.error as error:
        problem = error.args[0].decode(errors="replace")
        stand_in = _UNICODE.sub(r"\\\1L", text)
        if stand_in != text:
            compile_pattern(stand_in)
        elif not problem.startswith(_TOO_LARGE):
            raise PatternError(problem) from None
        program = None
    if problem := _refused_by_go(text):
        raise PatternError(problem)
    return Pattern(text, program)


@cache
def _options() -> Options:
    from re2 import Options  # noqa: PLC0415

    options = Options()
    options.log_errors = False
    return options


def _refused_by_go(text: str) -> str | None:
    """Say why Go refuses what RE2 takes: a byte of its own, names beyond ASCII, counts and depths beyond all bounds."""
    depth = 0
    for token in tokens(text):
        depth += (token.kind is Kind.OPEN) - (token.kind is Kind.CLOSE)
        if token.text == r"\C":
            return r"invalid escape sequence: \C"
        if "<" in token.text and token.kind is Kind.OPEN and not _ASCII_NAME.fullmatch(token.text):
            return f"invalid named capture: {token.text}"
        if token.kind is Kind.TIMES and any(int(count) > _MOST_REPEATS for count in re.findall(r"\d+", token.text)):
            return f"invalid repeat count: {token.text}"
        if depth >= _DEEPEST:
            return f"nested {_DEEPEST} levels deep"
    return None


def _utf8(text: str) -> bytes:
    """Encode as Go reads it from JSON: half a surrogate pair becomes the replacement character."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text).encode()
