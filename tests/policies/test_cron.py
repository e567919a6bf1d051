"""Schedules as the API server reads them."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.cron import ScheduleError, check


@pytest.mark.parametrize(
    "schedule",
    [
        "* * * * *",
        "*/5 * * * *",
        "  0   16 * * * ",
        "0 0 1 1 ?",
        "0 9-17/2 * jan-MAR mon-FRI",
        "5,10,15 0 1,15 * *",
        "7/10 * * * *",
        "0 0 29 2 *",
        "0 0 31 2,3 *",
        "0 0 30 2 mon",
        "@daily",
        "@every 1h30m",
        "@every 1.5h",
        "+1 * * * *",
    ],
)
def test_what_comes_round(schedule: str) -> None:
    check(schedule)


@pytest.mark.parametrize(
    "schedule",
    [
        "* * * *",
        "* * * * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 13 *",
        "* * * * 7",
        "* * * * sunday",
        "jan * * * *",
        "*/0 * * * *",
        "30-10 * * * *",
        "1-2-3 * * * *",
        "1/2/3 * * * *",
        "-1 * * * *",
        ", * * * *",
        "@reboot",
        "@Daily",
        "@every 5",
        "@every 1d",
        "@every",
        "TZ=UTC 0 0 * * *",
        "CRON_TZ=Europe/Berlin 0 0 * * *",
        "0 0 30 2 *",
        "0 0 31 4,6 *",
        "every day",
    ],
)
def test_what_never_starts(schedule: str) -> None:
    with pytest.raises(ScheduleError):
        check(schedule)


@given(st.text(max_size=20))
def test_any_text_has_an_answer(schedule: str) -> None:
    with contextlib.suppress(ScheduleError):
        check(schedule)
