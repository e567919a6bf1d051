"""The pages on which a customer pays, one small page object each: the Stripe double's and Stripe's own."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator, Page

TEST_CARD = "4242424242424242"
"""A card that every payment in test mode accepts (Stripe, Testing)."""
STRIPE = "checkout.stripe.com"
_SESSION = re.compile(r"cs_(live|test)_\w+")


class PaymentPage(Protocol):
    """What a purchase does on a payment page."""

    async def asks_for_a_card(self, *, costs: bool, seconds: float) -> bool | None:
        """Say whether there is a field for a card: there is none where nothing is to pay.

        None where the page shows no way to end it in time; ``costs`` says whether a field is to be expected.
        """

    async def pay(self, card: str) -> None:
        """Fill in the card and press the button."""

    async def complete(self) -> None:
        """Press the button of an order that costs nothing."""

    def refusal(self) -> Locator:
        """Give where the page says why it did not take the card."""


@dataclass(frozen=True, slots=True)
class DoublePage:
    """The page of ``workloads/stripe_double``."""

    page: Page

    async def asks_for_a_card(self, *, costs: bool, seconds: float) -> bool | None:  # noqa: ARG002
        """Look for the field: this page comes whole."""
        return await self.page.locator("input[name=card]").count() > 0

    async def pay(self, card: str) -> None:
        """Pay as a buyer does."""
        await self.page.locator("input[name=card]").fill(card)
        await self.complete()

    async def complete(self) -> None:
        """Press Pay, which lies beside Decline and Abandon."""
        await self.page.locator("button[name=decision][value=pay]").click()

    def refusal(self) -> Locator:
        """Give the line under the sum."""
        return self.page.locator("[role=alert]")


@dataclass(frozen=True, slots=True)
class StripePage:
    """Stripe's hosted page in test mode.

    NOT VERIFIED: the page's fields are documented nowhere, and no test key was at hand when this was written. They are
    the names that public browser tests of Checkout use; where Stripe has renamed one, ``purchase.payment`` says which
    field was not found, and only this class changes.
    """

    page: Page

    @property
    def _button(self) -> Locator:
        return self.page.get_by_test_id("hosted-payment-submit-button")

    async def asks_for_a_card(self, *, costs: bool, seconds: float) -> bool | None:
        """Wait for the field: scripts draw the page after it has loaded, and its button may be there before."""
        field = self.page.locator("[name=cardNumber]")
        awaited = field if costs else field.or_(self._button)
        with suppress(PlaywrightError):
            await awaited.first.wait_for(state="attached", timeout=seconds * 1000)
        if await field.count():
            return True
        return False if await self._button.count() else None

    async def pay(self, card: str) -> None:
        """Pay as a buyer does, with any date that is still to come and any code (Stripe, Testing)."""
        email = self.page.locator("[name=email]")
        if await email.count() and await email.is_editable():
            await email.fill("verify@example.com")
        fields = {"cardNumber": card, "cardExpiry": "1234", "cardCvc": "123", "billingName": "Flotilla Verify"}
        for name, value in fields.items():
            await self.page.locator(f"[name={name}]").fill(value)
        await self.complete()

    async def complete(self) -> None:
        """Press the only button that ends the page."""
        await self._button.click()

    def refusal(self) -> Locator:
        """Give the line under the field at fault."""
        return self.page.locator(".FieldError, [role=alert]:not(:empty)")


def is_live(url: str) -> bool:
    """Say whether real money would move: Stripe writes the mode into the id of every session."""
    found = _SESSION.search(urlsplit(url).path)
    return found is not None and found[1] == "live"


def is_session(url: str) -> bool:
    """Say whether this is the address of a Checkout Session, on Stripe's host or on a domain of one's own."""
    return _SESSION.search(urlsplit(url).path) is not None


async def recognise(page: Page) -> PaymentPage:
    """Give the page object for where the browser is."""
    on_double = urlsplit(page.url).hostname != STRIPE and await page.locator("button[name=decision]").count() > 0
    return DoublePage(page) if on_double else StripePage(page)
