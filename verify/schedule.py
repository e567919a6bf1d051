"""When a CronJob was due, by its schedule of five fields, in UTC. Pure.

The grammar is that of github.com/robfig/cron, v3, ParseStandard, which the CronJob controller calls; the rules have
their own reader (policies/cron.py), because they share nothing with what they judge.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_MACROS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
LOOK_BACK_DAYS = 5 * 366
"""As far as the controller looks ahead (robfig/cron, SpecSchedule.Next): what has no time in five years has none."""
_REFERENCE = datetime(2024, 12, 31, 23, 59, tzinfo=UTC)
"""The end of a leap year, from which the gaps between times are counted back."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The times of a schedule; ``either`` says that a day of the month or of the week is enough."""

    times: tuple[time, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either: bool

    def last(self, moment: datetime) -> datetime | None:
        """Give the latest time that is not after ``moment``; None where there is none in five years."""
        return next((one for one in self._back_from(moment) if one <= moment), None)

    def interval(self) -> timedelta:
        """Give the longest wait from one time to the next; five years where there are not two of them."""
        gaps = (
            later - earlier
            for days in pairwise(self._days_back_from(_REFERENCE.date()))
            for later, earlier in ((self._at(days[0], self.times[0]), self._at(days[1], self.times[-1])),)
        )
        within = (self._at(_REFERENCE.date(), b) - self._at(_REFERENCE.date(), a) for a, b in pairwise(self.times))
        return max((*gaps, *within), default=timedelta(days=LOOK_BACK_DAYS))

    def _back_from(self, moment: datetime) -> Iterator[datetime]:
        for day in self._days_back_from(moment.date()):
            yield from (self._at(day, one) for one in reversed(self.times))

    def _days_back_from(self, last: date) -> Iterator[date]:
        days = (last - timedelta(days=back) for back in range(LOOK_BACK_DAYS))
        return (day for day in days if self._has(day))

    def _has(self, day: date) -> bool:
        by_day, by_weekday = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return day.month in self.months and ((by_day or by_weekday) if self.either else (by_day and by_weekday))

    @staticmethod
    def _at(day: date, moment: time) -> datetime:
        return datetime.combine(day, moment, UTC)


def read(text: str) -> Schedule:
    """Read a schedule; raises ValueError for what is none, and for ``@every``, which has no times of its own."""
    words = _MACROS.get(text, text).split()
    if len(words) != 5:
        raise ValueError(f"{text!r} is no schedule of five fields")
    minutes, hours, days, months, weekdays = (
        _values(words[0], 0, 59),
        _values(words[1], 0, 23),
        _values(words[2], 1, 31),
        _values(words[3], 1, 12, _MONTHS),
        _values(words[4], 0, 6, _WEEKDAYS),
    )
    return Schedule(
        times=tuple(time(hour, minute) for hour in sorted(hours) for minute in sorted(minutes)),
        days=days,
        months=months,
        weekdays=weekdays,
        either=not _is_any(words[2]) and not _is_any(words[4]),
    )


def _is_any(word: str) -> bool:
    """Say whether a field leaves the day open; one with a step, ``*/2``, does not (robfig/cron, getRange)."""
    return any(one.removesuffix("/1") in ("*", "?") for one in word.split(","))


def _values(word: str, least: int, most: int, names: tuple[str, ...] = ()) -> frozenset[int]:
    found: set[int] = set()
    for one in word.split(","):
        bounds, slash, step = one.partition("/")
        low, dash, high = bounds.partition("-")
        every = low in ("*", "?")
        first = least if every else _number(low, least, names)
        last = most if every or (slash and not dash) else _number(high, least, names) if dash else first
        if not least <= first <= last <= most or (slash and int(step) < 1):
            raise ValueError(f"{one!r} is not within {least}-{most}")
        found.update(range(first, last + 1, int(step) if slash else 1))
    return frozenset(found)


def _number(text: str, least: int, names: tuple[str, ...]) -> int:
    return names.index(text.lower()) + least if text.lower() in names else int(text)
