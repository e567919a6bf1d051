"""What the detectors give."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential that was found. ``noun`` says what it is, ``name`` what it stands under inside its text, if it does.

    ``value`` is there to be compared and hidden, never to be shown.
    """

    noun: str
    name: str = ""
    value: str = field(default="", repr=False)
