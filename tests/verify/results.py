"""Results for tests, with what doesn't matter filled in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from verify.catalog import check
from verify.results import Outcome, Result, Run
from verify.score import outcome, score

PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN


def result(identity: str, ended: Outcome, subject: str = "hero", message: str = "seen", **more: Any) -> Result:
    """Give a result of a check."""
    make = {PASS: check(identity).passed, FAIL: check(identity).failed, UNKNOWN: check(identity).untold}
    return make[ended](subject, message, **more)


def run(*results: Result, needed: int = 70) -> Run:
    """Give the run that these results are."""
    found = score(results, needed)
    ended, reason = outcome(results, found)
    return Run(
        target="dev",
        purpose="test",
        started=datetime(2026, 11, 26, 7, 0, tzinfo=UTC),
        seconds=12.5,
        shops=(("hero", "https://hero.shops.test"),),
        results=results,
        score=found,
        outcome=ended,
        reason=reason,
    )
