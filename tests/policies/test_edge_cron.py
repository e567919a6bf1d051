"""Cron expressions are read as Cloudflare's own parser reads them."""

from __future__ import annotations

import pytest

from policies import edge_cron

TAKEN = [
    "* * * * *",
    "*/30 * * * *",
    "45 * * * *",
    "0 17 * * sun",
    "0 17 * * 1",
    "10 7 * * mon-fri",
    "0 15 1 * *",
    "0 18 * * 6L",
    "0 18 * * friL",
    "59 23 LW * *",
    "0 0 L * *",
    "0 0 L-3 * *",
    "0 0 L-30W * *",
    "0 0 15W * *",
    "0 0 1 JAN,jul *",
    "0 0 * * 2#1",
    "0 0 * * MON#5",
    "0 0 * * L",
    "50-10 22-2 28-3 NOV-2 FRI-MON",
    "0/5,*/7 0-12/4 */10 1-12/11 */6",
    "0,15,30,45\t*  1,15 * *",
    "05 04 01 01 *",
]
REFUSED = [
    ("", "0 fields"),
    ("0 16 * *", "4 fields"),
    ("0 0 16 * * *", "6 fields"),
    ("@daily", "1 fields"),
    ("60 * * * *", "minute"),
    ("* 24 * * *", "hour"),
    ("* * 0 * *", "day of the month"),
    ("* * 32 * *", "day of the month"),
    ("* * * 13 *", "month"),
    ("* * * 0 *", "month"),
    ("0 16 * * 0", "weekday"),
    ("0 16 * * 8", "weekday"),
    ("0 16 * * 0-4", "weekday"),
    ("0 16 * * MONDAY", "weekday"),
    ("0 16 ? * *", "day of the month"),
    ("0 16 * * ?", "weekday"),
    ("*/60 * * * *", "step 60"),
    ("*/0 * * * *", "step 0"),
    ("0 */24 * * *", "step 24"),
    ("0 0 */31 * *", "step 31"),
    ("0 0 * */12 *", "step 12"),
    ("0 0 * * */7", "step 7"),
    ("*,5 * * * *", "minute"),
    ("*-30 * * * *", "range"),
    ("1,,2 * * * *", "minute"),
    ("5- * * * *", "minute"),
    ("-5 * * * *", "minute"),
    ("L * * * *", "minute"),
    ("0 0 3,L * *", "day of the month"),
    ("0 0 15W,20 * *", "day of the month"),
    ("0 0 L-31 * *", "day of the month"),
    ("0 0 * * 2#6", "weekday"),
    ("0 0 * * 6L,2", "weekday"),
    ("0 0 * * 2#1,3", "weekday"),
    ("0 0 JAN * *", "day of the month"),
    ("0 0 * SUN *", "month"),
]


@pytest.mark.parametrize("expression", TAKEN)
def test_what_cloudflare_takes_is_fine(expression: str) -> None:
    edge_cron.check(expression)


@pytest.mark.parametrize(("expression", "about"), REFUSED)
def test_what_cloudflare_refuses_is_told_with_its_field(expression: str, about: str) -> None:
    with pytest.raises(edge_cron.CronError, match=about):
        edge_cron.check(expression)


def test_spaces_and_case_make_no_other_schedule() -> None:
    assert edge_cron.canonical("0  16 * *  mon") == edge_cron.canonical("0 16 * * MON")
    assert edge_cron.canonical("0 16 * * MON") != edge_cron.canonical("0 16 * * TUE")


@pytest.mark.parametrize("weekday", ["1-5", "1,2,3,4,5", "6,7", "6-7"])
def test_numbers_that_mean_other_days_elsewhere_are_explained(weekday: str) -> None:
    assert edge_cron.shifted_weekdays(f"0 16 * * {weekday}") is not None


@pytest.mark.parametrize("expression", ["0 16 * * 2-6", "0 16 * * MON-FRI", "0 16 * * 1", "0 16 1-5 * *", "1-5"])
def test_numbers_that_read_like_nothing_else_are_fine(expression: str) -> None:
    assert edge_cron.shifted_weekdays(expression) is None
