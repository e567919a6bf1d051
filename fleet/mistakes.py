"""Mistakes in a stack file, each as one line: the path, the value, the rule and the remedy.

All mistakes are told at once. What is wrong with a single value comes from pydantic; what is wrong between values is
looked for even then, in a copy of the configuration in which stand-ins took the place of the wrong values.
"""

from __future__ import annotations

import copy
import difflib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from fleet.config import FleetConfig

ROOT = "flotilla:fleet"
_VALUE_LENGTH = 60
# What pydantic itself finds, in our words; everything else carries its own rule and remedy.
_WORDS = {
    "missing": ("is missing", "add it"),
    "literal_error": ("must be {expected}", "choose one of them"),
    "greater_than_equal": ("must be at least {ge}", "raise it"),
    "less_than_equal": ("must be at most {le}", "lower it"),
    "int_type": ("must be a whole number", "write digits without quotes"),
    "string_type": ("must be text", "put it in quotes"),
    "bool_type": ("must be true or false", "write true or false"),
    "bool_parsing": ("must be true or false", "write true or false"),
    "tuple_type": ("must be a list", "begin each entry with '- '"),
    "dict_type": ("must be a mapping", "write 'key: value' lines below it"),
    "model_type": ("must be a mapping", "write 'key: value' lines below it"),
    "string_pattern_mismatch": ("must match {pattern}", "correct it"),
    "invalid_key": ("is not text, as every key must be", "put it in quotes or remove it"),
    "string_too_short": ("must not be empty", "give it a value"),
    "too_short": ("must have at least {min_length} entry", "add one"),
}
# Harmless values for what is missing or wrong, by key; unique where the fleet wants them unique.
_STAND_INS: dict[str, Any] = {
    "name": "stand-in-{n}",
    "image": "stand-in:0.0.{n}",
    "namespace": "stand-in",
    "domain": "stand-in.example",
    "purpose": "test",
    "context": "stand-in",
    "prefix": "stand-in.example",
    "plan": "careful",
    "step": 0,
    "sku": "stand-in-{n}",
    "price": 1,
    "currency": "EUR",
    "min": 1,
    "max": 1,
    "cpu": "1",
    "memory": "1Gi",
    "requests": {"cpu": "1", "memory": "1Gi"},
    "limits": {"cpu": "1", "memory": "1Gi"},
    "endpoint": "https://stand-in.example",
    "accountId": "0" * 32,
    "username": "stand-in",
    "cluster": {"context": "stand-in"},
    "registry": {"prefix": "stand-in.example"},
    "certificates": {"secret": "stand-in"},
    "checkout": {"image": "stand-in:1.0.0"},
    "storefront": {"image": "stand-in:2.0.0"},
    "variants": ["stand-in"],
    "database": {"cluster": {"image": "stand-in:3.0.0"}},
}
_ATTEMPTS = 5
# How pydantic marks that the key itself is wrong, and not what stands under it.
_KEY = "[key]"
_PLAIN_KEY = re.compile(r"[!-~]+")

Location = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake: where in the stack file's ``config``, what stands there, which rule it breaks, what to do."""

    path: str
    rule: str
    remedy: str
    value: str | None = None

    def line(self, source: str) -> str:
        """Say it in one line that begins with the file's name."""
        found = "" if self.value is None else f"{self.value} "
        return f"{source}: {self.path}: {found}{self.rule}; {self.remedy}"


def path(location: Sequence[str | int]) -> str:
    """Write a location as a person would: ``flotilla:fleet.variants[3].host``."""
    return ROOT + "".join(_step(part) for part in location if part != _KEY)


def _step(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    return f".{part}" if _PLAIN_KEY.fullmatch(part) else f".{json.dumps(part)}"


def shown(value: object) -> str:
    """Write a value as JSON, cut short where it is long; what only YAML can say, as Python writes it."""
    try:
        text = json.dumps(value, default=str, ensure_ascii=False)
    except (TypeError, ValueError):
        text = ascii(value)
    text = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)
    return text if len(text) <= _VALUE_LENGTH else text[: _VALUE_LENGTH - 3] + "..."


def from_validation(error: ValidationError) -> Iterator[Mistake]:
    """Give the mistakes that pydantic found."""
    for details in error.errors(include_url=False):
        # Where every entry is wrong, pydantic also says that none is left.
        if details["type"] != "too_short" or not details["input"]:
            yield _mistake(details)


def _mistake(details: ErrorDetails) -> Mistake:
    kind, location = details["type"], details["loc"]
    if kind == "extra_forbidden":
        return Mistake(path(location), "is not a key here", _suggestion(location))
    context = details.get("ctx", {})
    if kind in _WORDS:
        rule, remedy = _WORDS[kind]
        rule = rule.format(**context)
    else:
        rule, remedy = context.get("rule", details["msg"]), context.get("remedy", "correct it")
    value = None if kind == "missing" else shown(details["input"])
    return Mistake(path(location), rule, remedy, value)


def _suggestion(location: Location) -> str:
    known = _keys_at(location[:-1])
    close = difflib.get_close_matches(str(location[-1]), known, n=1, cutoff=0.7)
    return f"did you mean {close[0]}?" if close else f"remove it; known keys are {', '.join(known)}"


def _keys_at(location: Location) -> list[str]:
    """Give the keys that the schema knows at a location."""
    schema = _schema()
    here = schema
    for part in location:
        here = here["items"] if isinstance(part, int) else here["properties"][part]
        refs = [option for option in here.get("anyOf", [here]) if "$ref" in option]
        if refs:
            here = schema["$defs"][refs[0]["$ref"].rsplit("/", 1)[1]]
    return sorted(here.get("properties", {}))


@cache
def _schema() -> dict[str, Any]:
    return FleetConfig.model_json_schema(by_alias=True)


def salvage(raw: dict[str, Any], error: ValidationError) -> FleetConfig | None:
    """Give a configuration that is right in itself and as near to ``raw`` as can be; None when that can't be had."""
    mended = copy.deepcopy(raw)
    numbers = count()
    for _ in range(_ATTEMPTS):
        for details in error.errors(include_url=False):
            location = details["loc"]
            _mend(mended, location[:-1] if location[-1] == _KEY else location, next(numbers))
        try:
            return FleetConfig.model_validate(mended)
        except ValidationError as again:
            error = again
    return None


def _mend(mended: dict[str, Any], location: Location, number: int) -> None:
    """Put a stand-in where a value is required, and remove it elsewhere."""
    here: Any = mended
    for part in location[:-1]:
        if isinstance(here, list) and isinstance(part, int) and isinstance(here[part], str):
            here[part] = {"name": here[part]}
        here = here[part]
    key: Any = location[-1]
    if isinstance(here, list):
        here[key] = f"stand-in-{number}"
    elif key in _STAND_INS:
        stand_in = _STAND_INS[key]
        here[key] = stand_in.format(n=number) if isinstance(stand_in, str) else copy.deepcopy(stand_in)
    else:
        here.pop(key, None)
