"""A value judged by the name, or the header, that it stands under."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from policies.credentials import vocabulary
from policies.credentials.found import Credential
from policies.credentials.literals import is_literal, is_reference, is_weak
from policies.credentials.names import Meaning, Trust, meaning, words
from policies.credentials.shapes import decoded

_HEADER: Final = re.compile(
    r"(?<![\w-])(?P<name>(?:Proxy-)?Authorization|[A-Z]{1,20}(?:-[A-Z]{1,20}){0,4}-(?:Key|Token|Secret|Password)|apikey)"
    r"(?:[\"']?\s{0,9}[:=]\s{0,9}[\"']?|\s{1,9}[\"'])(?P<value>[^\"'\n\\]{1,4000})",
    re.IGNORECASE,
)
_SCHEME: Final = re.compile(r"(?P<scheme>Bearer|Basic|Token|ApiKey|GenieKey|Digest)\s+(?P<value>\S+)", re.IGNORECASE)
_BARE: Final = Meaning("a token", Trust.RANDOM)
_TOKEN: Final = Meaning("a token", Trust.ANY)
_LONGEST: Final = 8_000
"""No credential that only its name tells is longer."""
_PAIRED: Final = frozenset({"auth", "credentials", "credential", "creds"})


def named(name: str, value: str) -> Credential | None:
    """Judge a value by its name alone; a label such as ``password: Password`` is no credential."""
    if len(value) > _LONGEST:
        return None
    if name.lower().endswith("authorization"):
        return header(name, value)
    text = value.strip()
    if (promised := meaning(name)) is None or _is_label(name, text) or not is_literal(text, promised):
        return _pair(name, text) if promised and promised.trust is Trust.RANDOM else None
    return Credential(promised.noun, name, text)


def _pair(name: str, text: str) -> Credential | None:
    """Judge what may be a user and a password in one: NEO4J_AUTH=neo4j/secret, Docker's base64 of user:password."""
    found = words(name)
    if not found or found[-1] not in _PAIRED:
        return None
    sign = "[:/]" if "neo4j" in found else ":"
    plain = decoded(text) if ":" not in text and len(text) >= 8 else None
    match = re.fullmatch(rf"[\w.@-]{{1,40}}{sign}(?P<value>[^\s:/]{{3,}})", plain or text)
    if match is None or is_reference(match["value"]) or re.fullmatch(r"[\d.]+", match["value"]):
        return None
    return Credential("a user and password", name, text)


def _is_label(name: str, text: str) -> bool:
    """Say whether a value only repeats its name for people, or is a sentence, as in a file of translations."""
    if text.lower() in vocabulary.LABELS or (name == "secretKey" and is_weak(text)):
        return True
    same = words(text) == words(name)[-len(words(text)) or None :] and text[:1].isupper() and not text.isupper()
    return same or (len(text.split()) > 2 and text[:1].isupper())


def in_headers(text: str) -> Iterator[Credential]:
    """Give the credentials in headers that are written out as ``Name: value``."""
    for match in _HEADER.finditer(text):
        if found := header(match["name"], match["value"]):
            yield found


def header(name: str, value: str) -> Credential | None:
    """Judge a header: the scheme says what follows, and behind ``Basic`` stand a user and a password."""
    scheme = _SCHEME.match(value.strip())
    if scheme is None:
        word = value.split(maxsplit=1)[0] if value.split() else ""
        promised = meaning(name) or (_BARE if name.lower().endswith("authorization") else None)
        usable = promised is not None and is_literal(word, promised)
        return Credential(promised.noun, name, word) if promised and usable else None
    token = scheme["value"].strip("\"',;")
    if is_reference(token) or "$" in token:
        return None
    if scheme["scheme"].lower() == "basic":
        _, colon, password = (decoded(token) or "").partition(":")
        return Credential("a user and password", name, token) if colon and not is_reference(password) else None
    return Credential("a token", name, token) if is_literal(token, _TOKEN) else None
