"""What a name promises: words, never substrings, and the last word that means something decides.

``TOKEN_TTL`` is a time, ``PASSWORD_FILE`` a path and ``MONKEY`` an animal; ``API_KEY_HEADER`` names a header.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Final


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
_PASSWORDS: Final = frozenset(
    "password passwd passphrase passcode requirepass masterauth bindpw rootpw passwort".split()
)
_SHORT_PASSWORDS: Final = frozenset({"pass", "pwd", "pw", "psw", "pswd"})
"""Passwords unless a word before says otherwise; PWD alone, as a shell writes it, is the working directory."""
_NO_PASSWORDS: Final = frozenset("proxy fastcgi uwsgi scgi grpc memcached by first second old through multi ssl".split())
_ENDINGS: Final = (
    (re.compile(r"(?P<rest>[a-z]+?)(?P<word>password|passwd|passphrase|apikey|secretkey|accesskey|privatekey)"), None),
    (re.compile(r"(?P<rest>[a-z]+?)(?P<word>secret|token)"), None),
    (re.compile(r"(?P<rest>db|user|smtp|mail|root|admin|key|store|default|ssh|ftp|ldap|redis|mysql)(?P<word>pass|pwd)"), None),
)
_TWO: Final = {"apikey": ("api", "key"), "accesskey": ("access", "key"), "secretkey": ("secret", "key")} | {
    "privatekey": ("private", "key"),
    "encryptionkey": ("encryption", "key"),
    "signingkey": ("signing", "key"),
    "accountkey": ("account", "key"),
    "masterkey": ("master", "key"),
}
_NEUTRAL: Final = frozenset(
    "value base base64 b64 prod production staging stage stg dev test qa live new current previous primary secondary "
    "default plain plaintext raw text string data pem main backup initial override a b v txt literal content "
    "prd uat demo local".split()
)
"""Last words that say nothing about the kind: PASSWORD_PROD is a password, SECRET_KEY_BASE a key."""
_OTHER: Final = frozenset(
    "name names file files path paths dir dirs ttl url urls uri uris endpoint endpoints host hosts port type types mode "
    "modes method methods length len min max size count limit limits enabled disabled enable disable required expiry "
    "expiration expires expire expired timeout lifetime age duration seconds minutes hours days ms interval rotation "
    "policy policies algorithm algorithms alg algo issuer issuers audience audiences scope scopes header headers prefix "
    "suffix format encoding ref refs reference references field fields param params parameter parameters query cookie "
    "cookies id ids version provider providers source store backend manager engine arn region namespace label "
    "labels pattern regex regexp rule rules strength complexity charset hash hashes hashing rounds cost salt iterations "
    "attempts retries retry reset change prompt hint help message description title template templates button link page "
    "username user users owner group groups email role roles class cache usage budget per rate window bucket bytes chars "
    "symbols history config configmap configs settings options env var variable command cmd script helper generator "
    "validator service server client audience leeway grace period cron schedule location mount volume keyring alias "
    "fingerprint checksum digest sha md5 status state check verify verification validation validate verifier auth "
    "created updated at by on uid owner object objects binding bindings generation revision rev exists "
    "review reviews request requests response factor factors store truststore keystore expressions "
    "image images proxy module plugin enc encrypted sealed placeholder placement style color index pool domain domains ip ips".split()
)
"""Words after which a name means something about the credential, and not the credential itself."""
_SWITCHES: Final = frozenset(
    "use enable enabled disable require required allow has have is skip generate no without validate verify check show "
    "hide forgot change update rotate min max num number total count expire can should with random onetime ask".split()
)
_SWITCHES_INSIDE: Final = frozenset({"allow", "random", "onetime", "enable", "disable", "require", "generate", "skip"})
_PUBLISHED: Final = frozenset({"vite", "nuxt", "expo", "gatsby", "publishable", "public", "pub", "anon", "site"})
_OBJECTS: Final = frozenset(
    "tls ssl cert certs certificate ca pull image registry docker existing ingress k8s kube kubernetes mount volume "
    "target source issuer vault credentials gcp azure".split()
)
"""Words before ``secret`` with which it is the name of a Secret."""
_SIGNING: Final = frozenset(
    "jwt session cookie client app application hmac signing signature nextauth api shared csrf encryption master consumer "
    "refresh access flask django auth oauth stripe github gitlab slack root admin".split()
)
"""Words before ``secret`` with which it is the secret itself, however it is written."""
_DIGESTS: Final = frozenset("checksum hash sha digest hashed encrypted sealed md5 sum version generation revision".split())
_VOCABULARY: Final = frozenset(
    "pad eos bos unk sep cls mask stop start end special next continuation page num max min sync cancel cancellation "
    "lexer first last prev sub cont pagination invalid".split()
)
"""Words before ``token`` with which it is a piece of text."""
_KEYS: Final = frozenset(
    "api access secret private encryption encrypt encrypting signing signature sign master auth storage ssh deploy "
    "stripe hmac jwt session aes crypto cipher decryption shared fernet webhook admin root security nonce "
    "paypal sendgrid openai anthropic mailgun gemini groq mistral twilio datadog dd newrelic account django flask rails "
    "cookie hashing logged gossip".split()
)
_KEYS_PERHAPS: Final = frozenset(
    "service license licence consumer integration routing validation app application machine maps google azure aws "
    "minio write read ingestion ingest events subscription registration agent server tls client".split()
)
_NO_KEYS: Final = frozenset("token password passwd secrets".split())
"""PASSWORD_KEY is the key of a Secret under which the password stands."""


def words(name: str) -> list[str]:
    """Cut a name into lower-case words: at signs, at camelCase, and where two words are usually written as one."""
    found: list[str] = []
    for part in _SPLIT.split(name):
        word = part.lower()
        bare = word.rstrip("0123456789")
        found.extend(_parts(bare if bare else word) if word not in {"b64", "k8s", "base64"} else [word])
    return found


def _parts(word: str) -> tuple[str, ...]:
    if word in _TWO or word in _PASSWORDS:
        return _TWO.get(word, (word,))
    for pattern, _ in _ENDINGS:
        if match := pattern.fullmatch(word):
            return match["rest"], *_TWO.get(match["word"], (match["word"],))
    return (word,) if word else ()


@lru_cache(maxsize=65536)
def meaning(name: str) -> Meaning | None:
    """Say what a name promises; None for a name that promises no credential."""
    found = words(name)
    while len(found) > 1 and (found[-1] in _NEUTRAL or found[-1].isdecimal()):
        found.pop()
    if not found or name == "PWD":
        return None
    if (published := found[:2] in (["next", "public"], ["react", "app"])) or found[0] in _PUBLISHED:
        return None if published or found[-1] == "key" else _head(found)
    result = _head(found)
    if result is None:
        return _inside(found)
    if (found[0] in _SWITCHES and len(found) > 1) or _SWITCHES_INSIDE.intersection(found[:-1]):
        return Meaning(result.noun, Trust.RANDOM)
    return result


def _head(found: list[str]) -> Meaning | None:
    last, before = found[-1], found[:-1]
    if _DIGESTS.intersection(before):
        return None
    if {"truststore", "trust"}.intersection(before):
        return None
    if last in _PASSWORDS or (last in _SHORT_PASSWORDS and not _NO_PASSWORDS.intersection(before[-1:])):
        return Meaning(PASSWORD, Trust.ANY)
    if last == "secret":
        named = _OBJECTS.intersection(before) or (before and before[-1] in {"password", "token"} and len(before) > 1)
        signs = Trust.ANY if _SIGNING.intersection(before[-1:]) else Trust.WORD
        return Meaning(_SECRET, Trust.RANDOM if named else signs)
    if last == "token":
        return None if _VOCABULARY.intersection(before[-1:]) else Meaning(_TOKEN, Trust.ANY if before else Trust.WORD)
    if last == "key":
        return _key(before)
    return _rare(last, before)


def _key(before: list[str]) -> Meaning | None:
    qualifier = before[-1] if before else ""
    if _PUBLISHED.intersection(before) or qualifier in _NO_KEYS:
        return None
    if qualifier in _KEYS:
        return Meaning("an API key" if qualifier == "api" else _KEY, Trust.ANY)
    return Meaning(_KEY, Trust.RANDOM) if qualifier in _KEYS_PERHAPS else None


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
    if last in {"tokens", "secrets", "passwords"} or (last == "keys" and _KEYS.intersection(before[-1:])):
        return Meaning(_SECRET, Trust.RANDOM)
    return None


def _inside(found: list[str]) -> Meaning | None:
    """Look for a credential before a word that is not known: API_KEY_STRIPE, PASSWORD_REPORTING."""
    for end in range(len(found) - 1, 0, -1):
        if found[end] in _OTHER or found[end] in _NEUTRAL:
            return None
        if (inner := _head(found[:end])) is not None:
            return Meaning(inner.noun, Trust.RANDOM)
    return None
