"""A run as a person reads it: the shops with their purchases, the failures with what follows from them, the checks.

Pure; the templates show what stands here and decide nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from verify.catalog import CHECKS, PARTS, check
from verify.check import Check
from verify.report.order import grouped, is_consequence, of_outcome
from verify.results import Outcome, Part, PartScore, Picture, Result, Run

_PURCHASE = "purchase."
_WORST = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS)


@dataclass(frozen=True, slots=True)
class ShopStory:
    """One shop: how its checks ended, and its purchase step by step."""

    name: str
    url: str
    results: tuple[Result, ...]

    @property
    def host(self) -> str:
        """The address without what all have in common."""
        return self.url.removeprefix("https://")

    @property
    def steps(self) -> tuple[Result, ...]:
        """The purchase, in the order in which it was made."""
        return tuple(one for one in self.results if one.check.startswith(_PURCHASE))

    @property
    def sells(self) -> bool:
        """Whether a purchase was made, and every step of it passed."""
        return bool(self.steps) and all(step.outcome is Outcome.PASS for step in self.steps)

    @property
    def outcome(self) -> Outcome:
        """The worst of the shop."""
        return worst(self.results)

    @property
    def picture(self) -> Picture | None:
        """The shop as a customer saw it."""
        return next((picture for step in self.steps for picture in step.pictures), None)

    @property
    def film(self) -> tuple[tuple[Result, Picture], ...]:
        """Every further picture with its step."""
        found = [(step, picture) for step in self.steps for picture in step.pictures]
        return tuple(found[1:])

    @property
    def seconds(self) -> float:
        """How long the purchase took."""
        return sum(step.seconds for step in self.steps)

    @property
    def trouble(self) -> Result | None:
        """What is to be read first of a shop that did not pass."""
        told = [one for one in self.results if not one.elsewhere]
        return next(iter((*of_outcome(told, Outcome.FAIL), *of_outcome(told, Outcome.UNKNOWN))), None)


@dataclass(frozen=True, slots=True)
class Failure:
    """One cause: the results that show it, alike but for their subjects, and those that follow from it."""

    results: tuple[Result, ...]
    consequences: tuple[Result, ...]

    @property
    def first(self) -> Result:
        """The one that is told in full."""
        return self.results[0]

    @property
    def mandatory(self) -> bool:
        """Whether it fails the run whatever the score."""
        return check(self.first.check).mandatory


@dataclass(frozen=True, slots=True)
class CheckStory:
    """One check and its results."""

    check: Check
    results: tuple[Result, ...]

    @property
    def outcome(self) -> Outcome:
        """The worst of them."""
        return worst(self.results)

    def count(self, outcome: Outcome) -> int:
        """Count the results of an outcome."""
        return sum(one.outcome is outcome for one in self.results)

    @property
    def seconds(self) -> float:
        """The longest of them."""
        return max((one.seconds for one in self.results), default=0)


@dataclass(frozen=True, slots=True)
class PartStory:
    """One part of the score, with its checks."""

    score: PartScore
    checks: tuple[CheckStory, ...]

    @property
    def name(self) -> str:
        """The part's name."""
        return self.score.part.value

    @property
    def share(self) -> int:
        """What it is worth of the score's 100."""
        return PARTS[self.score.part]

    def count(self, outcome: Outcome) -> int:
        """Count its results of an outcome, without what can't be told in this place."""
        return sum(one.outcome is outcome and not one.elsewhere for story in self.checks for one in story.results)


def worst(results: Iterable[Result]) -> Outcome:
    """Give the worst outcome; what can't be told in this place by nature counts for nothing."""
    found = {one.outcome for one in results if not one.elsewhere}
    return next((outcome for outcome in _WORST if outcome in found), Outcome.UNKNOWN)


def shops(run: Run) -> tuple[ShopStory, ...]:
    """Give every shop in the run's order."""
    return tuple(
        ShopStory(name, url, tuple(one for one in run.results if one.subject == name)) for name, url in run.shops
    )


def parts(run: Run) -> tuple[PartStory, ...]:
    """Give the parts with their checks, in the catalogue's order; a check that was not made is left out."""
    return tuple(PartStory(one, _checks(run, one.part)) for one in run.score.parts)


def _checks(run: Run, part: Part) -> tuple[CheckStory, ...]:
    of_part = [one for one in CHECKS if one.part is part]
    found = (CheckStory(made, tuple(one for one in run.results if one.check == made.id)) for made in of_part)
    return tuple(one for one in found if one.results)


def failures(run: Run) -> tuple[Failure, ...]:
    """Give each cause once, in the order in which it is to be mended, with all that follows from it."""
    failed = of_outcome(run.results, Outcome.FAIL)
    origins = [one for one in failed if not is_consequence(one)]
    told = [
        Failure(tuple(alike), tuple(_following(run.results, alike)))
        for alike in grouped(origins, lambda one: (one.check, one.cause or one.message))
    ]
    return tuple(sorted(told, key=lambda one: not one.mandatory))


def _following(results: Sequence[Result], origins: Sequence[Result]) -> list[Result]:
    """Give what follows from the origins, and what follows from that."""
    found: list[Result] = []
    todo = list(origins)
    while todo:
        one = todo.pop(0)
        begins = f"follows from {one.check} of {one.subject}:"
        new = [other for other in results if other.cause.startswith(begins) and other not in found]
        found += new
        todo += new
    return found


def untold(run: Run, *, elsewhere: bool) -> tuple[CheckStory, ...]:
    """Give by check what could not be told for a reason of its own, or (``elsewhere``) can't be in this place."""
    left = [one for one in of_outcome(run.results, Outcome.UNKNOWN) if one.elsewhere is elsewhere]
    own = [one for one in left if not is_consequence(one)]
    return tuple(
        CheckStory(check(alike[0].check), tuple(alike)) for alike in grouped(own, lambda one: (one.check, one.message))
    )


def slowest(run: Run, most: int = 8) -> list[Result]:
    """Give the results that took longest."""
    return sorted(run.results, key=lambda one: -one.seconds)[:most]
