"""The click on Buy: the script must ask the checkout, and the answer must lead to the payment page of a session."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.async_api import Error as PlaywrightError

from fleet import naming
from fleet.catalogue import TEST_SKU
from verify.purchase import refusals
from verify.purchase.browsing import markers
from verify.purchase.leaving import leave
from verify.purchase.payment import is_live, is_session
from verify.purchase.visit import Blame, Finding, Visit


async def click_buy(visit: Visit) -> Finding:
    """Click Buy and follow where it leads."""
    offer = visit.page.locator(f'[data-buy][data-sku="{TEST_SKU}"]')
    says = (await markers(visit.page)).get("checkout", "")
    try:
        # The script switches the button on.
        await offer.locator("button:enabled").click(timeout=visit.terms.page * 1000)
    except PlaywrightError:
        return refusals.no_button(visit)
    shop = urlsplit(visit.shop.url).netloc
    error = await leave(
        visit.page,
        lambda url: urlsplit(url).netloc != shop,
        offer.locator("[role=alert]:not(:empty)"),
        visit.terms.click,
    )
    if error is None:
        return _arrived(visit)
    return await refusals.not_led_on(visit, error, says)


def _arrived(visit: Visit) -> Finding:
    """Judge the page that the click led to: a session's, and of the mode that this place may have (systems.md D)."""
    visit.session_url = visit.page.url
    where = _without_fragment(visit.page.url)
    if not is_session(visit.page.url):
        blame = Blame(
            "the checkout's answer leads somewhere else", visit.resource("Deployment", naming.CHECKOUT), "read its log"
        )
        return Finding.failed(f"Buy leads to {where}, expected the page of a Checkout Session", blame, stops=True)
    live, production = is_live(visit.page.url), visit.target.purpose == "production"
    key = visit.resource("Secret", naming.STRIPE_SECRET)
    if visit.planned and live and not production:
        blame = Blame("a live key outside production", key, "give this stack a test key, and rotate the live one")
        return Finding.failed(f"Buy leads to a live session in a place for {visit.target.purpose}", blame, stops=True)
    if visit.planned and production and not live:
        blame = Blame("a test key in production", key, "give production its live key: nobody can pay it now")
        return Finding.failed("Buy leads to a test session in production", blame)
    return Finding.passed(f"Buy leads to {urlsplit(where).netloc}, a {'live' if live else 'test'} session")


def _without_fragment(url: str) -> str:
    """Give an address without what may be a secret of Stripe's page: its fragment."""
    return url.split("#", maxsplit=1)[0]
