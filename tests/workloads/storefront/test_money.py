"""Prices stand there as a customer reads them, in every kind of currency."""

from __future__ import annotations

import pytest

from storefront import money


@pytest.mark.parametrize(
    ("amount", "currency", "shown", "plain"),
    [
        (48900, "EUR", "€489.00", "489.00"),
        (148905, "USD", "$1,489.05", "1489.05"),
        (5, "GBP", "£0.05", "0.05"),
        (48900, "JPY", "¥48,900", "48900"),
        (48900, "KWD", "KWD\N{NO-BREAK SPACE}48.900", "48.900"),
        (48900, "CHF", "CHF\N{NO-BREAK SPACE}489.00", "489.00"),
        (123456789, "EUR", "€1,234,567.89", "1234567.89"),
    ],
)
def test_an_amount_is_written_in_its_currency(amount: int, currency: str, shown: str, plain: str) -> None:
    assert money.formatted(amount, currency) == shown
    assert money.decimal(amount, currency) == plain
