"""Credentials inside whole files: properties, .env, JSON, YAML, ini, XML, SQL, scripts and source code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any, Final

from policies.credentials.commands import in_script
from policies.credentials.found import Credential
from policies.credentials.lines import WORTH, in_code, in_lines, without_comments
from policies.credentials.literals import is_literal, is_random
from policies.credentials.named import header, named
from policies.credentials.names import PASSWORD, Meaning, Trust, is_published
from policies.credentials.remembered import remembered
from policies.credentials.shapes import BROWSER_KEY, shapes
from policies.credentials.urls import in_addresses
from policies.credentials.vocabulary import words
from policies.documents import DocumentError, documents

_CODE: Final = words(
    ".js .mjs .cjs .ts .jsx .tsx .py .rb .lua .go .php .java .kt .scala .html .htm .css .tf .groovy .jsonnet .rego .pl "
    ".cs .template .tpl .tmpl .erb .j2 .vue .md"
)
_FILES: Final = words(".properties .env .ini .conf .cnf .cfg .toml .json .yaml .yml .xml")
_SCHEMED: Final = re.compile(r"\s*(?:Bearer|Basic)\s+\S+\s*", re.IGNORECASE)
_PROSE: Final = frozenset({".md", ".html", ".htm"})
_SCRIPTS: Final = frozenset({".sh", ".bash", ".ksh", ".zsh", ".sql", ".ps1", ".bat", ".cmd"})
_PGPASS: Final = r"^[^#\s:][^:\n]*:[^:\n]*:[^:\n]*:[^:\n]*:(?P<value>\S+)$"
_NAMELESS: Final = {
    ".pgpass": _PGPASS,
    "pgpass": _PGPASS,
    "userlist.txt": r'^"[^"]+"\s+"(?P<value>[^"]+)"',
    "sasl_passwd": r"^\S+\s+\S+:(?P<value>\S+)$",
}
_LONGEST: Final = 1_000_000
_DEEPEST: Final = 40


def in_file(name: str, text: str) -> tuple[Credential, ...]:
    """Give the credentials in a file called ``name``, each once."""
    if len(text) > _LONGEST or not (WORTH.search(text) or _path(name).name in _NAMELESS):
        return tuple(Credential(shape.noun, value=shape.value) for shape in shapes(text[:_LONGEST]))
    found = dict.fromkeys(Credential(shape.noun, value=shape.value) for shape in shapes(text))
    for credential in _by_form(name, text):
        if not any(_is_same(credential, other) for other in found):
            found[credential] = None
    return tuple(found)


@lru_cache(maxsize=4096)
def _path(name: str) -> PurePosixPath:
    """Cut a file's name into its parts; the same few names stand everywhere."""
    return PurePosixPath(name)


def _is_same(one: Credential, other: Credential) -> bool:
    """Say whether two findings are one: by name and value, or one without a name that stands inside the other."""
    if one.name and other.name:
        return one.name == other.name and one.value == other.value
    return one.value in other.value or other.value in one.value


def _by_form(name: str, text: str) -> Iterator[Credential]:
    path = _path(name)
    yield from _by_file_name(path.name, text)
    suffix = path.suffix.lower()
    if suffix in _CODE or text.lstrip().startswith(("<!DOCTYPE", "<html")):
        yield from in_code(text, prose=suffix in _PROSE)
    elif suffix in _SCRIPTS or text.startswith("#!"):
        yield from in_script(text)
        yield from in_lines(text, code=True)
    elif (tree := _tree(suffix, text)) is not None:
        yield from in_tree(tree)
    else:
        yield from in_lines(text, code=False)
        if suffix != ".properties":  # where a value is the rest of the line, and often a sentence
            yield from in_script(without_comments(text))


def _by_file_name(name: str, text: str) -> Iterator[Credential]:
    """Judge files whose form has no names: .pgpass, userlist.txt of pgbouncer, sasl_passwd."""
    pattern = _NAMELESS.get(name)
    for match in re.finditer(pattern, text, re.MULTILINE) if pattern else ():
        if is_literal(match["value"], Meaning(PASSWORD, Trust.ANY)):
            yield Credential(PASSWORD, value=match["value"])


def _tree(suffix: str, text: str) -> Any:  # noqa: ANN401  (whatever the text holds)
    """Parse JSON and YAML; None for everything else, and for what only looks like it."""
    start = text.lstrip()[:1]
    if start in {"{", "["} and suffix not in {".ini", ".toml", ".conf", ".cfg", ".properties"}:
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            pass
    if suffix in {".yaml", ".yml"} or (
        suffix in {"", ".json", ".conf", ".cfg", ".txt"} and re.search(r"(?m)^[ \-]*[\w.\"'-]+:(?: |$)", text)
    ):
        try:
            trees = [document.parse() for document in documents("", text)]
        except (DocumentError, RecursionError):
            return None
        return trees if all(isinstance(tree, dict | list) for tree in trees) else None
    return None


def in_tree(value: Any, name: str = "", depth: int = 0) -> Iterator[Credential]:  # noqa: ANN401
    """Give the credentials in nested mappings and lists, by the nearest key; a pair of name and value counts as one."""
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        if isinstance(own := value.get("name", value.get("key")), str) and isinstance(value.get("value"), str | int):
            yield from in_value(own, str(value["value"]))
        for key, item in value.items():
            yield from in_tree(item, str(key), depth + 1)
    elif isinstance(value, list):
        # What stands in a list under a name is one of several things: only what looks drawn counts.
        for item in value:
            yield from (one for one in in_tree(item, name, depth + 1) if one.name != name or is_random(one.value))
    elif isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        yield from in_value(name, str(value))


@remembered
def in_value(name: str, value: str) -> Iterator[Credential]:
    """Judge one value under its name: what it holds by itself, then what the name promises."""
    if _is_file(name, value):
        yield from in_file(name, value)
        return
    if (found := next(by_itself(value), None)) and found.noun == BROWSER_KEY and is_published(name):
        return
    if found:
        yield Credential(found.noun, found.name or name, found.value)
    elif credential := named(name, value):
        yield credential


def _is_file(name: str, value: str) -> bool:
    """Say whether a value is a whole file rather than a single setting."""
    text = value.strip()
    if "\n" in text or text[:1] in {"{", "["}:
        return True
    return _path(name).suffix.lower() in _FILES or name.startswith(".")


def by_itself(value: str) -> Iterator[Credential]:
    """Give what a value holds whatever its name: a token's shape, an address, a command, a header."""
    for shape in shapes(value):
        yield Credential(shape.noun, value=shape.value)
    yield from in_addresses(value)
    if _SCHEMED.fullmatch(value) and (found := header("Authorization", value)):
        yield found
    if " " in value or "=" in value:
        yield from in_script(value)
