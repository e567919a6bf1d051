"""Credentials in commands: options, variables set on the way, headers, and what known clients take as a password."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from policies.credentials.found import Credential
from policies.credentials.literals import is_literal
from policies.credentials.named import in_headers, named
from policies.credentials.names import PASSWORD, Meaning, Trust
from policies.credentials.remembered import remembered

_VALUE: Final = r"(?P<value>\"(?:[^\"\\]|\\.)*\"|'[^']*'|[^\s;&|)\"'`]+)"
_ASSIGNMENT: Final = re.compile(
    rf"(?:^|(?<=[\s;&|({{\"'`,?=]))(?:-D|-e\s?)?(?P<name>[A-Za-z_][\w.-]{{0,80}})=(?![=~]){_VALUE}"
)
_OPTION: Final = re.compile(rf"(?:^|(?<=[\s\"'`(=]))--?(?P<name>[A-Za-z][\w.-]{{0,80}})(?:=|\s{{1,9}}|:)(?!-){_VALUE}")
_SQL: Final = re.compile(
    r"\b(?:(?:CREATE|ALTER)\s+(?:USER|ROLE|LOGIN)|GRANT|SET\s+PASSWORD)\b[^;]{0,300}?\b(?:IDENTIFIED\s+(?:WITH\s+\S+\s+)?BY|"
    r"PASSWORD(?:\s+FOR\s+\S+)?)\s*(?:PASSWORD)?\s*[=(]*\s*(?P<value>'[^']*'|\"[^\"]*\")",
    re.IGNORECASE,
)
_CHPASSWD: Final = re.compile(r"[\"']?[\w-]{1,64}:(?P<value>[^\s\"':|]{1,200})[\"']?\s{0,9}\|\s*(?:sudo\s+)?chpasswd")
_STDIN: Final = re.compile(r"echo\s+(?:-n\s+)?(?P<value>\"[^\"]*\"|'[^']*'|\S+)\s{0,9}\|[^|;&]{0,300}--password-stdin")
_OPENSSL: Final = re.compile(r"(?:^|[\s=])pass:(?P<value>[^\s\"',;]+)")
# A client, and the options by which it takes a password: joined (-psecret) or as the next word (-p secret).
_CLIENTS: Final = (
    (r"(?:mysql|mariadb)(?:-?(?:dump|admin|import|check|show|slap|sh))?", r"-p(?P<value>\S+)"),
    (r"redis-cli|keydb-cli|valkey-cli", r"(?:-a|--pass)\s+(?P<value>\S+)"),
    (r"sshpass", r"-p\s*(?P<value>\S+)"),
    (r"mongo(?:sh|dump|restore|export|import)?", r"-p\s+(?P<value>\S+)"),
    (r"curl|http|https|wget", r"(?:-u|--user|--proxy-user|-a)[\s=]{0,3}[^\s:]{0,100}:(?P<value>[^\s:]+)"),
    (r"(?:docker|podman|nerdctl|helm registry|oras|crane auth|skopeo)\s+login", r"-p\s+(?P<value>\S+)"),
    (r"ldap(?:search|add|modify|whoami|delete|passwd)", r"-w\s+(?P<value>\S+)"),
    (r"smbclient|mount\.cifs", r"(?:-U\s+[\w.\\-]+%|pass(?:word)?=)(?P<value>[^\s,]+)"),
    (r"htpasswd", r"-\w*b\w*\s+(?:-\w+\s+)*\S+\s+(?:\S+\s+)?(?P<value>\S+)\s*$"),
    (r"keytool", r"-(?:storepass|keypass|srcstorepass|deststorepass)\s+(?P<value>\S+)"),
    (r"rabbitmqctl\s+(?:add_user|change_password)", r"(?:add_user|change_password)\s+\S+\s+(?P<value>\S+)"),
    (r"redis-server|valkey-server", r"--(?:requirepass|masterauth)\s+(?P<value>\S+)"),
    (r"mc\s+(?:alias\s+set|config\s+host\s+add)", r"(?:set|add)\s+\S+\s+https?://\S+\s+\S+\s+(?P<value>\S+)"),
    (r"vault\s+login", r"login\s+(?:-\S+\s+)*(?P<value>[^\s=-][^\s=]*)\s*$"),
    (r"sqlcmd|bcp", r"-P\s*(?P<value>\S+)"),
    (r"cqlsh|clickhouse-client|influx|neo4j-admin|cypher-shell", r"(?:-p|--password)\s+(?P<value>\S+)"),
)
_COMMANDS: Final = tuple(
    (re.compile(rf"(?:^|[\s;&|(/])(?:{client})(?=\s)(?P<rest>[^;&|\n]{{0,2000}})"), re.compile(rf"(?:^|\s){option}"))
    for client, option in _CLIENTS
)
_LITERAL: Final = Meaning(PASSWORD, Trust.ANY)
_SPACED: Final = frozenset({" ", "\t", "\n"})


def in_words(words: Sequence[tuple[int, str]]) -> Iterator[tuple[int, Credential]]:
    """Give the credentials in a command that is cut into words already, each with the word's own position.

    An option and its value are two words as often as one: ``["--password", "x"]``.
    """
    texts = [text for _, text in words]
    for number, (position, text) in enumerate(words):
        following = texts[number + 1] if number + 1 < len(texts) else ""
        if found := _option_in_two(text, following):
            yield words[number + 1][0], found
            continue
        if found := next(in_script(text), None):
            yield position, found
    if found := _of_clients(" ".join(text if text and not _SPACED.intersection(text) else "_" for text in texts)):
        position = next((place for place, text in words if found.value in text), words[0][0])
        yield position, found


def _option_in_two(text: str, following: str) -> Credential | None:
    if not re.fullmatch(r"--?[A-Za-z][\w.-]*", text) or following.startswith("-"):
        return None
    found = named(text.lstrip("-"), following) if text.startswith("--") or len(text) > 4 else None
    return Credential(found.noun, text, found.value) if found else None


@remembered
def in_script(text: str) -> Iterator[Credential]:
    """Give the credentials in a text that a shell, or a program with options, reads."""
    for pattern in (_ASSIGNMENT, _OPTION):
        for match in pattern.finditer(text):
            if "$" not in match["value"] and (found := named(match["name"], _unquoted(match["value"]))):
                yield found
    yield from in_headers(text)
    for pattern in (_SQL, _CHPASSWD, _STDIN, _OPENSSL):
        for match in pattern.finditer(text):
            if pattern is _SQL and text[match.start("value") - 1] == ":":
                continue  # a variable of psql
            if is_literal(_unquoted(match["value"]), _LITERAL) and "$" not in match["value"]:
                yield Credential(PASSWORD, value=_unquoted(match["value"]))
    if found := _of_clients(text):
        yield found


def _of_clients(text: str) -> Credential | None:
    for command, option in _COMMANDS:
        for call in command.finditer(text):
            match = option.search(call["rest"]) or option.search(call[0])
            if match is None:
                continue
            value = match["value"].strip("\"'")
            if "$" not in value and not value.startswith("-") and is_literal(value, _LITERAL):
                return Credential(PASSWORD, value=value)
    return None


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value
