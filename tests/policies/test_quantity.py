"""Quantities as the API server reads them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.quantity import SUFFIXES, parse, read


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0", Fraction(0)),
        ("128", Fraction(128)),
        ("0.5", Fraction(1, 2)),
        (".5", Fraction(1, 2)),
        ("1.", Fraction(1)),
        ("+2", Fraction(2)),
        ("-1", Fraction(-1)),
        ("500m", Fraction(1, 2)),
        ("250u", Fraction(1, 4000)),
        ("1n", Fraction(1, 10**9)),
        ("1k", Fraction(1000)),
        ("1Ki", Fraction(1024)),
        ("1.5Gi", Fraction(3 * 2**29)),
        ("2E", Fraction(2 * 10**18)),
        ("2E3", Fraction(2000)),
        ("2e-3", Fraction(1, 500)),
        ("1e999999", Fraction(10**100)),
    ],
)
def test_what_the_api_server_takes(text: str, amount: Fraction) -> None:
    assert parse(text) == amount


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "m",
        "Mi",
        "1K",
        "1mi",
        "1gi",
        "1MB",
        "1Gib",
        "1 Gi",
        "1,5",
        "1e",
        "1e3m",
        "0x10",
        "1_000",
        "two",
        "1" * 200,
        "١",  # noqa: RUF001  (a digit, but none of the grammar's)
    ],
)
def test_what_it_refuses(text: str) -> None:
    assert parse(text) is None


def test_a_field_may_hold_a_number_or_a_padded_text_but_nothing_else() -> None:
    assert read(" 2 ") == read(2) == read(2.0) == 2
    assert read(0.1) == Fraction(1, 10)
    assert read(1e-05) == Fraction(1, 100_000)
    assert not any(read(value) for value in (True, None, (), "x", float("nan"), float("inf")))


@given(st.integers(0, 10**12), st.integers(0, 999), st.sampled_from(sorted(SUFFIXES)))
def test_a_suffix_multiplies_and_a_point_divides(whole: int, part: int, suffix: str) -> None:
    assert parse(f"{whole}.{part:03d}{suffix}") == (whole + Fraction(part, 1000)) * SUFFIXES[suffix]


@given(st.text(max_size=12))
def test_no_text_is_too_odd_to_be_asked_about(text: str) -> None:
    amount = parse(text)
    assert amount is None or parse(f"-{text.lstrip('+-')}") == -abs(amount)
