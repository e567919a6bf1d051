"""What can be wrong with one field of one object, and the record of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from policies.values import Path


class Problem(StrEnum):
    """What is wrong with a field."""

    UNKNOWN = "unknown"
    TYPE = "type"
    MISSING = "missing"
    FRAGMENT = "fragment"
    CHOICE = "choice"
    VALUE = "value"
    FORM = "form"
    REPEATED = "repeated"
    SHADOWED = "shadowed"
    DEPRECATED = "deprecated"


@dataclass(frozen=True, slots=True)
class Issue:
    """A problem, where it is, and what is wrong in words."""

    problem: Problem
    path: Path
    message: str
