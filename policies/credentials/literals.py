"""What a value is: a reference to a secret, a placeholder, a setting, or the credential itself."""

from __future__ import annotations

import re
from typing import Final

from policies.credentials import vocabulary
from policies.credentials.names import PASSWORD, Meaning, Trust, meaning, words

_REFERENCE: Final = re.compile(
    r"\$\(|\$\{|\{\{|\}\}|\{%|<%|%\(|%\{|#\{|\$\[|\$<|`|^\$[A-Za-z_][\w.:/-]*$|^\$\d$|^%[A-Za-z_]\w*%$|^@[A-Z_]+@$|"
    r"^__\w+__$|^<[^<>]*>$|<[A-Za-z][\w -]*>|^\{[\w .-]*\}$|^%[sdvq]$|^\$\$?$|^:[\"']?[A-Za-z_]\w*[\"']?$"
)
"""Something that is put in later: shell, Kubernetes, Helm, Jinja, printf, psql, YAML aliases, documentation."""
_STORE: Final = re.compile(
    r"^(?:ENC[\[(]|\{cipher\}|vault:|ref\+|arn:aws|op://|urn:k8s:|sm://|gcpsm://|awss[mp]|awsps:|secretref:|secrets?://|"
    r"kms:|akv|(?:gcp|aws|azure|hashicorp):[a-z]+:|berglas:|env:|env\.|file:|@Microsoft\.KeyVault|!vault|projects/[^/]+/secrets/|secretsmanager[:/]|keyvault[:/]|ssm:|bao:|"
    r"process\.env|os\.environ|os\.getenv|System\.getenv|(?:Ag[AB]|AQ[IE]CAH)[A-Za-z0-9+/=]{80,}|"
    r"-----BEGIN PGP MESSAGE|\$ANSIBLE_VAULT|k8s:|valueFrom|\$__(?:file|env|vault))"
)
"""Something that is fetched or decrypted at run time: SOPS, jasypt, sealed secrets, stores of every cloud."""
_HASH: Final = re.compile(
    r"\$(?:2[abxy]?|1|5|6|y|7|apr1|argon2\w*|scrypt|pbkdf2[\w-]*)\$.*|\{(?:SSHA|SHA|CRYPT|PBKDF2)\w*\}.*|SCRAM-SHA-256\$.*|"
    r"pbkdf2_\w+\$.*|(?:sha(?:1|256|384|512)|md5)[-:][A-Za-z0-9+/=]+|md5[0-9a-f]{32}"
)
_PUBLIC: Final = re.compile(
    r"(?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-\S+) AAAA.*|-----BEGIN (?:CERTIFICATE|[A-Z0-9 ]*PUBLIC KEY).*|"
    r"pk_(?:live|test)_\w+.*|"
    r"phc_\w+|[123]x0{20,}[A-Z0-9]*|age1[a-z0-9]{50,}",
    re.DOTALL,
)
_PLACEHOLDER: Final = re.compile(
    r"(?i)(?:.*\b|.*_)?replace[-_ ]?(?:me|this|with|it).*|.*\byour[-_ ].*|"
    r"<.*>|\[[a-z _-]+\]|.*\b(?:insert|put|enter|paste|fill|add|set)[-_ ](?:your|me|the|here|in|a|an|via).*|"
    r"todo\b.*|tbd|fixme|.*\b_*redacted\b.*|.*placeholder.*|dummy(?:[-_].*)?|fake|"
    r"(?:not[-_ ]?(?:needed|used|set|required|applicable|real|a)|unused|"
    r"no[-_]?(?:key|token|password)[-_]?\w*|masked|hidden|removed|omitted|provided[-_ ].*|managed[-_ ].*|n/?a)\b.*|"
    r"[xX*.•#?_-]+|.*\.{3}|\.{3}.*|.*[-_ ]here|.*x{6,}.*|.*\*{3,}.*|.*…|lorem ipsum.*"
)
_UNIT: Final = re.compile(r"\d+(?:\.\d+)?\s*(?:ns|us|ms|s|m|h|d|w|sec|min|hours?|days?|[kmgt]i?b?)", re.IGNORECASE)
_HEADER: Final = re.compile(r"[Xx]-[A-Za-z-]+|Authorization")
_PATH: Final = re.compile(
    r"(?:~|\.{0,2}|[A-Za-z]:|[a-z]+:/)?(?:[/\\][\w@+=,.{}*-]+)+[/\\]?|[/\\~.]|[a-z][a-z._-]*(?:/[a-z][a-z0-9._-]*){2,}"
)
_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+")
_HOST: Final = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}(?::\d+)?|[\w.-]+:\d{2,5}")
_IMAGE: Final = re.compile(r"\S+@sha256:[0-9a-f]{64}|(?:[\w.-]+\.[\w.-]+/)?[a-z0-9._/-]+/[a-z0-9._-]+:[\w.-]+")
_VARIABLE: Final = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_OBJECT: Final = re.compile(
    r"(?:[a-z0-9][a-z0-9-]*/)?[a-z0-9]+(?:-[a-z0-9]+)*-(?:secrets?|creds?|credentials?|tls|certs?|auth|keys?|tokens?|"
    r"passwords?|config|env)"
)
_DIGITS: Final = re.compile(r"[0-9]{1,4}")
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d(?:[T ].*)?|v?\d+(?:\.\d+)+(?:[-+][\w.]+)?")
_CHANGES: Final = re.compile(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])")


