"""Web origins that settings let in, as their names tell: CORS_ORIGINS, allowed-origins, --cors-allow-origin."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from policies.origins import WILDCARD, listed
from policies.resources import Resource
from policies.values import Path
from policies.variables import Variable, variables

_NOT_ORIGINS: Final = frozenset(
    {
        "HEADERS",
        "HEADER",
        "METHODS",
        "METHOD",
        "AGE",
        "EXPOSE",
        "EXPOSED",
        "CREDENTIALS",
        "PATH",
        "PATHS",
        "CSRF",
        "XSRF",
    }
)
_ALLOWING: Final = frozenset(
    {"CORS", "ALLOW", "ALLOWED", "ACCESS", "PERMITTED", "WHITELIST", "ALLOWLIST", "TRUSTED", "ACCEPTED", "VALID"}
)
_ORIGINS: Final = frozenset({"ORIGIN", "ORIGINS"})
_PATTERNS: Final = frozenset({"REGEX", "REGEXES", "REGEXP", "REGEXPS", "PATTERN", "PATTERNS"})
_REGULAR: Final = re.compile(r"[\\^$\[(]|\.[*+]")
_TRUE: Final = frozenset({"true", "1", "yes", "on"})


@dataclass(frozen=True, slots=True)
class Allowance:
    """One origin, or a pattern of origins, that is let in.

    ``kind`` is list, regex, header, variable or pattern: a header names one origin, and only an application knows how
    it reads its variable, or the pattern in it. ``static`` marks what is only there to be read by everybody, such as
    fonts; ``matches_stars`` says that ``https://*.shop.example`` means something there; ``strict`` that the variable's
    name leaves no doubt; ``hidden`` that its value may not be shown.
    """

    resource: Resource
    path: Path
    origin: str
    kind: str = "list"
    credentials: bool = False
    static: bool = False
    matches_stars: bool = False
    strict: bool = True
    hidden: bool = False
    note: str = ""


def told(resource: Resource) -> Iterator[Allowance]:
    """Give what the settings of an object let in."""
    for variable in variables(resource):
        if speaks_of_origins(variable):
            yield from _variable(variable)


def speaks_of_origins(variable: Variable) -> bool:
    """Say whether a setting's name is one of origins, such as CORS_ORIGIN, allowedOrigins or ALLOW_ALL_ORIGINS."""
    words = set(variable.words)
    if not words or words & _NOT_ORIGINS:
        return False
    return "CORS" in words or (bool(words & _ORIGINS) and (bool(words & _ALLOWING) or variable.words[-1] in _ORIGINS))


def _variable(variable: Variable) -> Iterator[Allowance]:
    words, value = set(variable.words), variable.value.strip()
    strict = bool(words & _ALLOWING) and (bool(words & (_ORIGINS | _PATTERNS)) or "CORS" in words)
    common = Allowance(variable.resource, variable.path, "", kind="variable", strict=strict, hidden=variable.secret)
    common = replace(common, note=variable.name)
    if words & {"ALL", "ANY"} and value.lower() in _TRUE:
        yield replace(common, origin=WILDCARD)
        return
    takes_patterns = bool(words & _PATTERNS or "CORS" in words)
    for entry in listed(value):
        is_pattern = takes_patterns and _REGULAR.search(entry)
        yield replace(common, origin=entry, kind="pattern") if is_pattern else replace(common, origin=entry)
