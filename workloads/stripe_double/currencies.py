"""The currencies that Stripe takes: the decimals of each, and the least that may be charged (Stripe, Currencies)."""

from __future__ import annotations

from typing import Any

from stripe_double.problems import Problem


def _table(text: str) -> dict[str, int]:
    """Read lines of a number and the currencies it holds for."""
    rows = (line.split() for line in text.strip().splitlines())
    return {code: int(number) for number, *codes in rows for code in codes}


_DECIMALS = _table("""
    0 bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf
    2 aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad cdf chf cny cop crc
    2 cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr ils inr isk jmd kes kgs khr
    2 kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk
    2 php pkr pln qar ron rsd rub sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah ugx usd
    2 uyu uzs wst xcd xcg yer zar zmw
    3 bhd jod kwd omr tnd
""")
_LEAST = _table("""
    30 gbp
    50 ars aud brl cad chf cop eur idr ils inr jpy krw nzd php rub sgd usd zar
    200 aed myr pln ron
    250 dkk
    300 nok sek
    400 hkd
    1000 mxn thb
    1500 czk
    17500 huf
""")
"""In minor units (docs.stripe.com/currencies#minimum-and-maximum-charge-amounts, as of October 2026).

For what is not in it Stripe asks the equivalent in the account's own currency; the double has no rates, and asks 1.
"""
_WHOLE = ("isk", "ugx")
"""Written with two decimals that are always 00 (Stripe, Currencies, Special cases)."""
SUPPORTED = frozenset(_DECIMALS)


def currency(value: Any, name: str) -> str:  # noqa: ANN401
    """Take the ISO code, in lower case, of a currency that Stripe knows."""
    if not isinstance(value, str) or value not in SUPPORTED:
        known = ", ".join(sorted(SUPPORTED))
        raise Problem(f"Invalid currency: {value}. Stripe currently supports these currencies: {known}", param=name)
    return value


def chargeable(amount: int, code: str) -> None:
    """Refuse an amount, in minor units, that can't be charged; an order of nothing can."""
    if 0 < amount < _LEAST.get(code, 1):
        raise Problem(
            f"The Checkout Session's total amount due must add up to at least {shown(_LEAST[code], code)}",
            code="amount_too_small",
        )
    if code in _WHOLE and amount % 100:
        raise Problem(f"Invalid amount: fractions of {code.upper()} can't be charged.", param="line_items")


def shown(amount: int, code: str) -> str:
    """Write minor units for people: ``1,489.00 EUR``, ``48,900 JPY``, ``48.900 KWD``."""
    places = _DECIMALS[code]
    return f"{amount / 10**places:,.{places}f} {code.upper()}"
