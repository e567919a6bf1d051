"""The tokens of Traefik's rule language, which are Go's.

Traefik hands a rule to Go's expression parser (github.com/vulcand/predicate), so strings are Go literals, comments are
allowed, and a line may not end before the rule could: a newline after ``)`` or a string ends the rule.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from policies.traefik_matchers import RuleError

_TOKEN: Final = re.compile(
    r"""(?P<space>[ \t\r]+|/\*.*?\*/|//[^\n]*)|(?P<newline>\n)|(?P<raw>`[^`]*`)|(?P<quoted>"(?:[^"\\\n]|\\.)*")"""
    r"""|(?P<name>[A-Za-z_]\w*)|(?P<mark>&&|\|\||[!(),])""",
    re.DOTALL,
)
_ESCAPE: Final = re.compile(r'\\(?:([abfnrtv\\"])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3}))')
_SIMPLE: Final = dict(zip('abfnrtv\\"', '\a\b\f\n\r\t\v\\"', strict=True))


@dataclass(frozen=True, slots=True)
class Token:
    """A token; ``kind`` is raw, quoted, name, mark or end, ``position`` counts characters from 0."""

    kind: str
    text: str
    position: int


def tokens(text: str) -> list[Token]:
    """Cut a rule into tokens, the last of which is the end. Raises RuleError for what begins no token."""
    found: list[Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise RuleError(f"{text[position]!r} at character {position + 1} belongs to no rule")
        kind, token = str(match.lastgroup), match.group()
        if kind == "newline":
            if found and (found[-1].kind in {"raw", "quoted", "name"} or found[-1].text == ")"):
                found.append(Token("end", "the end of the line", position))
        elif kind != "space":
            found.append(Token(kind, token, position))
        position = match.end()
    return _without_last_end(found, len(text))


def _without_last_end(found: list[Token], length: int) -> list[Token]:
    if found and found[-1].kind == "end":
        found.pop()
    return [*found, Token("end", "the end", length)]


def unquote(token: Token) -> str:
    r"""Read a Go string literal, which knows fewer escapes than a regular expression needs: ``"\\."`` is refused."""
    body = token.text[1:-1]
    if "\\" in _ESCAPE.sub("", body):
        raise RuleError(f"unknown escape in the string at character {token.position + 1}; use back-ticks")
    return _ESCAPE.sub(_unescape, body)


def _unescape(match: re.Match[str]) -> str:
    simple, two, four, eight, octal = match.groups()
    if simple:
        return _SIMPLE[simple]
    number = int(octal, 8) if octal else int(two or four or eight, 16)
    if number > 0x10FFFF:
        raise RuleError(f"{match.group()} is no character")
    return chr(number)
