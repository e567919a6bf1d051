"""The order in which people read results: what is to be mended first, what follows from it last."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable

from verify.catalog import CHECKS
from verify.results import FOLLOWS, Outcome, Result

_PLACE = {check.id: number for number, check in enumerate(CHECKS)}


def is_consequence(result: Result) -> bool:
    """Say whether another failure explains this one (``verify.causes``)."""
    return result.cause.startswith(FOLLOWS)


def grouped(results: Iterable[Result], alike: Callable[[Result], Hashable]) -> list[list[Result]]:
    """Give the results that are alike together, each group where its first stood."""
    groups: dict[Hashable, list[Result]] = {}
    for one in results:
        groups.setdefault(alike(one), []).append(one)
    return list(groups.values())


def of_outcome(results: Iterable[Result], outcome: Outcome) -> list[Result]:
    """Give the results of an outcome: causes before consequences, then as in the catalogue, then by subject."""
    found = [one for one in results if one.outcome is outcome]
    return sorted(found, key=lambda one: (is_consequence(one), _PLACE[one.check], one.subject))


def untold(results: Iterable[Result], *, elsewhere: bool) -> list[Result]:
    """Give what could not be told: by nature in this place (``elsewhere``), or for a reason that can be mended."""
    return [one for one in of_outcome(results, Outcome.UNKNOWN) if one.elsewhere is elsewhere]
