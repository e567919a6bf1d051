"""Go's regular expressions (RE2 syntax), as far as rules about origins and hosts need them.

Python's own module backtracks, and one hostile pattern would hold up every check; here a pattern is walked with the set
of all places it may have reached, so time grows with the text and never explodes. What is not understood is None.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, product
from typing import Final

_MOST_SAMPLES: Final = 32
_LONGEST: Final = 2_000
_MOST_TIMES: Final = 1_000
_CLASSES: Final = {"d": "0-9", "w": "0-9A-Za-z_", "s": r"\t\n\f\r "}
_LIKELY: Final = "a1.-_:/"
"""What stands for a class in samples, the first that it holds."""
_POSIX: Final = {"alnum": "0-9A-Za-z", "alpha": "A-Za-z", "digit": "0-9", "lower": "a-z", "upper": "A-Z", "word": r"\w"}


class RegularError(ValueError):
    """A pattern that Go refuses; the message says why."""


class _UnknownError(ValueError):
    """A pattern that Go may take and this module does not understand."""


@dataclass(frozen=True, slots=True)
class _Char:
    """One character of a class, which is written as Python writes it; ``shown`` stands for it in samples."""

    pattern: re.Pattern[str]
    shown: str


@dataclass(frozen=True, slots=True)
class _Edge:
    """A place between characters: the start, the end, or a word's edge."""

    kind: str


@dataclass(frozen=True, slots=True)
class _All:
    parts: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class _Either:
    parts: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class _Times:
    part: _Node
    least: int
    most: int


_Node = _Char | _Edge | _All | _Either | _Times


@dataclass(frozen=True, slots=True)
class Regular:
    """A pattern that can be asked."""

    tree: _Node

    def matches(self, text: str) -> bool:
        """Say whether the pattern is found anywhere in ``text``, as Go's MatchString does."""
        return bool(_reach(self.tree, text, frozenset(range(len(text) + 1))))

    def samples(self) -> list[str]:
        """Give texts of the kind that the pattern was written for, of every alternative, each time it may repeat."""
        return list(dict.fromkeys(islice(_samples(self.tree), _MOST_SAMPLES)))


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> Regular | None:
    """Read a pattern; None for one that is not understood. Raises RegularError for one that Go refuses."""
    if len(pattern) > _LONGEST:
        return None
    try:
        return Regular(_Reader(pattern).read())
    except (_UnknownError, RecursionError):
        return None


