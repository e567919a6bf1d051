"""When a CronJob was due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from verify import schedule

NOW = datetime(2026, 11, 26, 7, 3, 20, tzinfo=UTC)
"""A Thursday."""


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("*/5 * * * *", "2026-11-26 07:00"),
        ("3 7 * * *", "2026-11-26 07:03"),
        ("4 7 * * *", "2026-11-25 07:04"),
        ("17 2 * * *", "2026-11-26 02:17"),
        ("0 16 * * mon-wed", "2026-11-25 16:00"),
        ("0 0 1 JAN *", "2026-01-01 00:00"),
        ("0 0 29 2 *", "2024-02-29 00:00"),
        ("0 8-18/5 * * *", "2026-11-25 18:00"),
        ("10/20 6 * * *", "2026-11-26 06:50"),
        ("@hourly", "2026-11-26 07:00"),
        ("0 0 25 * 4", "2026-11-26 00:00"),
        ("0 0 */2 * 0", "2026-11-25 00:00"),
        ("0 0 * * 0", "2026-11-22 00:00"),
    ],
)
def test_the_last_time_of_a_schedule(text: str, last: str) -> None:
    assert schedule.read(text).last(NOW) == datetime.fromisoformat(f"{last}+00:00")


def test_a_day_that_no_year_has_was_never_due() -> None:
    assert schedule.read("0 0 30 2 *").last(NOW) is None


@pytest.mark.parametrize(
    ("text", "longest"),
    [
        ("*/5 * * * *", timedelta(minutes=5)),
        ("7 * * * *", timedelta(hours=1)),
        ("0,10 * * * *", timedelta(minutes=50)),
        ("17 2 * * *", timedelta(days=1)),
        ("0 8-18 * * *", timedelta(hours=14)),
        ("0 16 * * 1-5", timedelta(days=3)),
        ("0 0 1 * *", timedelta(days=31)),
        ("0 0 30 2 *", timedelta(days=schedule.LOOK_BACK_DAYS)),
    ],
)
def test_the_longest_wait_from_one_time_to_the_next(text: str, longest: timedelta) -> None:
    assert schedule.read(text).interval() == longest


@pytest.mark.parametrize("text", ["", "* * * *", "@every 5m", "60 * * * *", "5-1 * * * *", "*/0 * * * *", "x * * * *"])
def test_what_is_no_schedule_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        schedule.read(text)
