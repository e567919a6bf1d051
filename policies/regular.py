"""Go's regular expressions (RE2 syntax), as far as rules about origins and hosts need them.

Python's own module backtracks, and one hostile pattern would hold up every check; here a pattern is walked with the set
of all places it may have reached, so time grows with the text and never explodes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product
from typing import Final

_MOST_SAMPLES: Final = 32
MOST_TIMES: Final = 1_000


@dataclass(frozen=True, slots=True)
class Char:
    """One character of a class, which is written as Python writes it; ``shown`` stands for it in samples."""

    pattern: re.Pattern[str]
    shown: str


@dataclass(frozen=True, slots=True)
class Edge:
    """A place between characters: the start, the end, or a word's edge."""

    kind: str


@dataclass(frozen=True, slots=True)
class All:
    """One part after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Any one of the parts."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Times:
    """A part, so many times."""

    part: Node
    least: int
    most: int


Node = Char | Edge | All | Either | Times


@dataclass(frozen=True, slots=True)
class Regular:
    """A pattern that can be asked."""

    tree: Node

    def matches(self, text: str) -> bool:
        """Say whether the pattern is found anywhere in ``text``, as Go's MatchString does."""
        return bool(_reach(self.tree, text, frozenset(range(len(text) + 1))))

    def samples(self) -> list[str]:
        """Give texts of the kind that the pattern was written for, of every alternative, each time it may repeat."""
        return list(dict.fromkeys(islice(_samples(self.tree), _MOST_SAMPLES)))


def _reach(node: Node, text: str, places: frozenset[int]) -> frozenset[int]:
    """Give where in ``text`` a match of ``node`` may end that begins at one of ``places``."""
    if isinstance(node, Char):
        return frozenset(at + 1 for at in places if at < len(text) and node.pattern.match(text[at]))
    if isinstance(node, Edge):
        return frozenset(at for at in places if _is_edge(node.kind, text, at))
    if isinstance(node, All):
        for part in node.parts:
            places = _reach(part, text, places)
        return places
    if isinstance(node, Either):
        return frozenset().union(*(_reach(part, text, places) for part in node.parts))
    return _repeated(node, text, places)


def _repeated(node: Times, text: str, places: frozenset[int]) -> frozenset[int]:
    for _ in range(min(node.least, len(text) + 1)):
        before, places = places, _reach(node.part, text, places)
        if places == before:
            break
    found, fresh = places, places
    for _ in range(min(node.most - node.least, len(text) + 1)):
        fresh = _reach(node.part, text, fresh) - found
        if not fresh:
            break
        found |= fresh
    return found


def _is_edge(kind: str, text: str, at: int) -> bool:
    if kind in "^$":
        return at == (0 if kind == "^" else len(text))
    before, after = text[at - 1 : at], text[at : at + 1]
    edge = (before.isalnum() or before == "_") != (after.isalnum() or after == "_")
    return edge is (kind == "b")


def _samples(node: Node) -> Iterator[str]:
    if isinstance(node, Char):
        yield node.shown
    elif isinstance(node, Edge):
        yield ""
    elif isinstance(node, Either):
        for part in node.parts:
            yield from islice(_samples(part), _MOST_SAMPLES)
    elif isinstance(node, All):
        each_part = [list(islice(_samples(part), 8)) for part in node.parts]
        yield from ("".join(chosen) for chosen in islice(product(*each_part), _MOST_SAMPLES))
    else:
        yield from _repeated_samples(node)


def _repeated_samples(node: Times) -> Iterator[str]:
    if not node.least:
        yield ""
    times = min(max(node.least, 1), _MOST_SAMPLES)
    if node.most:
        for sample in islice(_samples(node.part), 8):
            # A dot that repeats stands for any text, so that no separator comes of it.
            yield (sample.replace(".", "w") if isinstance(node.part, Char) else sample) * times
