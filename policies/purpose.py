"""The label contract: what a namespace is for, and which compartment a Secret and its readers belong to.

These labels are all that a rule may know about meaning (DESIGN, "Label contract"). What carries none is not
judged on it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

PURPOSE: Final = "flotilla.dev/purpose"
COMPARTMENT: Final = "flotilla.dev/compartment"


class Purpose(StrEnum):
    """What a namespace, or a whole stack, is for; ``disposable`` waives storage protection and replica rules."""

    PRODUCTION = "production"
    TEST = "test"
    DISPOSABLE = "disposable"


def purpose(text: object) -> Purpose | None:
    """Read a label's value; None for anything that is no purpose."""
    return Purpose(text) if isinstance(text, str) and text in set(Purpose) else None
