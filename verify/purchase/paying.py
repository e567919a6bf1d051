"""The payment: a test card on a page in test mode, nothing at all where money is live, and the way back to the shop."""

from __future__ import annotations

import re
import time
from urllib.parse import parse_qs, urlsplit

from playwright.async_api import Error as PlaywrightError

from fleet import naming
from verify.purchase.browser import one_line
from verify.purchase.leaving import leave
from verify.purchase.payment import DoublePage, PaymentPage, is_live, recognise
from verify.purchase.visit import Blame, Finding, Visit, money

_ORDER = re.compile(r"[\w-]{1,128}")


async def pay(visit: Visit) -> Finding:
    """Pay, and follow the way back to the shop."""
    page = await recognise(visit.page)
    if visit.target.purpose == "production" and isinstance(page, DoublePage):
        blame = Blame(
            "the checkout asks a double", visit.resource("Deployment", naming.CHECKOUT), "unset STRIPE_API_BASE"
        )
        return Finding.failed("the payment page of production is the Stripe double's", blame, stops=True)
    asks = await page.asks_for_a_card(costs=visit.shown is None or visit.shown[0] != 0, seconds=visit.terms.page)
    if asks is None:
        return Finding.untold(
            f"{urlsplit(visit.page.url).netloc} shows neither a field for a card nor its button",
            "see verify/purchase/payment.py",
            stops=True,
        )
    if is_live(visit.session_url) and (asks or visit.shown is None or visit.shown[0] != 0):
        shown = money(*visit.shown) if visit.shown else "something"
        return Finding.untold(
            f"{shown} would be taken in live mode, and a test never pays with a live card",
            "price the test product 0: Stripe then asks for no card",
            stops=True,
        )
    try:
        await (page.pay(visit.terms.card) if asks else page.complete())
    except PlaywrightError as error:
        return Finding.untold(
            f"the payment page has no such field: {one_line(error)}", "see verify/purchase/payment.py", stops=True
        )
    return await _came_back(visit, page, f"the card ending in {visit.terms.card[-4:]}" if asks else "")


async def _came_back(visit: Visit, page: PaymentPage, card: str) -> Finding:
    """Follow the way back; ``card`` says which was used, empty where nothing was to pay."""
    shop = urlsplit(visit.shop.url).netloc
    refusal = await leave(visit.page, lambda url: urlsplit(url).netloc == shop, page.refusal(), visit.terms.payment)
    if refusal is not None:
        blame = Blame(
            "the payment was refused",
            visit.resource("Secret", naming.STRIPE_SECRET),
            "see the payment in Stripe's dashboard",
        )
        said = (
            f"the payment page says: {refusal}" if refusal else f"no way back to the shop in {visit.terms.payment:g} s"
        )
        return Finding.failed(f"{card or 'an order of nothing'} was not taken; {said}", blame, stops=True)
    visit.paid_at = time.monotonic()
    address = urlsplit(visit.page.url)
    order = next(iter(parse_qs(address.query).get("order", [])), "")
    if not address.path.endswith("/success") or not _ORDER.fullmatch(order):
        blame = Blame(
            "the session's success_url is wrong",
            visit.resource("Deployment", naming.CHECKOUT),
            "it must be the shop's /success?order=ID",
        )
        return Finding.failed(
            f"the payment leads back to {address.path}?{address.query}, expected /success?order=ID", blame, stops=True
        )
    visit.order_id = order
    paid = f"paid with {card}" if card else "completed, nothing to pay"
    return Finding.passed(f"{paid}; back at {address.path} with order {order}")
