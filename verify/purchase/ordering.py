"""The steps after the payment: what the success page says, the order as the checkout has it, and the money back."""

from __future__ import annotations

import asyncio
import time

from playwright.async_api import Error as PlaywrightError

from fleet import naming
from fleet.catalogue import TEST_SKU
from verify.purchase.orders import Order, UnreadableError
from verify.purchase.visit import Blame, Finding, Visit, money

_WEBHOOK = "no webhook moved the order"


async def read_success(visit: Visit) -> Finding:
    """Wait until the success page says that the order is paid."""
    panel = visit.page.locator("[data-follow]")
    left = max(visit.paid_at + visit.terms.order - time.monotonic(), 1)
    try:
        await visit.page.locator('[data-follow][data-state="paid"]').wait_for(timeout=left * 1000)
    except PlaywrightError:
        state = await panel.get_attribute("data-state") if await panel.count() else None
        says = (
            (await visit.page.locator("h1").first.inner_text()).strip()
            if await visit.page.locator("h1").count()
            else ""
        )
        return _never_paid(visit, state, says)
    return Finding.passed(f"the success page says: {(await panel.locator('h1').inner_text()).strip()}")


async def read_order(visit: Visit) -> Finding:
    """Wait until the checkout has the order as paid; then it must be the one that was bought."""
    try:
        order = await visit.orders.until(visit.order_id, lambda one: one.is_paid, visit.paid_at + visit.terms.order)
    except UnreadableError as error:
        return _unreadable(visit, error)
    wrong = _wrong(visit, order)
    if not order.is_paid:
        return _unpaid(visit, order)
    if wrong:
        blame = Blame(
            "the checkout's catalogue is not the plan's",
            visit.resource("ConfigMap", f"{naming.CHECKOUT}-config"),
            "apply the stack again: the shops and the checkout must read one catalogue",
        )
        return Finding.failed(f"order {visit.order_id}: {'; '.join(wrong)}", blame)
    return Finding.passed(
        f"order {visit.order_id} is {order.status}: {money(order.amount, order.currency)}, {order.variant}, test"
    )


async def read_correlation(visit: Visit) -> Finding:
    """Compare the order's correlation id with the click's: one id leads from the click to the order (systems.md C)."""
    click = visit.watch.click
    if not visit.orders.may_refund:
        return Finding.untold("the order's correlation id is shown to the verification token alone", _TOKEN)
    if click is None or not click.correlation_id:
        blame = Blame(
            "the buy script sends no X-Correlation-Id",
            visit.resource("Deployment", naming.storefront(visit.shop.name)),
            "see its README",
        )
        return Finding.failed("the click had no correlation id", blame)
    try:
        found = await visit.orders.correlation_id(visit.order_id)
    except UnreadableError as error:
        return _unreadable(visit, error)
    if found != click.correlation_id:
        blame = Blame(
            "something between shop and checkout drops X-Correlation-Id",
            visit.resource("IngressRoute", naming.CHECKOUT),
            "let the header through",
        )
        return Finding.failed(f"the order has correlation id {found!r}, the click had {click.correlation_id!r}", blame)
    return Finding.passed(f"correlation id {found} from the click to the order")


async def give_back(visit: Visit) -> Finding:
    """Have the money of the test order given back, and wait until the order says so."""
    if not visit.orders.may_refund:
        return Finding.untold(f"order {visit.order_id} stays as it is: a refund needs the verification token", _TOKEN)
    try:
        deadline = time.monotonic() + visit.terms.refund
        await visit.orders.refund(visit.order_id, deadline)
        visit.given_back = True
        order = await visit.orders.until(visit.order_id, lambda one: one.status == "refunded", deadline)
    except UnreadableError as error:
        return _unreadable(visit, error)
    if order.status != "refunded":
        return Finding.failed(
            f"order {visit.order_id} is {order.status} {visit.terms.refund:g} s after its refund, expected refunded",
            _webhook(visit),
        )
    return Finding.passed(f"order {visit.order_id} is refunded")


async def settle(visit: Visit) -> str:
    """Have the money of an order given back that the steps did not come to; gives what is to be said of that order.

    It has a time of its own, and never raises: the purchase may have been cut short by anything.
    """
    if not visit.order_id or visit.given_back:
        return ""
    if not visit.orders.may_refund:
        return f"; order {visit.order_id} is not refunded: that needs the verification token"
    visit.given_back = True  # one try, whatever comes of it
    try:
        async with asyncio.timeout(visit.terms.refund):
            order = await visit.orders.get(visit.order_id)
            if not order.is_paid:
                return f"; order {visit.order_id} stays {order.status}"
            await visit.orders.refund(visit.order_id, time.monotonic())
    except (UnreadableError, TimeoutError) as error:
        return f"; order {visit.order_id} is not refunded: {error or 'no answer'}"
    return f"; the money of order {visit.order_id} is given back"


_TOKEN = "give it by --token-file or FLOTILLA_VERIFY_TOKEN"  # noqa: S105  (says where a token goes)


def _never_paid(visit: Visit, state: str | None, says: str) -> Finding:
    message = (
        f"the success page never says that the order is paid; it says: {says or 'nothing'} ({state or 'no state'})"
    )
    storefront = visit.resource("Deployment", naming.storefront(visit.shop.name))
    if visit.watch.blocked:
        blame = Blame(
            "the browser forbids the page to ask for its order",
            visit.resource("Middleware", naming.CHECKOUT_CORS),
            "allow GET from this shop's origin",
        )
    else:
        blame = Blame("the page does not follow its order", storefront, "open the page with the browser's console")
    return Finding.failed(message, blame)


def _wrong(visit: Visit, order: Order) -> list[str]:
    """Give what the order should be and is not; without a plan the amount is the one that the shop showed."""
    price = visit.price or visit.shown
    expected = {"variant": visit.variant, "sku": TEST_SKU, "quantity": 1, "test": True}
    if price is not None:
        expected |= {"amount": price[0], "currency": price[1]}
    found = {name: getattr(order, name) for name in expected}
    return [f"{name} {found[name]}, expected {value}" for name, value in expected.items() if found[name] != value]


def _unpaid(visit: Visit, order: Order) -> Finding:
    waited = time.monotonic() - visit.paid_at
    message = f"order {visit.order_id} is {order.status} {waited:.0f} s after the payment, expected paid"
    return Finding.failed(message, _webhook(visit))


def _webhook(visit: Visit) -> Blame:
    return Blame(
        f"{_WEBHOOK}: Stripe's webhook did not come, or its signature did not fit",
        visit.resource("Secret", naming.STRIPE_SECRET),
        f"Stripe must deliver to {visit.target.checkout}/webhooks/stripe, signed with stripe-webhook-secret;"
        f" {naming.RECONCILE} makes up for what was lost",
    )


def _unreadable(visit: Visit, error: UnreadableError) -> Finding:
    blame = Blame(
        "the checkout does not answer for its order", visit.resource("Deployment", naming.CHECKOUT), "read its log"
    )
    return Finding.failed(str(error), blame)
