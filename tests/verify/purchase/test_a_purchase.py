"""A purchase that works: a real browser in a real shop, down to the order's row and the money back."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tests.verify.purchase.market import PATIENT, PRICE, Market
from verify import chromium as known
from verify.purchase import browser, buy
from verify.purchase.journey import STEPS
from verify.results import Outcome, Result
from verify.target import from_urls

ALL = [step.check.removeprefix("purchase.") for step in STEPS]


def test_every_shop_is_bought_from_at_once_and_the_money_is_given_back(market: Market) -> None:
    told: list[Result] = []
    results = asyncio.run(buy(market.target, market.target.shops, told.append, PATIENT))
    assert [one for one in results if one.outcome is not Outcome.PASS] == []
    assert [(one.subject, one.check) for one in results] == [
        (shop, step.check) for shop in ("hero", "brutal") for step in STEPS
    ]
    assert sorted(told, key=id) == sorted(results, key=id), "each result was told as it came"
    rows = market.stage.rows("SELECT variant, sku, amount, currency, test, status FROM orders ORDER BY variant")
    assert rows == [(name, "flotilla-test", PRICE, "eur", True, "refunded") for name in ("brutal", "hero")]


def test_each_step_is_timed_and_shown(market: Market) -> None:
    bought = market.buy()
    shown = {step: result.pictures for step, result in bought.results.items() if result.pictures}
    assert list(shown) == ["page", "product", "click", "success"]
    assert all(picture.jpeg.startswith(b"\xff\xd8") and picture.title for one in shown.values() for picture in one)
    assert len(shown["page"][0].jpeg) > len(shown["success"][0].jpeg) > 1000
    assert all(bought[step].seconds > 0 for step in ("page", "product", "click", "payment", "order", "refund"))


def test_the_click_s_correlation_id_stands_in_the_order(market: Market) -> None:
    bought = market.buy()
    ((correlation,),) = market.stage.rows("SELECT correlation_id FROM orders")
    assert bought["correlation"].message == f"correlation id {correlation} from the click to the order"


def test_two_bare_addresses_are_enough(market: Market) -> None:
    target = from_urls(market.shop("hero").url, market.checkout, token=market.target.token)
    bought = market.buy(target, shop="127.0.0.1")
    assert bought.ended(Outcome.PASS) == ALL
    assert "no plan is known" in bought["product"].message


def test_without_a_token_the_order_stays_and_that_is_no_pass(market: Market) -> None:
    bought = market.buy(replace(market.target, token=None))
    assert bought.ended(Outcome.UNKNOWN) == ["correlation", "refund"]
    assert "--token-file" in bought["refund"].remedy
    assert market.settled("fulfilled"), "it is paid before that"


def test_without_a_browser_nothing_is_told(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(known.VARIABLE, raising=False)
    monkeypatch.setattr(browser, "NAMES", ("no-such-browser",))
    bought = market.buy()
    assert bought.ended(Outcome.UNKNOWN) == ALL
    assert bought["page"].remedy == "install chromium, or name one in FLOTILLA_CHROMIUM"


@pytest.mark.parametrize("program", ["/bin/false", "/no/such/program"])
def test_a_browser_that_does_not_start_is_not_told(
    program: str, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(known.VARIABLE, program)
    bought = market.buy()
    assert bought.ended(Outcome.UNKNOWN) == ALL
    assert f"{program} did not start" in bought["page"].message
    assert "\n" not in bought["page"].message


def test_a_free_test_product_is_bought_without_a_card(market: Market) -> None:
    with market.otherwise(price=0):
        bought = market.buy(market.with_shop(products=()))
        assert market.stage.rows("SELECT amount, status FROM orders") == [(0, "refunded")]
    # The shop still shows the price of the others: that, and nothing else, is what a customer would complain of.
    assert bought.ended(Outcome.FAIL) == ["order"]
    assert "amount 0, expected 24900" in bought["order"].message
