"""What a shop may charge in is what Stripe takes: its currencies, the decimals and the least amount of each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import stripe

from storefront import money
from stripe_double import currencies
from tests.waiting import LIMIT_SECONDS
from tests.workloads.program import Program
from tests.workloads.stripe_double.test_contract import _params


@pytest.fixture(scope="module")
def double(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    program = Program("stripe_double", {}, tmp_path_factory.mktemp("double") / "log")
    program.start()
    yield program
    program.stop()


@pytest.fixture(scope="module")
def client(double: Program) -> stripe.StripeClient:
    return stripe.StripeClient("sk_test_any", base_addresses={"api": double.url})


def _of(currency: str, amount: int) -> Any:
    price = {"currency": currency, "unit_amount": amount, "product_data": {"name": "Cape"}}
    return _params(line_items=[{"quantity": 1, "price_data": price}])


@pytest.mark.parametrize(
    ("currency", "least"),
    [("usd", 50), ("gbp", 30), ("jpy", 50), ("sek", 300), ("huf", 17500), ("mxn", 1000), ("kwd", 1), ("vnd", 1)],
)
def test_a_currency_is_sold_in_from_its_least_amount_on(client: stripe.StripeClient, currency: str, least: int) -> None:
    made = client.v1.checkout.sessions.create(_of(currency, least))
    assert (made.currency, made.amount_total) == (currency, least)
    if least > 1:
        with pytest.raises(stripe.InvalidRequestError, match=currencies.shown(least, currency)) as caught:
            client.v1.checkout.sessions.create(_of(currency, least - 1))
        assert caught.value.code == "amount_too_small"


@pytest.mark.parametrize("currency", ["xyz", "EUR", "eu"])
def test_what_is_no_currency_of_stripes_is_refused(client: stripe.StripeClient, currency: str) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=f"Invalid currency: {currency}") as caught:
        client.v1.checkout.sessions.create(_of(currency, 1900))
    assert caught.value.param == "line_items[0][price_data][currency]"


def test_a_fraction_of_what_has_none_can_not_be_charged(client: stripe.StripeClient) -> None:
    assert client.v1.checkout.sessions.create(_of("isk", 190_000)).amount_total == 190_000
    with pytest.raises(stripe.InvalidRequestError, match="fractions of ISK"):
        client.v1.checkout.sessions.create(_of("isk", 190_050))


@pytest.mark.parametrize(
    ("currency", "shown"), [("jpy", "148,900 JPY"), ("kwd", "148.900 KWD"), ("sek", "1,489.00 SEK")]
)
def test_the_payment_page_writes_the_amount_as_its_currency_is_written(
    client: stripe.StripeClient, currency: str, shown: str
) -> None:
    url = client.v1.checkout.sessions.create(_of(currency, 148_900)).url
    assert url
    assert f'<p class="sum">{shown}</p>' in httpx.get(url, trust_env=False, timeout=LIMIT_SECONDS).text


def test_a_refund_that_is_too_much_is_told_in_its_currency(client: stripe.StripeClient, double: Program) -> None:
    session = client.v1.checkout.sessions.create(_of("jpy", 1900))
    url = f"{double.url}/_control/sessions/{session.id}/pay"
    paid = httpx.post(url, trust_env=False, timeout=LIMIT_SECONDS).json()
    with pytest.raises(stripe.InvalidRequestError, match=r"1,901 JPY.*1,900 JPY"):
        client.v1.refunds.create({"payment_intent": paid["payment_intent"], "amount": 1901})


@pytest.mark.parametrize("currency", sorted(currencies.SUPPORTED))
def test_shop_and_payment_page_agree_on_the_decimals(currency: str) -> None:
    page = currencies.shown(123_456, currency)
    assert page.split()[0].replace(",", "") == money.decimal(123_456, currency.upper())
