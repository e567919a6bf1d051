"""The text of files, cut into documents, parsed fast, and asked for a line only where a finding needs one.

Scalars are read as the API server's own YAML library reads them: dates stay text, ``1:30`` is no number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import yaml

from policies.repeats import Repeat, path_to
from policies.values import Path

_MARKER = re.compile(r"^---(?=\s|$)[^\S\n]*", re.MULTILINE)
_WORDS = (
    {"": None, "~": None, "null": None}
    | dict.fromkeys(("true", "yes", "y", "on"), True)
    | dict.fromkeys(("false", "no", "n", "off"), False)
    | {f"{sign}.inf": float(f"{sign}inf") for sign in ("", "+", "-")}
    | {".nan": float("nan")}
)
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9_]*)")
_OTHER_BASE = re.compile(r"([-+]?)(0x[0-9a-fA-F_]+|0b[01_]+|0o?[0-7_]+)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_PLAIN = "plain"
_TEXT = "tag:yaml.org,2002:str"
_TYPED = {_PLAIN, *(f"tag:yaml.org,2002:{name}" for name in ("int", "float", "bool", "null"))}
_MERGE = "<<"
_LONGEST_NUMBER: Final = 400
"""No number that means anything is longer; past 4,300 digits Python itself refuses to read one."""
_MOST_VALUES: Final = 1_000_000
"""More values than any real document has once its aliases are written out; ten lines of YAML can ask for a billion."""


class DocumentError(ValueError):
    """A document that cannot be parsed: ``line`` counts from 1 in its file."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a file; ``number`` counts from 0, ``first_line`` from 1."""

    file: str
    number: int
    text: str
    first_line: int

    def parse(self) -> Any:  # noqa: ANN401  (whatever the document holds)
        """Give the document as plain values. Raises DocumentError with the line."""
        return self.read()[0]

    def read(self) -> tuple[Any, tuple[Repeat, ...]]:
        """Give the document as plain values, and the keys that stand in one mapping twice. Raises DocumentError."""
        if self._is_json:
            try:
                return json.loads(self.text, object_pairs_hook=_unique), ()
            except ValueError:
                pass
        try:
            node = yaml.compose(self.text, Loader=_Loader)
            found: list[_Pair] = []
            if "*" in self.text and _size(node, {}) > _MOST_VALUES:
                raise self._error(f"its aliases expand to more than {_MOST_VALUES:,} values", 0)
            value = None if node is None else _value(node, found)
            return value, tuple(self._repeat(node, pair) for pair in found)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise self._error(error.problem, mark.line if mark else 0) from error
        except (yaml.YAMLError, RecursionError, TypeError) as error:
            raise self._error(str(error).partition("\n")[0], 0) from error

    def line(self, path: Path) -> int:
        """Give the line of the field at ``path``, or of the nearest thing around it that is written down."""
        if self._is_json:
            try:
                return self.first_line + self.text.count("\n", 0, _json_position(self.text, path))
            except ValueError:
                pass
        node = yaml.compose(self.text, Loader=_Loader)
        return self.first_line + (_node_line(node, path) if node else 0)

    def _repeat(self, root: Any, pair: _Pair) -> Repeat:  # noqa: ANN401
        mapping, key, values = pair
        first = next(own for own, _ in mapping.value if own.value == key.value)
        lines = self.first_line + first.start_mark.line, self.first_line + key.start_mark.line
        return Repeat((*(path_to(mapping, root) or ()), key.value), *lines, differs=values[0] != values[1])

    def _error(self, problem: str | None, line: int) -> DocumentError:
        remedy = "render the template first" if "{{" in self.text else "correct it there"
        last = self.text.rstrip("\n").count("\n")
        return DocumentError(f"is not YAML ({problem}); {remedy}", self.first_line + min(line, last))

    @property
    def _is_json(self) -> bool:
        return self.text.lstrip()[:1] in {"{", "["}


def documents(file: str, text: str) -> Iterator[Document]:
    """Cut a file at its ``---`` lines, which YAML allows nowhere else, so that one broken document spoils no other."""
    starts = [0, *(match.end() for match in _MARKER.finditer(text))]
    ends = [*(match.start() for match in _MARKER.finditer(text)), len(text)]
    line = 1
    for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
        line += text.count("\n", ends[number - 1] if number else 0, start)
        part = text[start:end]
        if any(row.strip() and not row.lstrip().startswith(("#", "%")) for row in part.splitlines()):
            yield Document(file, number, part, line)
        line += part.count("\n")