class _Reader:
    """Recursive descent over a pattern."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._flags = ""

    def read(self) -> _Node:
        tree = self._either()
        if self._at < len(self._text):
            raise RegularError("unexpected )")
        return tree

    def _either(self) -> _Node:
        branches = [self._all()]
        while self._take("|"):
            branches.append(self._all())
        return branches[0] if len(branches) == 1 else _Either(tuple(branches))

    def _all(self) -> _Node:
        parts: list[_Node] = []
        while self._at < len(self._text) and self._text[self._at] not in "|)":
            parts.append(self._times())
        return _All(tuple(parts))

    def _times(self) -> _Node:
        if self._text[self._at] in "*+?":
            raise RegularError(f"missing argument to repetition operator: {self._text[self._at]}")
        part, repeated = self._single(), False
        while (bounds := self._bounds()) is not None:
            if repeated:
                raise RegularError("invalid nested repetition operator")
            part, repeated = _Times(part, *bounds), True
            if _weight(part) > _MOST_TIMES:
                raise RegularError("invalid repeat count")
            self._take("?")
        return part

    def _bounds(self) -> tuple[int, int] | None:
        for sign, bounds in (("*", (0, _MOST_TIMES)), ("+", (1, _MOST_TIMES)), ("?", (0, 1))):
            if self._take(sign):
                return bounds
        match = re.compile(r"\{(\d+)(?:(,)(\d*))?\}").match(self._text, self._at)
        if match is None:
            return None
        self._at = match.end()
        least = int(match[1])
        most = int(match[3]) if match[3] else _MOST_TIMES if match[2] else least
        if least > most or most > _MOST_TIMES:
            raise RegularError(f"invalid repeat count: {match[0]}")
        return least, most

    def _single(self) -> _Node:
        sign = self._text[self._at]
        self._at += 1
        if sign == "(":
            return self._group()
        if sign == "[":
            return self._class()
        if sign == "\\":
            return self._escape()
        if sign == ".":
            return self._char(r"[^\n]", ".")
        if sign in "^$":
            return _Edge(sign)
        return self._char(re.escape(sign), sign)

    def _group(self) -> _Node:
        flags = self._flags
        if self._text.startswith("?", self._at):
            match = re.compile(r"\?(?:P?<[A-Za-z_]\w*>|([imsU]*)(?:-[imsU]+)?(:|(?=\))))").match(self._text, self._at)
            if match is None:
                raise RegularError("invalid or unsupported Perl syntax: " + self._text[self._at - 1 : self._at + 2])
            self._at = match.end()
            if match[1] and "m" in match[1]:
                raise _UnknownError
            self._flags += match[1] or ""
            if match[2] == "":
                self._take(")")
                return _All(())
        tree = self._either()
        if not self._take(")"):
            raise RegularError("missing closing )")
        self._flags = flags
        return tree

    def _class(self) -> _Node:
        match = re.compile(r"\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]", re.DOTALL).match(self._text, self._at)
        if match is None:
            raise RegularError("missing closing ]")
        self._at = match.end()
        body = re.sub(r"\[:(\w+):\]", lambda found: _POSIX.get(found[1], "[::]"), match[0])
        if "[:" in body or re.search(r"\\[pPQ]", body):
            raise _UnknownError
        # Python gives a meaning of its own, in time, to doubled signs and brackets within a class; Go does not.
        safe = self._char("[" + re.sub(r"\[|(?<=&)&|(?<=~)~|(?<=\|)\||(?<=-)-", r"\\\g<0>", body), "-")
        return _Char(safe.pattern, next((sign for sign in _LIKELY if safe.pattern.match(sign)), "-"))

    def _escape(self) -> _Node:
        if self._at >= len(self._text):
            raise RegularError("trailing backslash at end of expression")
        sign = self._text[self._at]
        self._at += 1
        if sign in "AzbB":
            return _Edge({"A": "^", "z": "$"}.get(sign, sign))
        if sign.lower() in _CLASSES:
            negated = "^" if sign.isupper() else ""
            return self._char(f"[{negated}{_CLASSES[sign.lower()]}]", "1" if sign == "d" else "a")
        if sign in "123456789":
            raise RegularError(f"invalid escape sequence: \\{sign}")
        if sign.isalnum():
            raise _UnknownError
        return self._char(re.escape(sign), sign)

    def _char(self, pattern: str, shown: str) -> _Char:
        try:
            return _Char(re.compile(pattern, re.IGNORECASE if "i" in self._flags else 0), shown)
        except re.error as error:
            raise _UnknownError from error

    def _take(self, sign: str) -> bool:
        taken = self._text.startswith(sign, self._at)
        self._at += taken
        return taken


def _reach(node: _Node, text: str, places: frozenset[int]) -> frozenset[int]:
    """Give where in ``text`` a match of ``node`` may end that begins at one of ``places``."""
    if isinstance(node, _Char):
        return frozenset(at + 1 for at in places if at < len(text) and node.pattern.match(text[at]))
    if isinstance(node, _Edge):
        return frozenset(at for at in places if _is_edge(node.kind, text, at))
    if isinstance(node, _All):
        for part in node.parts:
            places = _reach(part, text, places)
        return places
    if isinstance(node, _Either):
        return frozenset().union(*(_reach(part, text, places) for part in node.parts))
    return _repeated(node, text, places)


def _repeated(node: _Times, text: str, places: frozenset[int]) -> frozenset[int]:
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


def _weight(node: _Node) -> int:
    """Give how often the innermost part may repeat, by counts alone; Go refuses more than a thousand."""
    if isinstance(node, _Times):
        counted = node.most if node.most < _MOST_TIMES else max(node.least, 1)
        return max(counted, 1) * _weight(node.part)
    if isinstance(node, _All | _Either):
        return max((_weight(part) for part in node.parts), default=1)
    return 1


def _is_edge(kind: str, text: str, at: int) -> bool:
    if kind in "^$":
        return at == (0 if kind == "^" else len(text))
    before, after = text[at - 1 : at], text[at : at + 1]
    edge = (before.isalnum() or before == "_") != (after.isalnum() or after == "_")
    return edge is (kind == "b")


def _samples(node: _Node) -> Iterator[str]:
    if isinstance(node, _Char):
        yield node.shown
    elif isinstance(node, _Edge):
        yield ""
    elif isinstance(node, _Either):
        for part in node.parts:
            yield from islice(_samples(part), _MOST_SAMPLES)
    elif isinstance(node, _All):
        each_part = [list(islice(_samples(part), 8)) for part in node.parts]
        yield from ("".join(chosen) for chosen in islice(product(*each_part), _MOST_SAMPLES))
    else:
        yield from _repeated_samples(node)


def _repeated_samples(node: _Times) -> Iterator[str]:
    if not node.least:
        yield ""
    times = min(max(node.least, 1), _MOST_SAMPLES)
    if node.most:
        for sample in islice(_samples(node.part), 8):
            # A dot that repeats stands for any text, so that no separator comes of it.
            yield (sample.replace(".", "w") if isinstance(node.part, _Char) else sample) * times
