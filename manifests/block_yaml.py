"""Block-style YAML, written fast: a fleet of 10,000 shops is 50,000 objects.

PyYAML's emitter takes 2.6 ms an object, 25 times this one; the fast serializers leave ``yes`` or ``12:30`` unquoted,
which YAML 1.1 readers (kubectl among them) take for other types (docs/decisions/0004). So: plain where that is surely
text, JSON quotes elsewhere, which both YAML 1.1 and 1.2 read as they are; ``tests/manifests`` compares it with PyYAML.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache

# Begins like a word or a path, has nothing that YAML gives a meaning, and is no word that YAML 1.1 reads otherwise.
_PLAIN = re.compile(
    r"[A-Za-z/][A-Za-z0-9_./@-]*(?::[A-Za-z0-9_./@-]+)*(?: [A-Za-z0-9_./@-]+)*|[1-9][0-9]*(?:m|[KMGT]i|%)"
)
_NOT_TEXT = re.compile(r"(?i)y|n|yes|no|on|off|true|false|null")
_LAST_OF_PLANE_0 = "\uffff"
_LITERAL = re.compile(r"[\x21-\x7e][\x20-\x7e]*\n(?: *[\x21-\x7e][\x20-\x7e]*\n|\n)*")


def document(value: Mapping[str, object]) -> str:
    """Write one YAML document, without a marker; values are what JSON can say."""
    lines: list[str] = []
    _mapping(value, "", lines)
    lines.append("")
    return "\n".join(lines)


def _mapping(value: Mapping[str, object], indent: str, lines: list[str]) -> None:
    for key, item in value.items():
        head = f"{indent}{_text(key)}:"
        if item and isinstance(item, dict):
            lines.append(head)
            _mapping(item, indent + "  ", lines)
        elif item and isinstance(item, (list, tuple)):
            lines.append(head)
            _sequence(item, indent, lines)
        else:
            lines.append(f"{head} {_scalar(item, indent)}")


def _sequence(value: list[object] | tuple[object, ...], indent: str, lines: list[str]) -> None:
    for item in value:
        if item and isinstance(item, (dict, list, tuple)):
            first = len(lines)
            if isinstance(item, dict):
                _mapping(item, indent + "  ", lines)
            else:
                _sequence(item, indent + "  ", lines)
            lines[first] = f"{indent}- {lines[first][len(indent) + 2 :]}"
        else:
            lines.append(f"{indent}- {_scalar(item, indent)}")


def _scalar(item: object, indent: str) -> str:
    if isinstance(item, str):
        return _literal(item, indent) if _LITERAL.fullmatch(item) else _text(item)
    # What is left is a number, a truth, null or an empty collection: the same in YAML as in JSON, except that YAML 1.1
    # takes 1e+16 for text and 1.0e+16 for a number.
    text = json.dumps(item)
    return text.replace("e", ".0e") if isinstance(item, float) and "." not in text else text


def _literal(text: str, indent: str) -> str:
    keep = "|+" if text.endswith("\n\n") else "|"
    return f"{keep}\n" + "\n".join(f"{indent}  {line}" if line else "" for line in text[:-1].split("\n"))


@lru_cache(maxsize=4096)
def _text(text: str) -> str:
    if _PLAIN.fullmatch(text) and not _NOT_TEXT.fullmatch(text):
        return text
    if text.isascii() or max(text) <= _LAST_OF_PLANE_0:
        return json.dumps(text)
    # JSON writes what is beyond as two halves, each of which YAML takes for a character.
    return '"' + "".join(_escaped(letter) for letter in text) + '"'


def _escaped(letter: str) -> str:
    return f"\\U{ord(letter):08x}" if letter > _LAST_OF_PLANE_0 else json.dumps(letter)[1:-1]