def is_reference(value: str) -> bool:
    """Say whether something else is put in the value's place: an expansion, a template, a store, a placeholder."""
    text = value.strip()
    return bool(
        not text
        or _REFERENCE.search(text)
        or _STORE.match(text)
        or _PLACEHOLDER.fullmatch(text)
        or _PUBLIC.fullmatch(text)
    )


def is_random(value: str) -> bool:
    """Say whether a value looks drawn rather than written: no word, version, date, path, name of an object."""
    text = value.strip()
    if len(text) < 10 or any(character.isspace() for character in text) or _DATE.fullmatch(text):
        return False
    if _UUID.fullmatch(text):
        return True
    if any(form.fullmatch(text) for form in (_URL, _HASH, _HOST, _IMAGE)) or _is_path(text):
        return False
    changes = len(_CHANGES.findall(text))
    kinds = sum(any(check(one) for one in text) for check in (str.isupper, str.islower, str.isdigit))
    separated = any(mark in text for mark in "-_./:")
    if separated and text == text.lower():
        return changes >= 6
    return changes >= 3 or (kinds == 3 and len(text) >= 16 and changes >= 2)


def is_weak(value: str) -> bool:
    """Say whether a value is a word that stands for a credential in documentation."""
    return value.strip().lower() in vocabulary.WEAK


def is_literal(value: str, promised: Meaning) -> bool:
    """Say whether ``value``, under a name that promises a credential, is that credential."""
    text = value.strip()
    lowered = text.lower()
    if is_reference(text) or _HASH.fullmatch(text) or lowered in vocabulary.NOTHING or lowered.isspace():
        return False
    if promised.trust is Trust.RANDOM:
        return is_random(text)
    if _is_path(text) or _URL.fullmatch(text) or _names_variable(text) or _UNIT.fullmatch(lowered):
        return False
    if promised.trust is Trust.ANY and promised.noun == PASSWORD:
        return not _HEADER.fullmatch(text)
    return not _is_setting(text, promised)


def _is_setting(text: str, promised: Meaning) -> bool:
    """Say whether a value under TOKEN, SECRET or KEY is a mode, a small number, a host, a header, an object's name."""
    if not text.isascii() and not any(map(str.isdigit, text)):
        return True  # a word for people, in their own language
    if text.lower() in vocabulary.MODES or _DIGITS.fullmatch(text) or _HEADER.fullmatch(text):
        return True
    if _HOST.fullmatch(text) and text == text.lower() and len(_CHANGES.findall(text)) < 4:
        return True
    return promised.trust is Trust.WORD and bool(_OBJECT.fullmatch(text)) and not is_random(text)


def _is_path(text: str) -> bool:
    """Say whether a value is a path; base64 may start with a slash too, but is long and has no words."""
    if not _PATH.fullmatch(text):
        return False
    longest = max(re.split(r"[/\\]", text), key=len)
    return len(longest) < 16 or not (len(_CHANGES.findall(longest)) >= 3 and longest != longest.lower())


def _names_variable(text: str) -> bool:
    return bool(_VARIABLE.fullmatch(text)) and any(meaning(part) for part in (text, words(text)[-1]))
