"""Read Go's regular expressions (RE2 syntax) into trees: pkg.go.dev/regexp/syntax."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from policies.regular import MOST_TIMES, All, Char, Edge, Either, Node, Regular, Times

_LONGEST: Final = 2_000
_CLASSES: Final = {"d": "0-9", "w": "0-9A-Za-z_", "s": r"\t\n\f\r "}
_LIKELY: Final = "a1.-_:/"
"""What stands for a class in samples, the first that it holds."""
_POSIX: Final = {"alnum": "0-9A-Za-z", "alpha": "A-Za-z", "digit": "0-9", "lower": "a-z", "upper": "A-Z", "word": r"\w"}


class RegularError(ValueError):
    """A pattern that Go refuses; the message says why."""


class _UnknownError(ValueError):
    """A pattern that Go may take and this module does not understand."""


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

    def read(self) -> Node:
        tree = self._either()
        if self._at < len(self._text):
            raise RegularError("unexpected )")
        return tree

    def _either(self) -> Node:
        branches = [self._all()]
        while self._take("|"):
            branches.append(self._all())
        return branches[0] if len(branches) == 1 else Either(tuple(branches))

    def _all(self) -> Node:
        parts: list[Node] = []
        while self._at < len(self._text) and self._text[self._at] not in "|)":
            parts.append(self._times())
        return All(tuple(parts))

    def _times(self) -> Node:
        if self._text[self._at] in "*+?":
            raise RegularError(f"missing argument to repetition operator: {self._text[self._at]}")
        part, repeated = self._single(), False
        while (bounds := self._bounds()) is not None:
            if repeated:
                raise RegularError("invalid nested repetition operator")
            part, repeated = Times(part, *bounds), True
            if _weight(part) > MOST_TIMES:
                raise RegularError("invalid repeat count")
            self._take("?")
        return part

    def _bounds(self) -> tuple[int, int] | None:
        for sign, bounds in (("*", (0, MOST_TIMES)), ("+", (1, MOST_TIMES)), ("?", (0, 1))):
            if self._take(sign):
                return bounds
        match = re.compile(r"\{(\d+)(?:(,)(\d*))?\}").match(self._text, self._at)
        if match is None:
            return None
        self._at = match.end()
        least = int(match[1])
        most = int(match[3]) if match[3] else MOST_TIMES if match[2] else least
        if least > most or most > MOST_TIMES:
            raise RegularError(f"invalid repeat count: {match[0]}")
        return least, most

    def _single(self) -> Node:
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
            return Edge(sign)
        return self._char(re.escape(sign), sign)

    def _group(self) -> Node:
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
                return All(())
        tree = self._either()
        if not self._take(")"):
            raise RegularError("missing closing )")
        self._flags = flags
        return tree

    def _class(self) -> Node:
        match = re.compile(r"\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]", re.DOTALL).match(self._text, self._at)
        if match is None:
            raise RegularError("missing closing ]")
        self._at = match.end()
        body = re.sub(r"\[:(\w+):\]", lambda found: _POSIX.get(found[1], "[::]"), match[0])
        if "[:" in body or re.search(r"\\[pPQ]", body):
            raise _UnknownError
        # Python gives a meaning of its own, in time, to doubled signs and brackets within a class; Go does not.
        safe = self._char("[" + re.sub(r"\[|(?<=&)&|(?<=~)~|(?<=\|)\||(?<=-)-", r"\\\g<0>", body), "-")
        return Char(safe.pattern, next((sign for sign in _LIKELY if safe.pattern.match(sign)), "-"))

    def _escape(self) -> Node:
        if self._at >= len(self._text):
            raise RegularError("trailing backslash at end of expression")
        sign = self._text[self._at]
        self._at += 1
        if sign in "AzbB":
            return Edge({"A": "^", "z": "$"}.get(sign, sign))
        if sign.lower() in _CLASSES:
            negated = "^" if sign.isupper() else ""
            return self._char(f"[{negated}{_CLASSES[sign.lower()]}]", "1" if sign == "d" else "a")
        if sign in "123456789":
            raise RegularError(f"invalid escape sequence: \\{sign}")
        if sign.isalnum():
            raise _UnknownError
        return self._char(re.escape(sign), sign)

    def _char(self, pattern: str, shown: str) -> Char:
        try:
            return Char(re.compile(pattern, re.IGNORECASE if "i" in self._flags else 0), shown)
        except re.error as error:
            raise _UnknownError from error

    def _take(self, sign: str) -> bool:
        taken = self._text.startswith(sign, self._at)
        self._at += taken
        return taken


def _weight(node: Node) -> int:
    """Give how often the innermost part may repeat, by counts alone; Go refuses more than a thousand."""
    if isinstance(node, Times):
        counted = node.most if node.most < MOST_TIMES else max(node.least, 1)
        return max(counted, 1) * _weight(node.part)
    if isinstance(node, All | Either):
        return max((_weight(part) for part in node.parts), default=1)
    return 1
