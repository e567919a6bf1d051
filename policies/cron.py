"""Cron schedules by the grammar of the CronJob controller: ``*/5 * * * *``, ``@daily``, ``@every 1h30m``.

github.com/robfig/cron, v3, ParseStandard, which the API server calls to validate ``spec.schedule``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


class ScheduleError(ValueError):
    """A schedule that the API server refuses."""


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    least: int
    most: int
    words: tuple[str, ...] = ()


_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS: Final = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of month", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of week", 0, 6, _DAYS),
)
_MACROS: Final = frozenset({"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"})
_EVERY: Final = "@every "
_DURATION: Final = re.compile(r"[+-]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+)", re.ASCII)
_NUMBER: Final = re.compile(r"\+?[0-9]{1,18}", re.ASCII)
_LONGEST_MONTH: Final = dict(zip(range(1, 13), (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), strict=True))


def check(schedule: str) -> None:
    """Raise ScheduleError for a schedule that is refused, or that names a day which no year has."""
    if "TZ" in schedule:
        raise ScheduleError("it names a time zone, which belongs into spec.timeZone")
    if schedule.startswith("@"):
        _check_macro(schedule)
        return
    words = schedule.split()
    if len(words) != len(_FIELDS):
        raise ScheduleError(f"it has {len(words)} fields, not {len(_FIELDS)}")
    values = [_values(word, field) for word, field in zip(words, _FIELDS, strict=True)]
    _check_day(words, values)


def _check_macro(schedule: str) -> None:
    if schedule in _MACROS:
        return
    if not schedule.startswith(_EVERY) or not _DURATION.fullmatch(schedule.removeprefix(_EVERY)):
        raise ScheduleError(f"{schedule} is none of {', '.join(sorted(_MACROS))} and no @every with a duration")


def _values(word: str, field: _Field) -> set[int]:
    found: set[int] = set()
    for one in filter(None, word.split(",")):
        found.update(_range(one, field))
    if not found:
        raise ScheduleError(f"its {field.name} {word!r} names no time")
    return found


def _range(text: str, field: _Field) -> range:
    bounds, slash, step = text.partition("/")
    low, dash, high = bounds.partition("-")
    every = low in {"*", "?"}
    first = field.least if every else _number(low, field, text)
    last = field.most if every or (slash and not dash) else _number(high, field, text) if dash else first
    width = _number(step, None, text) if slash else 1
    if width == 0 or first > last or first < field.least or last > field.most:
        raise ScheduleError(f"its {field.name} {text!r} is not within {field.least}-{field.most}")
    return range(first, last + 1, width)


def _number(text: str, field: _Field | None, whole: str) -> int:
    if field is not None and text.lower() in field.words:
        return field.words.index(text.lower()) + field.least
    if not _NUMBER.fullmatch(text):
        raise ScheduleError(f"{whole!r} is no number, range or step")
    return int(text)


def _check_day(words: list[str], values: list[set[int]]) -> None:
    """Refuse a day such as 30 February: the controller looks five years ahead, finds none and never starts the Job.

    With a day of week the two days are alternatives, so there is always one.
    """
    days, months = values[2], values[3]
    if words[4].startswith(("*", "?")) and all(min(days) > _LONGEST_MONTH[month] for month in months):
        raise ScheduleError(f"no year has day {words[2]} in month {words[3]}")
