"""Credentials inside whole files: properties, .env, JSON, YAML, ini, XML, SQL, scripts and source code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any, Final

from policies.credentials.commands import in_script
from policies.credentials.found import Credential
from policies.credentials.literals import is_literal, is_random
from policies.credentials.named import header, named
from policies.credentials.names import PASSWORD, Meaning, Trust
from policies.credentials.shapes import shapes
from policies.credentials.urls import in_addresses
from policies.documents import DocumentError, documents

_WORTH: Final = re.compile(
    r"(?i)pass|pwd|secret|token|key|auth|cred|bearer|://|identified|requirepass|\bpw|cookie|mnemonic|phrase|login"
)
"""What a text has to contain to be worth a look at all; most configuration has none of it."""
_CODE: Final = frozenset(
    {
        ".js",
        ".mjs",
        ".cjs",
        ".ts",
        ".jsx",
        ".tsx",
        ".py",
        ".rb",
        ".lua",
        ".go",
        ".php",
        ".java",
        ".kt",
        ".scala",
        ".html",
        ".htm",
        ".css",
        ".tf",
        ".groovy",
        ".jsonnet",
        ".rego",
        ".pl",
        ".cs",
        ".template",
        ".tpl",
        ".tmpl",
        ".erb",
        ".j2",
        ".vue",
        ".md",
    }
)
_FILES: Final = frozenset(
    {".properties", ".env", ".ini", ".conf", ".cnf", ".cfg", ".toml", ".json", ".yaml", ".yml", ".xml"}
)
_SCHEMED: Final = re.compile(r"\s*(?:Bearer|Basic)\s+\S+\s*", re.IGNORECASE)
_SCRIPTS: Final = frozenset({".sh", ".bash", ".ksh", ".zsh", ".sql", ".ps1", ".bat", ".cmd"})
_COMMENT: Final = re.compile(r"^\s*(?:#|//|;|--(?=\s)|/?\*(?=[\s*/])|<!--|REM\b|%%|\{\{!)")
_QUOTED: Final = re.compile(
    r"(?<![\w$])[\"'`]?(?P<name>[A-Za-z_$][\w.$-]{0,80})[\"'`]?\]?\s{0,9}(?:=>|:=|[:=])\s{0,9}"
    r"(?P<quote>[\"'`])(?P<value>[^\"'`\n]{0,4000})(?P=quote)"
)
_DEFINE: Final = re.compile(
    r"\bdefine\(\s*[\"'](?P<name>\w+)[\"']\s*,\s*[\"'](?P<value>[^\"'\n]*)[\"']|"
    r"<(?P<tag>[A-Za-z][\w.-]{0,80})>(?P<inner>[^<>\n]{1,4000})</(?P=tag)>|"
    r"(?:name|key)=[\"'](?P<key>[\w.-]+)[\"']\s+value=[\"'](?P<given>[^\"'\n]*)[\"']"
)
_LINE: Final = re.compile(
    r"^\s*(?:export\s+|set\s+|-\s+)?(?P<name>[\"']?[A-Za-z_/][\w./ \[\]-]{0,80}?[\"']?)\s{0,9}"
    r"(?P<sign>[:=])\s*(?P<value>.*)$"
)
_SPACED: Final = re.compile(
    r"^\s*(?P<name>requirepass|masterauth|bindpw|rootpw|password|passwd|secret)\s+(?P<value>\S+)\s*$|"
    r"\bmachine\s+\S+\s+login\s+\S+\s+password\s+(?P<netrc>\S+)"
)
_MARKUP: Final = frozenset("(){};")
_LONGEST: Final = 1_000_000
_DEEPEST: Final = 40


def in_file(name: str, text: str) -> tuple[Credential, ...]:
    """Give the credentials in a file called ``name``, each once."""
    if len(text) > _LONGEST or not _WORTH.search(text):
        return tuple(Credential(shape.noun, value=shape.value) for shape in shapes(text[:_LONGEST]))
    found = dict.fromkeys(Credential(shape.noun, value=shape.value) for shape in shapes(text))
    hidden = [one.value for one in found]
    for credential in _by_form(name, text):
        if credential.value not in hidden and not any(known in credential.value for known in hidden):
            found[credential] = None
            hidden.append(credential.value)
    return tuple(found)


def _by_form(name: str, text: str) -> Iterator[Credential]:
    path = PurePosixPath(name)
    yield from _by_file_name(path.name, text)
    suffix = path.suffix.lower()
    if suffix in _CODE or text.lstrip().startswith(("<!DOCTYPE", "<html")):
        yield from _in_code(text)
    elif suffix in _SCRIPTS or text.startswith("#!"):
        yield from in_script(text)
        yield from _in_lines(text, code=True)
    elif (tree := _tree(suffix, text)) is not None:
        yield from in_tree(tree)
    else:
        yield from _in_lines(text, code=False)
        yield from in_script(_without_comments(text))


def _by_file_name(name: str, text: str) -> Iterator[Credential]:
    """Judge files whose form has no names: .pgpass, userlist.txt of pgbouncer, sasl_passwd."""
    pattern = {
        ".pgpass": r"^[^#\s:][^:\n]*:[^:\n]*:[^:\n]*:[^:\n]*:(?P<value>\S+)$",
        "pgpass": r"^[^#\s:][^:\n]*:[^:\n]*:[^:\n]*:[^:\n]*:(?P<value>\S+)$",
        "userlist.txt": r'^"[^"]+"\s+"(?P<value>[^"]+)"',
        "sasl_passwd": r"^\S+\s+\S+:(?P<value>\S+)$",
    }.get(name)
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


def in_value(name: str, value: str) -> Iterator[Credential]:
    """Judge one value under its name: what it holds by itself, then what the name promises."""
    if _is_file(name, value):
        yield from in_file(name, value)
        return
    if found := next(by_itself(value), None):
        yield Credential(found.noun, found.name or name, found.value)
    elif credential := named(name, value):
        yield credential


def _is_file(name: str, value: str) -> bool:
    """Say whether a value is a whole file rather than a single setting."""
    text = value.strip()
    if "\n" in text or text[:1] in {"{", "["}:
        return True
    return PurePosixPath(name).suffix.lower() in _FILES or name.startswith(".")


def by_itself(value: str) -> Iterator[Credential]:
    """Give what a value holds whatever its name: a token's shape, an address, a command, a header."""
    for shape in shapes(value):
        yield Credential(shape.noun, value=shape.value)
    yield from in_addresses(value)
    if _SCHEMED.fullmatch(value) and (found := header("Authorization", value)):
        yield found
    if " " in value or "=" in value:
        yield from in_script(value)


