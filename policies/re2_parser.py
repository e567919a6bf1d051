"""The parser of Go's regular expressions: regexp/syntax/parse.go with the Perl flags, as regexp.Compile sets them."""

from __future__ import annotations

import re
from typing import Final

from policies.re2_classes import PatternError, escaped, parse_class, perl_class
from policies.re2_nodes import LAST, Alternation, Anchor, Chars, Concat, Node, Repeat

__all__ = ["PatternError", "parse_pattern"]

_COUNT: Final = re.compile(r"\{(\d+)(,(\d*))?\}")
_GROUP: Final = re.compile(r"\?(?:P?<(?P<name>[^>]*)>|(?P<flags>[a-zA-Z]*(?:-[a-zA-Z]+)?)(?P<end>[:)]))")
_NAME: Final = re.compile(r"\w+", re.ASCII)
_ANCHORS: Final = {"A": "start", "z": "end", "b": "word boundary", "B": "no word boundary"}
_MOST_REPEATS: Final = 1_000
_DEEPEST: Final = 200


def parse_pattern(text: str) -> Node:
    """Parse a pattern. Raises PatternError for what Go would refuse."""
    return _Parser(text).parse()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._flags: frozenset[str] = frozenset()
        self._names: set[str] = set()
        self._depth = 0

    def parse(self) -> Node:
        node = self._alternation()
        if self._at < len(self._text):
            raise PatternError("unexpected )")
        return node

    def _alternation(self) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise PatternError(f"nested deeper than {_DEEPEST} levels")
        options = [self._concat()]
        while self._taken("|"):
            options.append(self._concat())
        self._depth -= 1
        return options[0] if len(options) == 1 else Alternation(tuple(options))

    def _concat(self) -> Node:
        parts: list[Node] = []
        while self._at < len(self._text) and self._text[self._at] not in "|)":
            if self._text.startswith(r"\Q", self._at):
                parts += self._quoted()
            elif (atom := self._atom()) is not None:
                parts.append(atom)
            if self._repeat() is not None:
                self._repeated(parts)
        return parts[0] if len(parts) == 1 else Concat(tuple(parts))

    def _quoted(self) -> list[Node]:
        end = self._text.find(r"\E", self._at)
        body = self._text[self._at + 2 : end if end >= 0 else None]
        self._at = end + 2 if end >= 0 else len(self._text)
        return [self._char(char) for char in body]

    def _repeated(self, parts: list[Node]) -> None:
        """Put the last part under the repetition that follows it; a second one on top is refused."""
        found = self._repeat()
        while found is not None:
            least, most, length = found
            written = self._text[self._at : self._at + length]
            if not parts:
                raise PatternError(f"missing argument to repetition operator: {written}")
            if max(least, most or 0) > _MOST_REPEATS or (most is not None and most < least):
                raise PatternError(f"invalid repeat count: {written}")
            self._at += length
            self._taken("?")
            parts[-1] = Repeat(parts[-1], least, most)
            found = self._repeat()
            if found is not None:
                raise PatternError(f"invalid nested repetition operator after {written}")

    def _repeat(self) -> tuple[int, int | None, int] | None:
        char = self._text[self._at : self._at + 1]
        if char and char in "*+?":
            return {"*": (0, None, 1), "+": (1, None, 1), "?": (0, 1, 1)}[char]
        count = _COUNT.match(self._text, self._at)
        if count is None:
            return None
        least = int(count[1])
        most = least if count[2] is None else int(count[3]) if count[3] else None
        return least, most, len(count[0])

    def _atom(self) -> Node | None:
        char = self._text[self._at]
        if self._repeat() is not None:
            return None
        if char == "[":
            chars, self._at = parse_class(self._text, self._at, folded="i" in self._flags)
            return chars
        if char == "\\":
            return self._escape()
        self._at += 1
        return self._group() if char == "(" else self._plain(char)

    def _plain(self, char: str) -> Node:
        match char:
            case ".":
                return Chars((("\0", LAST),) if "s" in self._flags else (("\0", "\t"), ("\v", LAST)))
            case "^":
                return Anchor("line start" if "m" in self._flags else "start")
            case "$":
                return Anchor("line end" if "m" in self._flags else "end")
        return self._char(char)

    def _char(self, char: str) -> Chars:
        return Chars(((char, char),), folded="i" in self._flags)

    def _escape(self) -> Node:
        letter = self._text[self._at + 1 : self._at + 2]
        if letter in _ANCHORS:
            self._at += 2
            return Anchor(_ANCHORS[letter])
        chars, after = perl_class(self._text, self._at)
        if chars is not None:
            self._at = after
            return chars
        char, self._at = escaped(self._text, self._at)
        return self._char(char)

    def _group(self) -> Node | None:
        outer = self._flags
        if self._text.startswith("?", self._at):
            group = _GROUP.match(self._text, self._at)
            if group is None:
                raise PatternError(f"invalid or unsupported Perl syntax: ({self._text[self._at : self._at + 3]}")
            self._at = group.end()
            if group["name"] is not None:
                self._name(group["name"])
            elif self._set_flags(group["flags"], group[0]) and group["end"] == ")":
                return None
        node = self._alternation()
        if not self._taken(")"):
            raise PatternError("missing closing )")
        self._flags = outer
        return node

    def _name(self, name: str) -> None:
        if not _NAME.fullmatch(name) or name in self._names:
            raise PatternError(f"invalid or repeated name of a group: {name}")
        self._names.add(name)

    def _set_flags(self, written: str, group: str) -> bool:
        on, _, off = written.partition("-")
        if set(on + off) - set("imsU") or group == "?)":
            raise PatternError(f"invalid or unsupported Perl syntax: ({group}")
        self._flags = (self._flags | set(on)) - set(off)
        return True

    def _taken(self, char: str) -> bool:
        taken = self._text.startswith(char, self._at)
        self._at += taken
        return taken
