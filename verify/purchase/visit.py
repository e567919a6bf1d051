"""One customer in one shop: what is known so far, and what a step of the purchase finds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from playwright.async_api import Page

from verify.purchase.orders import Orders
from verify.purchase.payment import TEST_CARD
from verify.purchase.watch import Watch
from verify.results import Outcome
from verify.target import Shop, Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a purchase is made: the card, how many shops at once, and how long each wait may be, in seconds.

    ``page``: a shop that needs longer has no customers. ``click``: the buy button's own patience, 15 s
    (workloads/storefront/assets/shop.js), and a redirect. ``payment``: Stripe's page answers a card within seconds.
    ``order``: webhooks come within seconds where nothing is wrong; the field guide wants ``paid`` within N s, and 20 is
    ours. ``refund``: as for the order, since it is a webhook too. ``whole``: nothing may hang.
    """

    card: str = TEST_CARD
    at_once: int = 4
    page: float = 15
    click: float = 18
    payment: float = 30
    order: float = 20
    refund: float = 20
    whole: float = 120


@dataclass(frozen=True, slots=True)
class Blame:
    """The likely cause, the resource at fault and the remedy, where they are known."""

    cause: str = ""
    resource: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a step found. ``stops`` says that the steps after it can't be taken."""

    outcome: Outcome
    message: str
    blame: Blame = Blame()
    stops: bool = False

    @classmethod
    def passed(cls, message: str) -> Self:
        """Give what was seen, and is right."""
        return cls(Outcome.PASS, message)

    @classmethod
    def failed(cls, message: str, blame: Blame, *, stops: bool = False) -> Self:
        """Give what was seen and what was expected."""
        return cls(Outcome.FAIL, message, blame, stops)

    @classmethod
    def untold(cls, message: str, remedy: str = "", *, stops: bool = False) -> Self:
        """Give why it could not be told."""
        return cls(Outcome.UNKNOWN, message, Blame(remedy=remedy), stops)


@dataclass(slots=True)
class Visit:
    """What the steps share; a step that finds something out writes it here for those after it."""

    target: Target
    shop: Shop
    terms: Terms
    page: Page
    orders: Orders
    through: str = ""
    """The releases that it is kept to, where traffic is split."""
    watch: Watch = field(default_factory=Watch)
    variant: str = ""
    """The shop's variant: the plan's, or what the shop of a bare address says it is."""
    shown: tuple[int, str] | None = None
    """The test product's amount and currency as its page shows them."""
    session_url: str = ""
    order_id: str = ""
    given_back: bool = False
    """Whether the checkout has taken the order to refund it."""
    paid_at: float = 0.0
    """When the payment page led back to the shop, on the monotonic clock."""

    def opened(self, order: str) -> None:
        """Note the order that the click opened: whatever stops the purchase, its money must not stay."""
        self.order_id = order

    @property
    def planned(self) -> bool:
        """Whether a plan is known: of two bare addresses neither variant nor theme nor purpose is."""
        return bool(self.shop.theme)

    @property
    def origin(self) -> str:
        """The shop's origin, as the browser sends it."""
        return self.shop.url.rstrip("/")

    @property
    def price(self) -> tuple[int, str] | None:
        """The test product's amount and currency as planned; None where no plan is known."""
        product = self.shop.test_product
        return (product.amount, product.currency.upper()) if product else None

    def resource(self, kind: str, name: str) -> str:
        """Give a resource's name as results have it."""
        return self.target.resource(kind, name)


def money(amount: int, currency: str) -> str:
    """Give an amount as the API counts it: ``24900 EUR`` has no rounding and no locale to argue about."""
    return f"{amount} {currency.upper()}"
