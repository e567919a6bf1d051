"""Texts of the kind that a pattern was written for; RE2 says which texts match, but not what they might be."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice, product
from typing import Final

from policies.pattern_tokens import Kind, Token, tokens
from policies.patterns import compile_pattern

_MOST: Final = 32
_MOST_OF_PART: Final = 8
_LONGEST: Final = 2_000
_LIKELY: Final = "a1.-_:/"
"""What stands for a class, the first that it holds."""


@dataclass(slots=True)
class _Group:
    """What the tokens since an open bracket may stand for."""

    ended: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=lambda: [""])
    last: list[str] = field(default_factory=lambda: [""])
    """The last part alone: a repetition may follow."""

    def add(self, part: list[str]) -> None:
        self.before = self._both()
        self.last = part[:_MOST_OF_PART]

    def alternative(self) -> None:
        self.ended += self._both()
        self.before, self.last = [""], [""]

    def repeat(self, written: str, *, a_dot: bool) -> None:
        least, most = _bounds(written)
        # A dot that repeats stands for any text, so that no separator comes of it.
        once = ["w"] if a_dot else self.last
        times = min(max(least, 1), _MOST)
        self.last = [*([] if least else [""]), *(sample * times for sample in once if most)]

    def samples(self) -> list[str]:
        return (self.ended + self._both())[:_MOST]

    def _both(self) -> list[str]:
        return ["".join(pair) for pair in islice(product(self.before, self.last), _MOST)]


def samples(pattern: str) -> list[str]:
    """Give some texts of every alternative of a pattern that compiles; a few may not match it after all."""
    if len(pattern) > _LONGEST:
        return []
    groups, folded, before = [_Group()], False, ""
    for token in tokens(pattern):
        folded = folded or _folds(token)
        match token.kind:
            case Kind.OPEN:
                groups.append(_Group())
            case Kind.CLOSE:
                inner = groups.pop().samples()
                groups[-1].add(inner)
            case Kind.EITHER:
                groups[-1].alternative()
            case Kind.TIMES:
                groups[-1].repeat(token.text, a_dot=before in {".", r"\."})
            case _:
                groups[-1].add([_shown(token, folded=folded)])
        before = token.text
    return list(dict.fromkeys(groups[0].samples()))


def _folds(token: Token) -> bool:
    """Say whether a token switches case off; for samples it stays so to the end."""
    flags = token.text if token.text.startswith("(?") and token.text[-1] in ":)" else ""
    return "i" in flags.partition("-")[0]


def _shown(token: Token, *, folded: bool) -> str:
    if token.kind is not Kind.CLASS or token.text == ".":
        return "." if token.kind is Kind.CLASS else token.char
    written = compile_pattern(f"(?i:{token.text})" if folded else token.text)
    return next((char for char in _LIKELY if written.found_in(char)), "-")


def _bounds(written: str) -> tuple[int, int]:
    """Give how often a part repeats at the least and at the most."""
    counts = [int(count) for count in re.findall(r"\d+", written)]
    if counts:
        return counts[0], counts[-1] if "," not in written or len(counts) > 1 else _MOST
    return int(written[0] == "+"), 1
