"""Credentials inside addresses and connection strings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from policies.credentials.found import Credential
from policies.credentials.literals import is_literal, is_reference, is_weak
from policies.credentials.names import PASSWORD, Meaning, Trust, meaning

_IN_URL: Final = re.compile(
    r"\b(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{1,30})://(?P<user>[^\s:/@?#'\"<>`]{0,200}):(?P<value>[^\s/@'\"<>`]{1,500})@(?=[\w.\[$({%-])"
)
_SLASHED: Final = re.compile(
    r"\b(?:postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|rediss?|amqps?|mssql|clickhouse|cockroachdb)(?:\+\w+)?://"
    r"[^\s:/@?#'\"<>`]{0,200}:(?P<value>[^\s@'\"<>`]{1,500})@(?=[\w.\[-])"
)
"""Schemes whose passwords people write with a slash in them, against the grammar."""
_GO: Final = re.compile(r"(?:^|[\s\"'=])[\w.-]{1,64}:(?P<value>[^\s@:/'\"]{1,200})@(?:tcp|unix|udp)\(")
_ORACLE: Final = re.compile(r"jdbc:oracle:\w{1,20}:[\w.-]{1,64}/(?P<value>[^\s@/'\"]{1,200})@")
_PAIR: Final = re.compile(
    r"(?<![\w-])(?P<name>[A-Za-z][\w .-]{1,40}?)\s?=\s?(?P<value>\"[^\"]*\"|'[^']*'|[^\s;&,'\"|)]+)"
)
_CONNECTION: Final = re.compile(
    r"jdbc:|://[^\s]{0,300}\?|(?:^|[;\s\"'])(?:host|hostaddr|server|data source|addr|dbname|database|initial catalog|"
    r"uid|user id|accountname|endpoint|defaultendpointsprotocol)\s?=",
    re.IGNORECASE,
)
"""What says that a text is an address or a connection string, so that its pairs are parameters."""
_PARAMETER: Final = Meaning(PASSWORD, Trust.ANY)
_PASSWORD_PARAMETERS: Final = frozenset({"pwd", "pass", "password", "user password"})


def in_addresses(text: str, *, prose: bool = False) -> Iterator[Credential]:
    """Give the credentials in the addresses and connection strings of ``text``.

    In ``prose`` (comments, descriptions) a weak word shows the form and is no password.
    """
    if "://" in text or "@" in text:
        for value in _of_users(text):
            if not is_reference(value) and not (prose and is_weak(value)):
                yield Credential("a URL with a password", value=value)
                break
    if "=" in text and _CONNECTION.search(text):
        yield from _of_pairs(text, prose=prose)


def _of_users(text: str) -> Iterator[str]:
    for pattern in (_IN_URL, _SLASHED, _GO, _ORACLE):
        for match in pattern.finditer(text):
            yield match["value"]


def _of_pairs(text: str, *, prose: bool) -> Iterator[Credential]:
    for match in _PAIR.finditer(text):
        name, value = match["name"].strip(), match["value"].strip("\"'")
        promised = _PARAMETER if name.lower() in _PASSWORD_PARAMETERS else meaning(name)
        if promised is None or (prose and is_weak(value)) or not is_literal(value, promised):
            continue
        yield Credential(f"{promised.noun} in a connection string", value=value)
        return
