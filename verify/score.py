"""From results to a score and an outcome. Pure; the weights stand in ``verify.catalog``."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from verify.catalog import PARTS, check
from verify.results import FOLLOWS, Outcome, Part, PartScore, Result, Score

GATES = ((95, "deploy"), (85, "deploy and watch"), (70, "staging only"), (0, "stop"))
"""systems.md C: >= 95 deploy at once; 85-94 deploy and watch; 70-84 staging only; < 70 stop."""
NEEDED: Mapping[str, int] = {"production": 85, "test": 70, "disposable": 70}
"""The gate that each purpose has to reach where none is named: the lowest by which systems.md C would go on."""


def score(results: Sequence[Result], needed: int) -> Score:
    """Give the score. ``UNKNOWN`` earns nothing; what can't be told in this place by nature weighs nothing."""
    parts = tuple(_part(part, results, {Outcome.PASS}) for part in PARTS)
    points = _whole(parts)
    return Score(points=points, parts=parts, advice=advice(points), needed=needed)


def advice(points: int) -> str:
    """Give the sentence of the gate that so many points reach."""
    return next(sentence for least, sentence in GATES if points >= least)


def outcome(results: Sequence[Result], found: Score) -> tuple[Outcome, str]:
    """Give how the whole run ended, and in one line why it is no pass.

    A failed mandatory check fails it whatever the score, and so does a gate that the untold could not lift it over.
    Else whatever is untold (unless by nature) makes it UNKNOWN, and that includes the gate.
    """
    if failed := [one for one in results if one.outcome is Outcome.FAIL and check(one.check).mandatory]:
        origin = min(failed, key=lambda one: one.cause.startswith(FOLLOWS))
        named = f"first {origin.check} of {origin.subject}: {origin.message}"
        return Outcome.FAIL, f"{_count(failed, 'mandatory check')} failed, {named}"
    best = _whole(tuple(_part(part, results, {Outcome.PASS, Outcome.UNKNOWN}) for part in PARTS))
    if best < found.needed:
        return Outcome.FAIL, f"the score is {found.points}, needed is {found.needed}"
    if untold := [one for one in results if one.outcome is Outcome.UNKNOWN and not one.elsewhere]:
        first = f"{untold[0].check} of {untold[0].subject}"
        return Outcome.UNKNOWN, f"{_count(untold, 'check')} could not be told, first {first}: {untold[0].message}"
    if not any(part.possible for part in found.parts):
        return Outcome.UNKNOWN, "nothing was checked"
    return Outcome.PASS, ""


def _part(part: Part, results: Iterable[Result], earning: set[Outcome]) -> PartScore:
    weighed = [one for one in results if one.part is part and not (one.elsewhere and one.outcome is Outcome.UNKNOWN)]
    subjects: dict[str, int] = {}
    for one in weighed:
        subjects[one.check] = subjects.get(one.check, 0) + 1
    possible = float(sum(check(identity).weight for identity in subjects))
    earned = sum(check(one.check).weight / subjects[one.check] for one in weighed if one.outcome in earning)
    points = 100 * earned / possible if possible else None
    return PartScore(part=part, points=points, earned=earned, possible=possible)


def _whole(parts: tuple[PartScore, ...]) -> int:
    """Weigh the parts that have points; rounded down, but for the noise of floating point."""
    told = [(PARTS[part.part], part.points) for part in parts if part.points is not None]
    total = sum(weight for weight, _ in told)
    return math.floor(sum(weight * points for weight, points in told) / total + 1e-9) if total else 0


def _count(results: Sequence[Result], what: str) -> str:
    return f"{len(results)} {what}{'' if len(results) == 1 else 's'}"
