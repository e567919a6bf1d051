"""Where keys are live no card is ever typed, and where they should be live or must not be, the purchase says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.verify.purchase.conftest import Meanwhile, Prepare
from tests.verify.purchase.market import HASTY, Market, hurry
from verify.purchase.payment import is_live, is_session
from verify.results import Outcome
from verify.target import Product, from_urls

Install = Callable[[Prepare], None]
Before = Callable[[str, Meanwhile], None]
LIVE = "https://checkout.stripe.com/c/pay/cs_live_a1B2#fid"
CARD = '<input name="cardNumber"><input name="cardExpiry"><input name="cardCvc"><input name="billingName">'
FREE = Product(sku="flotilla-test", amount=0, currency="EUR", test=True)


class StripePage:
    """A page of Stripe's, of which only the names of its fields are true; ``typed`` is what reached it."""

    def __init__(self, market: Market, url: str, fields: str) -> None:
        self.market, self.url = market, url
        self.typed: list[str] = []
        button = '<button data-testid="hosted-payment-submit-button">Pay</button>'
        say = "fetch('/typed?' + [...document.querySelectorAll('input')].map(one => one.value).join('+'))"
        script = (
            f"<script>addEventListener('input', () => {say}); document.querySelector('button').onclick = () => {say}"
        )
        self.body = f"<title>Stripe</title>{fields}{button}{script}</script>"

    async def install(self, context: Any) -> None:
        async def opened(route: Any) -> None:
            origin = self.market.shop("hero").url
            body = json.dumps({"url": self.url, "orderId": "o-1"})
            headers = {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true"}
            await route.fulfill(body=body, content_type="application/json", headers=headers)

        async def stripe(route: Any) -> None:
            if "/typed?" in route.request.url:
                self.typed.append(route.request.url.partition("?")[2])
                await route.fulfill(body="")
            else:
                await route.fulfill(body=self.body, content_type="text/html")

        await context.route("**/api/checkout", opened)
        await context.route("https://checkout.stripe.com/**", stripe)


@pytest.mark.parametrize("product", [FREE, None])
def test_a_live_session_that_asks_for_a_card_gets_none(
    product: Product | None, market: Market, prepare: Install
) -> None:
    page = StripePage(market, LIVE, CARD)
    prepare(page.install)
    target = replace(market.with_shop(products=(product,) if product else ()), purpose="production")
    bought = market.buy(target)
    assert bought["click"].outcome is Outcome.PASS
    assert bought["payment"].outcome is Outcome.UNKNOWN
    assert "never pays with a live card" in bought["payment"].message
    assert bought["payment"].remedy.startswith("price the test product 0")
    assert page.typed == []


def test_the_page_of_the_test_would_see_a_card(market: Market, prepare: Install) -> None:
    page = StripePage(market, LIVE.replace("live", "test"), CARD)
    prepare(page.install)
    bought = market.buy(terms=HASTY)
    assert any("4242424242424242" in typed for typed in page.typed)
    assert bought["payment"].outcome is Outcome.FAIL
    assert "no way back to the shop" in bought["payment"].message


def test_fields_that_a_script_draws_after_the_button_are_waited_for(market: Market, prepare: Install) -> None:
    drawn = (
        f"<div></div><script>setTimeout(() => {{ document.querySelector('div').innerHTML = '{CARD}' }}, 1000)</script>"
    )
    page = StripePage(market, LIVE.replace("live", "test"), drawn)
    prepare(page.install)
    market.buy(terms=HASTY)
    assert any("4242424242424242" in typed for typed in page.typed)


def test_a_field_that_comes_late_in_live_mode_gets_no_card(market: Market, prepare: Install) -> None:
    drawn = (
        f"<div></div><script>setTimeout(() => {{ document.querySelector('div').innerHTML = '{CARD}' }}, 1000)</script>"
    )
    page = StripePage(market, LIVE, drawn)
    prepare(page.install)
    bought = market.buy(replace(market.with_shop(), purpose="production"), terms=HASTY)
    assert bought["payment"].outcome is Outcome.UNKNOWN
    assert "never pays with a live card" in bought["payment"].message
    assert page.typed == []


def test_a_page_that_shows_nothing_to_pay_with_is_not_told(market: Market, prepare: Install, before: Before) -> None:
    page = StripePage(market, LIVE.replace("live", "test"), "")
    page.body = "<title>Stripe</title>"
    prepare(page.install)
    before("payment", hurry(page=3))
    bought = market.buy()
    assert bought["payment"].outcome is Outcome.UNKNOWN, bought.describe()
    assert bought["payment"].message == "checkout.stripe.com shows neither a field for a card nor its button"


def test_a_live_session_outside_production_is_left_alone(market: Market, prepare: Install) -> None:
    page = StripePage(market, LIVE, CARD)
    prepare(page.install)
    assert market.answers_200()
    bought = market.buy()
    assert bought["click"].outcome is Outcome.FAIL
    assert bought["click"].cause == "a live key outside production"
    assert bought["payment"].outcome is Outcome.UNKNOWN
    assert page.typed == []


def test_a_live_session_at_a_bare_address_is_no_mistake_and_gets_no_card(market: Market, prepare: Install) -> None:
    page = StripePage(market, LIVE, CARD)
    prepare(page.install)
    bought = market.buy(from_urls(market.shop("hero").url, market.checkout), shop="127.0.0.1")
    assert bought["click"].outcome is Outcome.PASS
    assert bought["payment"].outcome is Outcome.UNKNOWN
    assert page.typed == []


def test_a_free_order_in_live_mode_is_completed_without_a_card(market: Market, prepare: Install) -> None:
    page = StripePage(market, LIVE, "")
    prepare(page.install)
    with market.showing(price=0):
        bought = market.buy(replace(market.with_shop(products=(FREE,)), purpose="production"), terms=HASTY)
    assert bought["product"].outcome is Outcome.PASS
    assert page.typed == [""], "the button was pressed, and nothing typed"
    assert bought["payment"].outcome is Outcome.FAIL, "a page of the test's own leads nowhere"


def test_a_free_order_is_bought_to_the_end_and_no_card_is_spoken_of(market: Market) -> None:
    with market.showing(price=0, charged=0):
        bought = market.buy(market.with_shop(products=(FREE,)))
        assert market.stage.rows("SELECT amount, status FROM orders") == [(0, "refunded")]
    assert bought.ended(Outcome.PASS) == list(bought.results), bought.describe()
    assert bought["payment"].message.startswith("completed, nothing to pay; back at /success with order ")


def test_a_test_key_in_production_is_a_failure(market: Market) -> None:
    assert market.answers_200()
    bought = market.buy(replace(market.target, purpose="production"))
    assert bought["click"].outcome is Outcome.FAIL
    assert bought["click"].cause == "a test key in production"
    assert bought["payment"].outcome is Outcome.FAIL
    assert "double" in bought["payment"].message
    assert market.orders() == [("hero", "checkout_open")], "nothing was paid"


def test_an_address_that_is_no_session_is_no_payment_page(market: Market, prepare: Install) -> None:
    page = StripePage(market, "https://checkout.stripe.com/elsewhere", CARD)
    prepare(page.install)
    assert market.answers_200()
    bought = market.buy()
    assert bought["click"].outcome is Outcome.FAIL
    assert "expected the page of a Checkout Session" in bought["click"].message
    assert page.typed == []


@pytest.mark.parametrize(
    ("url", "session", "live"),
    [
        ("https://checkout.stripe.com/c/pay/cs_live_a1", True, True),
        ("https://checkout.stripe.com/c/pay/cs_test_a1#cs_live_b2", True, False),
        ("https://pay.shop.example/c/pay/cs_live_a1", True, True),
        ("http://127.0.0.1:1234/c/pay/cs_test_a1", True, False),
        ("https://checkout.stripe.com/", False, False),
        ("https://evil.example/?next=cs_test_a1", False, False),
    ],
)
def test_the_mode_stands_in_the_session_s_id(url: str, session: bool, live: bool) -> None:  # noqa: FBT001
    assert (is_session(url), is_live(url)) == (session, live)
