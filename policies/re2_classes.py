r"""Character classes and escapes of Go's regular expressions: ``[a-z]``, ``[[:word:]]``, ``\d``, ``\x{41}``."""

from __future__ import annotations

import re
from typing import Final

from policies.re2_nodes import DIGIT, POSIX, SPACE, WORD, Chars, Ranges, inverted

_PERL: Final[dict[str, Ranges]] = {
    "d": DIGIT,
    "s": SPACE,
    "w": WORD,
    "D": inverted(DIGIT),
    "S": inverted(SPACE),
    "W": inverted(WORD),
}
_UNICODE: Final = re.compile(r"\\[pP](?:\{\^?([A-Za-z_]+)\}|([A-Za-z]))")
_POSIX: Final = re.compile(r"\[:(\^?)(\w+):\]")
_CODE: Final = re.compile(r"\\(?:x\{([0-9a-fA-F]{1,8})\}|x([0-9a-fA-F]{2})|(0[0-7]{0,2}|[1-7][0-7]{1,2}))")
_SIMPLE: Final = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_LAST: Final = 0x10FFFF


class PatternError(ValueError):
    """A pattern that Go refuses; the message says why."""


def perl_class(text: str, at: int) -> tuple[Chars | None, int]:
    r"""Read ``\d`` or ``\pL``, and give it with where it ends; None where neither stands."""
    letter = text[at + 1 : at + 2]
    if letter in _PERL:
        return Chars(_PERL[letter]), at + 2
    if letter in {"p", "P"}:
        found = _UNICODE.match(text, at)
        if found is None:
            raise PatternError(f"invalid character class range: {text[at : at + 3]}")
        return Chars((), known=False), found.end()
    return None, at


def escaped(text: str, at: int) -> tuple[str, int]:
    """Read an escaped character, and give it with where it ends."""
    letter = text[at + 1 : at + 2]
    if not letter:
        raise PatternError("trailing backslash at end of expression")
    if letter in _SIMPLE:
        return _SIMPLE[letter], at + 2
    if letter.isascii() and not letter.isalnum():
        return letter, at + 2
    code = _CODE.match(text, at)
    if code is None or (number := int(code[1] or code[2] or code[3], 8 if code[3] else 16)) > _LAST:
        raise PatternError(f"invalid escape sequence: {text[at : at + 2]}")
    return chr(number), code.end()


def parse_class(text: str, at: int, *, folded: bool) -> tuple[Chars, int]:
    """Read a class in square brackets, and give it with where it ends."""
    start, at = at, at + 1
    negated = text.startswith("^", at)
    at += negated
    ranges: list[tuple[str, str]] = []
    known, first = True, True
    while first or not text.startswith("]", at):
        if at >= len(text):
            raise PatternError(f"missing closing ]: {text[start:]}")
        first = False
        chars, at = _member(text, at, start)
        known = known and chars.known
        ranges += chars.ranges
    found = inverted(tuple(ranges)) if negated else tuple(ranges)
    return Chars(found, known=known, folded=folded and not negated), at + 1


def _member(text: str, at: int, start: int) -> tuple[Chars, int]:
    posix = _POSIX.match(text, at)
    if posix is not None:
        if posix[2] not in POSIX:
            raise PatternError(f"invalid character class range: {posix[0]}")
        return Chars(inverted(POSIX[posix[2]]) if posix[1] else POSIX[posix[2]]), posix.end()
    chars, after = perl_class(text, at) if text.startswith("\\", at) else (None, at)
    if chars is not None:
        return chars, after
    low, after = _single(text, at, start)
    if text.startswith("-", after) and text[after + 1 : after + 2] not in {"", "]"}:
        high, after = _single(text, after + 1, start)
        if high < low:
            raise PatternError(f"invalid character class range: {text[at:after]}")
        return Chars(((low, high),)), after
    return Chars(((low, low),)), after


def _single(text: str, at: int, start: int) -> tuple[str, int]:
    if at >= len(text):
        raise PatternError(f"missing closing ]: {text[start:]}")
    return escaped(text, at) if text[at] == "\\" else (text[at], at + 1)
