"""The vocabulary that checks, score and reports share: what was checked, what was seen, and what is to blame."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Outcome(StrEnum):
    """How a check ended. ``UNKNOWN`` is never a pass: whoever reads it must not act as if it were."""

    PASS = "pass"  # noqa: S105 - an outcome, not a password
    FAIL = "fail"
    UNKNOWN = "could not tell"


class Part(StrEnum):
    """The three parts of the health score (system C)."""

    INFRASTRUCTURE = "infrastructure"
    CONTENT = "content"
    TESTING = "testing"


UNBOUGHT = "the purchase: nobody has bought anything"
"""What is left out of a run without purchases; such a run never passes."""
FOLLOWS = "follows from "
"""How the cause of a result begins that another failure explains (``verify.causes``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What the browser showed."""

    title: str
    jpeg: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One check of one subject.

    ``check`` is the check's id in ``verify.catalog``; ``subject`` a shop's name, ``checkout``, ``database`` or
    ``cluster``; ``message`` one line with what was seen and what was expected. ``cause``, ``resource``
    (``IngressRoute/clearwatch-dev/hero``) and ``remedy`` say what is to blame and what to do, where that is known.
    ``requires`` names the checks whose failure explains this one. ``elsewhere`` marks an ``UNKNOWN`` that can't be
    told in this place by nature: it is said, and leaves the weights of the score alone.
    """

    check: str
    part: Part
    subject: str
    outcome: Outcome
    message: str
    cause: str = ""
    resource: str = ""
    remedy: str = ""
    seconds: float = 0.0
    pictures: tuple[Picture, ...] = ()
    requires: tuple[str, ...] = ()
    elsewhere: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PartScore:
    """What one part earned: ``points`` of 100, from ``earned`` of ``possible`` weight. None where nothing was told."""

    part: Part
    points: float | None
    earned: float
    possible: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The health of the fleet, 0 to 100, by part and whole, and what may be done with it.

    ``points`` is rounded down, so that a gate is never reached by rounding; ``advice`` is the gate's own sentence
    ("deploy", "deploy and watch", "staging only", "stop"); ``needed`` what this run was asked to reach.
    """

    points: int
    parts: tuple[PartScore, ...]
    advice: str
    needed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One whole verification: what the reports are made from.

    ``target`` names the stack or address, ``purpose`` is production, test or disposable, ``shops`` has the address of
    each shop by name (in order), ``outcome`` is the whole run's: a failed mandatory check or a missed gate is FAIL;
    else anything untold (unless ``elsewhere``) is UNKNOWN. ``reason`` says in one line why it is not PASS.
    ``environment`` names what took part, with its version; ``left_out`` what did not, though the target has it.
    """

    target: str
    purpose: str
    started: datetime
    seconds: float
    shops: tuple[tuple[str, str], ...]
    results: tuple[Result, ...]
    score: Score
    outcome: Outcome
    reason: str = ""
    environment: tuple[tuple[str, str], ...] = ()
    left_out: tuple[str, ...] = ()
