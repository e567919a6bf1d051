r"""The tokens of a pattern that compiles: enough to see its dots, anchors and alternatives, not to match with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final


class Kind(Enum):
    """What a token stands for."""

    CHAR = "char"
    CLASS = "class"
    EDGE = "edge"
    OPEN = "open"
    CLOSE = "close"
    FLAGS = "flags"
    EITHER = "either"
    TIMES = "times"


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is written; ``char`` is the one character that a CHAR stands for."""

    kind: Kind
    text: str
    char: str = ""


_QUOTED: Final = re.compile(r"\\Q(.*?)(?:\\E|\Z)", re.DOTALL)
_TOKEN: Final = re.compile(
    r"(?P<EDGE>[\^$]|\\[AzbB])"
    r"|(?P<CLASS>\.|\\(?:[pP]\{[^}]*\}|[pP].|[dswDSWC])|\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\])"
    r"|(?P<FLAGS>\(\?[a-zA-Z-]*\))"
    r"|(?P<OPEN>\((?:\?(?:P?<[^>]*>|[a-zA-Z-]*:))?)"
    r"|(?P<CLOSE>\))|(?P<EITHER>\|)|(?P<TIMES>(?:[*+?]|\{\d+(?:,\d*)?\})\??)"
    r"|(?P<CHAR>\\(?:x\{[0-9A-Fa-f]+\}|x[0-9A-Fa-f]{2}|[0-7]{1,3}|.)|.)",
    re.DOTALL | re.ASCII,
)
_SIMPLE: Final = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def tokens(pattern: str) -> Iterator[Token]:
    """Cut a pattern into tokens; of one that does not compile they mean nothing."""
    position = 0
    while position < len(pattern):
        if quoted := _QUOTED.match(pattern, position):
            yield from (Token(Kind.CHAR, char, char) for char in quoted[1])
            position = quoted.end()
        elif match := _TOKEN.match(pattern, position):
            kind = Kind[str(match.lastgroup)]
            yield Token(kind, match[0], _char(match[0]) if kind is Kind.CHAR else "")
            position = match.end()


def _char(text: str) -> str:
    escaped = text[1:]
    if not escaped:
        return text
    if escaped[0] == "x":
        return chr(int(escaped[1:].strip("{}"), 16))
    return chr(int(escaped, 8)) if escaped[0].isdigit() else _SIMPLE.get(escaped, escaped)
