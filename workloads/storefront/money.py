"""Amounts of money as a customer reads them."""

from __future__ import annotations

# Stripe, "Zero-decimal currencies" and "Three-decimal currencies": what its API takes as one minor unit.
_NO_MINOR_UNIT = frozenset(
    ("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF")
)
_THREE_DIGITS = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])
_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩"}


def digits(currency: str) -> int:
    """Give how many decimal places a currency's minor unit stands for."""
    if currency in _NO_MINOR_UNIT:
        return 0
    return 3 if currency in _THREE_DIGITS else 2


def decimal(amount: int, currency: str) -> str:
    """Write minor units as a plain decimal number, as machines read it: 48900 EUR is ``489.00``."""
    places = digits(currency)
    if places == 0:
        return str(amount)
    whole, part = divmod(amount, 10**places)
    return f"{whole}.{part:0{places}d}"


def formatted(amount: int, currency: str) -> str:
    """Write minor units for an English reader: ``€1,489.00``, ``¥48,900``, ``CHF 489.00``."""
    whole, dot, part = decimal(amount, currency).partition(".")
    symbol = _SYMBOLS.get(currency, f"{currency}\N{NO-BREAK SPACE}")
    return f"{symbol}{int(whole):,}{dot}{part}"
