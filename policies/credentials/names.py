"""What a name promises: words, never substrings, and the last word that means something decides.

``TOKEN_TTL`` is a time, ``PASSWORD_FILE`` a path and ``MONKEY`` an animal; ``API_KEY_HEADER`` names a header.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache, partial
from typing import Final

from policies.credentials import vocabulary


class Trust(IntEnum):
    """How much a name says about its value: what has to be true of the value before it counts as a credential."""

    RANDOM = 1
    """Only what looks random: the name may mean something else."""
    WORD = 2
    """Any literal that is no mode, host or name of an object."""
    ANY = 3
    """Any literal, weak words and numbers included."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What stands under a name, and how far the name can be trusted."""

    noun: str
    trust: Trust


PASSWORD: Final = "a password"  # noqa: S105  (a noun)
_TOKEN: Final = "a token"  # noqa: S105
_SECRET: Final = "a secret"  # noqa: S105
_KEY: Final = "a secret key"

_SPLIT: Final = re.compile(r"[^A-Za-z0-9]+|(?<=[a-z])(?=[A-Z])|(?<=[0-9])(?=[A-Z][a-z])|(?<=[A-Z])(?=[A-Z][a-z])")
_ENDINGS: Final = (
    (re.compile(r"(?P<rest>[a-z]+?)(?P<word>password|passwd|passphrase|apikey|secretkey|accesskey|privatekey)"), None),
    (re.compile(r"(?P<rest>[a-z]+?)(?P<word>secret|token)"), None),
    (
        re.compile(
            r"(?P<rest>db|user|smtp|mail|root|admin|key|store|default|ssh|ftp|ldap|redis|mysql)(?P<word>pass|pwd)"
        ),
        None,
    ),
)
_TWO: Final = {"apikey": ("api", "key"), "accesskey": ("access", "key"), "secretkey": ("secret", "key")} | {
    "privatekey": ("private", "key"),
    "encryptionkey": ("encryption", "key"),
    "signingkey": ("signing", "key"),
    "accountkey": ("account", "key"),
    "masterkey": ("master", "key"),
}


def words(name: str) -> list[str]:
    """Cut a name into lower-case words: at signs, at camelCase, and where two words are usually written as one."""
    found: list[str] = []
    for part in _SPLIT.split(name):
        word = part.lower()
        bare = word.rstrip("0123456789")
        found.extend(_parts(bare or word) if word not in {"b64", "k8s", "base64"} else [word])
    return found


def _parts(word: str) -> tuple[str, ...]:
    if word in _TWO or word in vocabulary.PASSWORDS:
        return _TWO.get(word, (word,))
    for pattern, _ in _ENDINGS:
        if match := pattern.fullmatch(word):
            return match["rest"], *_TWO.get(match["word"], (match["word"],))
    return (word,) if word else ()


def is_published(name: str) -> bool:
    """Say whether a name says that its value goes to browsers: NEXT_PUBLIC_API_KEY, FIREBASE_WEB_API_KEY."""
    found = words(name)
    pairs = (["next", "public"], ["react", "app"], ["nuxt", "public"], ["expo", "public"], ["firebase", "web"])
    return found[:2] in pairs or found[:1] in (["vite"], ["gatsby"]) or "publishable" in found


@lru_cache(maxsize=65536)
def meaning(name: str) -> Meaning | None:
    """Say what a name promises; None for a name that promises no credential."""
    found = words(name)
    while len(found) > 1 and (found[-1] in vocabulary.NEUTRAL or found[-1].isdecimal()):
        found.pop()
    if not found or name == "PWD":
        return None
    if is_published(name) and found[-1] == "key":
        return None
    result = _head(found)
    if result is None:
        return _inside(found)
    if (found[0] in vocabulary.SWITCHES and len(found) > 1) or vocabulary.SWITCHES_INSIDE.intersection(found[:-1]):
        return Meaning(result.noun, Trust.RANDOM)
    return result


def _head(found: list[str]) -> Meaning | None:
    last, before = found[-1], found[:-1]
    if vocabulary.NO_CREDENTIALS.intersection(before):
        return None
    short = last in vocabulary.SHORT_PASSWORDS and not vocabulary.NO_PASSWORDS.intersection(before[-1:])
    if short or last in vocabulary.PASSWORDS:
        return Meaning(PASSWORD, Trust.ANY)
    return {"secret": _secret, "token": _token, "key": _key}.get(last, partial(_rare, last))(before)


def _secret(before: list[str]) -> Meaning:
    if vocabulary.OBJECTS.intersection(before) or (len(before) > 1 and before[-1] in {"password", "token"}):
        return Meaning(_SECRET, Trust.RANDOM)
    return Meaning(_SECRET, Trust.ANY if vocabulary.SIGNING.intersection(before[-1:]) else Trust.WORD)


def _token(before: list[str]) -> Meaning | None:
    if vocabulary.VOCABULARY.intersection(before[-1:]):
        return None
    return Meaning(_TOKEN, Trust.ANY if before else Trust.WORD)


def _key(before: list[str]) -> Meaning | None:
    qualifier = before[-1] if before else ""
    if vocabulary.PUBLISHED.intersection(before) or qualifier in vocabulary.NO_KEYS:
        return None
    if qualifier in vocabulary.KEYS:
        return Meaning("an API key" if qualifier == "api" else _KEY, Trust.ANY)
    return Meaning(_KEY, Trust.RANDOM) if qualifier in vocabulary.KEYS_PERHAPS else None


def _rare(last: str, before: list[str]) -> Meaning | None:
    if last in {"credential", "credentials", "creds", "cred"}:
        return Meaning("a credential", Trust.RANDOM)
    if last == "auth":
        is_password = not {"redis", "rediscli", "keydb", "valkey", "dragonfly"}.isdisjoint(before[-1:])
        return Meaning(PASSWORD if is_password else "a credential", Trust.ANY if is_password else Trust.RANDOM)
    if last == "cookie" and before[-1:] == ["erlang"]:
        return Meaning("a shared secret", Trust.ANY)
    if last in {"mnemonic", "pat"} or (last == "phrase" and before[-1:] == ["seed"]):
        return Meaning(_SECRET, Trust.RANDOM)
    if last in {"tokens", "secrets", "passwords"} or (last == "keys" and vocabulary.KEYS.intersection(before[-1:])):
        return Meaning(_SECRET, Trust.RANDOM)
    return None


def _inside(found: list[str]) -> Meaning | None:
    """Look for a credential before words that are not known: API_KEY_STRIPE, DB_PASS_REPORTING."""
    for end in range(len(found) - 1, 0, -1):
        if found[end] in vocabulary.OTHER or found[end] in vocabulary.NEUTRAL:
            return None
        if (inner := _head(found[:end])) is not None:
            near = inner.noun == PASSWORD and end == len(found) - 1
            return Meaning(inner.noun, Trust.WORD if near else Trust.RANDOM)
    return None
