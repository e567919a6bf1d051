"""Credentials in texts that are read line by line: settings, source code, and comments in both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from policies.credentials.found import Credential
from policies.credentials.literals import is_literal, is_random
from policies.credentials.named import named
from policies.credentials.names import PASSWORD, Meaning, Trust
from policies.credentials.urls import in_addresses

WORTH: Final = re.compile(
    r"(?i)pass|pwd|secret|token|key|auth|cred|bearer|://|identified|\bpw|pw\b|cookie|mnemonic|phrase|login|\s-[apu]"
)
"""What a text has to contain to be worth a look at all; most configuration has none of it."""
_COMMENT: Final = re.compile(r"^\s*(?:#|//(?!\S*:_)|;|--(?=\s)|/?\*(?=[\s*/])|<!--|REM\b|%%|\{\{!)")
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
    r"^\s*(?P<name>requirepass|masterauth|bindpw|rootpw|(?:[A-Za-z]{1,20}_)?(?i:password|passwd|secret))\s+(?P<value>\S+)\s*$|"
    r"\bmachine\s+\S+\s+login\s+\S+\s+password\s+(?P<netrc>\S+)|^//\S+:_(?:authToken|auth|password)\s*=\s*(?P<npm>\S+)"
)
_MARKUP: Final = frozenset("(){};")


def in_lines(text: str, *, code: bool) -> Iterator[Credential]:
    """Give the credentials in lines of ``name = value``; in ``code`` only quoted values are values."""
    for line in text.splitlines():
        if not WORTH.search(line):
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
        value = (match["value"] or match["netrc"] or match["npm"]).strip("\"'")
        if is_literal(value, Meaning(PASSWORD, Trust.ANY)):
            yield Credential(PASSWORD, match["name"] or "password", value)
    elif match := _LINE.match(line):
        # Only a shell has its working directory in PWD; in a file it is a password.
        name, value = match["name"].strip("\"' ").replace("PWD", "pwd"), _trimmed(match["value"])
        if not (_MARKUP.intersection(value) and match["sign"] == ":") and (found := named(name, value)):
            yield found


def _trimmed(value: str) -> str:
    value = value.strip().rstrip(",;").strip()
    if value[:1] in {'"', "'"} and (end := value.find(value[0], 1)) > 0:
        return value[1:end]
    return re.split(r"\s+[#;]", value)[0].strip()


def in_code(text: str, *, prose: bool) -> Iterator[Credential]:
    """Give the credentials in source code, or in ``prose`` about it."""
    for line in text.splitlines():
        if WORTH.search(line) and len(line) < 20_000:
            comment = prose or _COMMENT.match(line) is not None
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


def without_comments(text: str) -> str:
    """Give a text without its lines of comment."""
    return "\n".join(line for line in text.splitlines() if not _COMMENT.match(line))
