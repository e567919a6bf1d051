"""The tree of a regular expression in Go's language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

Ranges = tuple[tuple[str, str], ...]
"""Characters from the first to the second of each pair, both included."""

DIGIT: Final[Ranges] = (("0", "9"),)
SPACE: Final[Ranges] = (("\t", "\n"), ("\f", "\r"), (" ", " "))
WORD: Final[Ranges] = (("0", "9"), ("A", "Z"), ("_", "_"), ("a", "z"))
POSIX: Final[dict[str, Ranges]] = {
    "alnum": (("0", "9"), ("A", "Z"), ("a", "z")),
    "alpha": (("A", "Z"), ("a", "z")),
    "ascii": (("\0", "\x7f"),),
    "blank": (("\t", "\t"), (" ", " ")),
    "cntrl": (("\0", "\x1f"), ("\x7f", "\x7f")),
    "digit": DIGIT,
    "graph": (("!", "~"),),
    "lower": (("a", "z"),),
    "print": ((" ", "~"),),
    "punct": (("!", "/"), (":", "@"), ("[", "`"), ("{", "~")),
    "space": (("\t", "\r"), (" ", " ")),
    "upper": (("A", "Z"),),
    "word": WORD,
    "xdigit": (("0", "9"), ("A", "F"), ("a", "f")),
}
LAST: Final = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Chars:
    """One character out of ``ranges``; ``known`` is false for a Unicode class, whose members we don't keep."""

    ranges: Ranges
    known: bool = True
    folded: bool = False

    def has(self, char: str) -> bool:
        """Say whether ``char`` is one of them."""
        forms = {char, char.lower(), char.upper()} if self.folded else {char}
        return any(first <= form <= last for first, last in self.ranges for form in forms)

    @property
    def literal(self) -> str | None:
        """The character, where there is only one."""
        if self.known and len(self.ranges) == 1 and self.ranges[0][0] == self.ranges[0][1]:
            return self.ranges[0][0]
        return None


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place, not a character: ``start``, ``end``, ``line start``, ``line end`` or a ``word boundary``."""

    kind: str


@dataclass(frozen=True, slots=True)
class Concat:
    """One after the other; none of them: the empty text."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Alternation:
    """Any one of them."""

    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """The item ``least`` to ``most`` times, without an end where ``most`` is None."""

    item: Node
    least: int
    most: int | None


Node = Chars | Anchor | Concat | Alternation | Repeat


def inverted(ranges: Ranges) -> Ranges:
    """Give every character that is in none of the ranges."""
    found: list[tuple[str, str]] = []
    following = 0
    for first, last in sorted(ranges):
        if ord(first) > following:
            found.append((chr(following), chr(ord(first) - 1)))
        following = max(following, ord(last) + 1)
    if following <= ord(LAST):
        found.append((chr(following), LAST))
    return tuple(found)
