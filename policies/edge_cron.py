"""Cron expressions as Cloudflare reads them, which is neither Unix' way nor Quartz' whole.

The grammar is that of github.com/cloudflare/saffron, the parser behind cron triggers: five fields, weekdays from 1
(Sunday) to 7, ``L``, ``W`` and ``#`` alone in their field, ranges that wrap, and no step as long as its field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


class CronError(ValueError):
    """An expression that Cloudflare refuses; the message says which field and why."""


@dataclass(frozen=True, slots=True)
class Field:
    """One of the five fields: its bounds, its names, and what may stand in it alone."""

    name: str
    least: int
    most: int
    names: Mapping[str, int] = field(default_factory=dict)
    alone: str = r"(?!)"
    hint: str = ""


def _numbered(words: str) -> dict[str, int]:
    return {word: number for number, word in enumerate(words.split(), start=1)}


_WEEKDAYS: Final = _numbered("SUN MON TUE WED THU FRI SAT")
_MONTHS: Final = _numbered("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC")
_WEEKDAY: Final = rf"(?:[1-7]|{'|'.join(_WEEKDAYS)})"
_FIELDS: Final = (
    Field("minute", 0, 59),
    Field("hour", 0, 23),
    Field("day of the month", 1, 31, alone=r"L(?:W|-0*(?:[1-9]|[12]\d|30)W?)?|0*(?:[1-9]|[12]\d|3[01])W"),
    Field("month", 1, 12, _MONTHS),
    Field("weekday", 1, 7, _WEEKDAYS, rf"L|{_WEEKDAY}L|{_WEEKDAY}#[1-5]", "; Sunday is 1, Saturday 7"),
)
_ITEM: Final = re.compile(r"(\*|[A-Z]+|\d+)(?:-([A-Z]+|\d+))?(?:/(\d+))?")


def check(expression: str) -> None:
    """Say nothing of an expression that Cloudflare takes; raise CronError for any other."""
    parts = expression.split()
    if len(parts) != len(_FIELDS):
        extra = " (it has no field for seconds or years)" if len(parts) > len(_FIELDS) else ""
        raise CronError(f"has {len(parts)} fields instead of {len(_FIELDS)}{extra}")
    for part, where in zip(parts, _FIELDS, strict=True):
        _check_field(part.upper(), where)


def _check_field(text: str, where: Field) -> None:
    if text == "*" or re.fullmatch(where.alone, text):
        return
    for position, item in enumerate(text.split(",")):
        match = _ITEM.fullmatch(item)
        if match is None or (item == "*" and position == 0):
            raise CronError(f"has {text!r} as its {where.name}, which Cloudflare can't read{where.hint}")
        start, end, step = match.groups()
        if start == "*" and end is not None:
            raise CronError(f"has the range {item!r} in its {where.name}, which starts at no value")
        for value in (start, end):
            if value not in {None, "*"}:
                _number(value, where)
        longest = where.most - where.least
        if step is not None and not 1 <= int(step) <= longest:
            raise CronError(f"has the step {step} in its {where.name}, which is none of 1 to {longest}")


def _number(value: str, where: Field) -> int:
    number = int(value) if value.isdecimal() else where.names.get(value)
    if number is None or not where.least <= number <= where.most:
        raise CronError(
            f"has {value!r} as its {where.name}, which is none of {where.least} to {where.most}{where.hint}"
        )
    return number


def canonical(expression: str) -> str:
    """Give an expression in the form by which equal ones are found."""
    return " ".join(expression.upper().split())


def shifted_weekdays(expression: str) -> str | None:
    """Say what a weekday field in numbers means, where it reads like Unix' Monday to Friday or its weekend."""
    parts = expression.split()
    return _LOOKS_LIKE_UNIX.get(parts[-1]) if len(parts) == len(_FIELDS) else None


_LOOKS_LIKE_UNIX: Final = {
    "1-5": "Sunday to Thursday, not Monday to Friday (MON-FRI)",
    "1,2,3,4,5": "Sunday to Thursday, not Monday to Friday (MON-FRI)",
    "6,7": "Friday and Saturday, not Saturday and Sunday (SAT,SUN)",
    "6-7": "Friday and Saturday, not Saturday and Sunday (SAT,SUN)",
}