def _in_lines(text: str, *, code: bool) -> Iterator[Credential]:
    for line in text.splitlines():
        if not _WORTH.search(line):
            continue
        if _COMMENT.match(line):
            yield from in_addresses(line, prose=True)
            continue
        yield from in_addresses(line)
        if not code:
            yield from _in_line(line)
        yield from _in_quotes(line, code=code)


def _in_line(line: str) -> Iterator[Credential]:
    if match := _SPACED.search(line):
        value = (match["value"] or match["netrc"]).strip("\"'")
        if is_literal(value, Meaning(PASSWORD, Trust.ANY)):
            yield Credential(PASSWORD, match["name"] or "password", value)
    elif match := _LINE.match(line):
        name, value = match["name"].strip("\"' "), _trimmed(match["value"])
        if not (_MARKUP.intersection(value) and match["sign"] == ":") and (found := named(name, value)):
            yield found


def _trimmed(value: str) -> str:
    value = value.strip().rstrip(",;").strip()
    if value[:1] in {'"', "'"} and (end := value.find(value[0], 1)) > 0:
        return value[1:end]
    return re.split(r"\s+[#;]", value)[0].strip()


def _in_code(text: str) -> Iterator[Credential]:
    for line in text.splitlines():
        if _WORTH.search(line) and len(line) < 20_000:
            comment = _COMMENT.match(line) is not None
            yield from in_addresses(line, prose=comment)
            yield from () if comment else _in_quotes(line, code=True)


def _in_quotes(line: str, *, code: bool) -> Iterator[Credential]:
    for match in _QUOTED.finditer(line):
        if (found := named(match["name"], match["value"])) and (not code or _is_written(found)):
            yield found
    for match in _DEFINE.finditer(line):
        name = match["name"] or match["tag"] or match["key"]
        if found := named(name, match["value"] or match["inner"] or match["given"] or ""):
            yield found


def _is_written(found: Credential) -> bool:
    """Say whether a quoted text in source code is a credential rather than the name of a field or a message."""
    return is_random(found.value) or (found.noun == PASSWORD and not found.value.isalpha() and " " not in found.value)


def _without_comments(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not _COMMENT.match(line))
