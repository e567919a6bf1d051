"""Kubernetes quantities: ``500m``, ``1.5Gi``, ``12e6``, by the grammar that the API server parses.

k8s.io/apimachinery, ``pkg/api/resource/quantity.go``, ParseQuantity; a bare number in YAML is one as well.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

_BINARY: Final = {f"{letter}i": Fraction(1024) ** power for power, letter in enumerate("KMGTPE", start=1)}
_DECIMAL: Final = {suffix: Fraction(1000) ** power for power, suffix in enumerate("num", start=-3)} | {
    suffix: Fraction(1000) ** power for power, suffix in enumerate("kMGTPE", start=1)
}
SUFFIXES: Final = _BINARY | _DECIMAL | {"": Fraction(1)}
_GRAMMAR: Final = re.compile(r"(?P<sign>[+-]?)(?P<whole>[0-9]*)(?:\.(?P<part>[0-9]*))?(?P<suffix>[^0-9.].*)?", re.ASCII)
_EXPONENT: Final = re.compile(r"[eE][+-]?[0-9]+", re.ASCII)
_LONGEST: Final = 100
_LARGEST_EXPONENT: Final = 100
"""Past this an amount is beyond every resource, and the API server caps it."""


def read(value: Any) -> Fraction | None:  # noqa: ANN401  (anything a field can hold)
    """Read a field that holds a quantity; None for what the API server refuses."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return parse(value.strip() if isinstance(value, str) else str(value))


@lru_cache(maxsize=4096)
def parse(text: str) -> Fraction | None:
    """Parse a quantity; None when the text is none."""
    found = _GRAMMAR.fullmatch(text) if len(text) <= _LONGEST else None
    unit = _unit(found["suffix"] or "") if found else None
    if found is None or unit is None:
        return None
    part = found["part"] or ""
    digits = found["whole"] + part
    if not digits:
        return None
    amount = Fraction(int(digits), 10 ** len(part)) * unit
    return -amount if found["sign"] == "-" else amount


def _unit(suffix: str) -> Fraction | None:
    if suffix in SUFFIXES:
        return SUFFIXES[suffix]
    if not _EXPONENT.fullmatch(suffix):
        return None
    exponent = int(suffix[1:])
    return Fraction(10) ** max(-_LARGEST_EXPONENT, min(exponent, _LARGEST_EXPONENT))