class _Loader(yaml.CSafeLoader):
    """The C parser with the costly part of tag resolution left out: ``_scalar`` does it once per distinct text."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> str:  # noqa: ANN401, ARG002  (PyYAML's signature)
        if kind is yaml.ScalarNode:
            return _PLAIN if implicit[0] else _TEXT
        return ""


_ScalarNode: Final = yaml.ScalarNode
_SequenceNode: Final = yaml.SequenceNode
"""The classes of PyYAML's nodes, which it does not derive from: asked for each value of each file."""
_Pair = tuple[Any, Any, tuple[Any, Any]]
"""A mapping, the key that stands in it again, and the two values of it."""


def _size(node: Any, known: dict[int, int]) -> int:  # noqa: ANN401
    """Count the values of a node with every alias written out; each node is looked at once, however often it stands."""
    if isinstance(node, yaml.ScalarNode) or node is None:
        return 1
    if id(node) not in known:
        children = node.value if isinstance(node, yaml.SequenceNode) else [value for _, value in node.value]
        known[id(node)] = 0  # an alias inside its own anchor ends here, and fails when it is read
        known[id(node)] = 1 + sum(_size(child, known) for child in children)
    return known[id(node)]


def _value(node: Any, repeated: list[_Pair]) -> Any:  # noqa: ANN401
    kind = node.__class__
    if kind is _ScalarNode:
        return _scalar(node.value) if node.tag in _TYPED else node.value
    if kind is _SequenceNode:
        return [_value(item, repeated) for item in node.value]
    merged: dict[str, Any] = {}
    own: dict[str, Any] = {}
    for key, written in node.value:
        if key.__class__ is not _ScalarNode:
            raise yaml.MarkedYAMLError(problem="a key must be a single value", problem_mark=key.start_mark)
        if key.value == _MERGE and key.tag == _PLAIN:
            for source in written.value if isinstance(written, yaml.SequenceNode) else [written]:
                merged = _value(source, repeated) | merged
            continue
        value = _value(written, repeated)
        if key.value in own:
            repeated.append((node, key, (own[key.value], value)))
        own[key.value] = value
    return merged | own if merged else own


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice; the YAML parser says where")
    return found


@lru_cache(maxsize=65536)
def _scalar(text: str) -> Any:  # noqa: ANN401
    if len(text) > _LONGEST_NUMBER:
        return text
    lowered = text.lower() if text in {text.lower(), text.upper(), text.capitalize()} else text
    if lowered in _WORDS:
        return _WORDS[lowered]
    if _INTEGER.fullmatch(text):
        return int(text.replace("_", ""))
    if other := _OTHER_BASE.fullmatch(text):
        digits = other[2].replace("_", "")
        number = int(digits, 0) if digits[1:2] in "xbo" else int(digits, 8)
        return -number if other[1] == "-" else number
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def _node_line(node: Any, path: Path) -> int:  # noqa: ANN401
    line = int(node.start_mark.line)
    for step in path:
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == step), None)
            if pair is None:
                break
            line, node = int(pair[0].start_mark.line), pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = int(node.start_mark.line)
        else:
            break
    return line


def _json_position(text: str, path: Path) -> int:
    """Walk to ``path`` by the standard library's own decoder, which skips over whole values."""
    position = _skip_space(text, 0)
    for step in path:
        found = _member(text, position, step)
        if found is None:
            break
        position = found
    return position


def _member(text: str, position: int, step: str | int) -> int | None:
    decode = json.JSONDecoder().raw_decode
    is_object = text[position] == "{"
    if text[position] not in "{[" or is_object is isinstance(step, int):
        return None
    position, count = _skip_space(text, position + 1), 0
    while text[position] not in "}]":
        start, key = position, count
        if is_object:
            key, position = decode(text, position)
            position = _skip_space(text, _skip_space(text, position) + 1)
        if key == step:
            return position
        position = _skip_space(text, decode(text, position)[1])
        position, count = _skip_space(text, position + (text[position] == ",")), count + 1
        if position <= start:
            return None
    return None


def _skip_space(text: str, position: int) -> int:
    match = re.compile(r"\s*").match(text, position)
    return match.end() if match else position
