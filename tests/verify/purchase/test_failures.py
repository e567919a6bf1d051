"""Each way a shop can fail to sell: made for real, while a check of status codes sees 200 and nothing else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from tests.verify.purchase.conftest import Meanwhile, Prepare
from tests.verify.purchase.market import PATIENT, Market, Purchase, hurry
from tests.workloads.postgres import free_port
from verify.purchase import browser, browsing, buy, camera, journey, run
from verify.purchase.journey import STEPS
from verify.purchase.visit import Visit
from verify.results import Outcome, Result
from verify.target import Product

Install = Callable[[Prepare], None]
Before = Callable[[str, Meanwhile], None]
AFTER = {
    "page": ["product", "click", "payment", "success", "script", "assets", "order", "correlation", "refund"],
    "click": ["payment", "success", "order", "correlation", "refund"],
    "payment": ["success", "order", "correlation", "refund"],
}
DECLINED = "4000000000000002"


def stopped(bought: Purchase, step: str) -> None:
    """Hold what is said of a purchase that stopped: the step failed, and none after it counts as passed."""
    assert bought[step].outcome is Outcome.FAIL, bought.describe()
    assert bought.ended(Outcome.UNKNOWN) == AFTER[step], bought.describe()
    assert all(bought[after].requires == (f"purchase.{step}",) for after in AFTER[step])
    assert bought[step].pictures or "net::ERR_" in bought[step].message, "what the customer saw is shown"


def route(pattern: str, handle: Any) -> Prepare:
    async def prepare(context: Any) -> None:
        await context.route(pattern, handle)

    return prepare


def test_a_script_that_is_broken(market: Market, prepare: Install, before: Before) -> None:
    async def broken(route: Any) -> None:
        await route.fulfill(body="this is no script", content_type="text/javascript")

    prepare(route("**/assets/shop.*.js", broken))
    before("click", hurry(page=3))
    assert market.answers_200()
    bought = market.buy()
    assert bought["script"].outcome is Outcome.FAIL
    assert "integrity" in bought["script"].message
    stopped(bought, "click")
    assert bought["click"].cause == "the buy script did not run"
    assert market.orders() == []


def test_a_script_error_beside_a_shop_that_sells(market: Market, prepare: Install) -> None:
    async def thrown(context: Any) -> None:
        await context.add_init_script("setTimeout(() => { throw new TypeError('ads is undefined') })")

    prepare(thrown)
    assert market.answers_200()
    bought = market.buy()
    assert bought.ended(Outcome.FAIL) == ["script"]
    assert "TypeError: ads is undefined" in bought["script"].message


def test_a_script_that_breaks_on_the_success_page(market: Market, prepare: Install) -> None:
    async def thrown(context: Any) -> None:
        await context.add_init_script(
            "if (location.pathname === '/success') setTimeout(() => { throw new TypeError('order is undefined') })"
        )

    prepare(thrown)
    assert market.answers_200()
    bought = market.buy()
    assert bought.ended(Outcome.FAIL) == ["script"], bought.describe()
    assert "TypeError: order is undefined" in bought["script"].message


def test_a_picture_that_is_missing_on_the_success_page(market: Market, prepare: Install) -> None:
    async def shown(context: Any) -> None:
        await context.add_init_script(
            "addEventListener('DOMContentLoaded', () => { if (location.pathname === '/success')"
            " document.body.append(Object.assign(new Image(), { src: '/assets/thanks.png' })) })"
        )

    prepare(shown)
    assert market.answers_200()
    bought = market.buy()
    assert bought.ended(Outcome.FAIL) == ["assets"], bought.describe()
    assert "/assets/thanks.png: HTTP 404" in bought["assets"].message


def test_what_breaks_on_the_payment_page_is_no_shop_s_fault(market: Market, prepare: Install) -> None:
    async def thrown(context: Any) -> None:
        await context.add_init_script("if (location.pathname.includes('/pay/')) setTimeout(() => { throw 'stripe' })")

    prepare(thrown)
    bought = market.buy()
    assert bought.ended(Outcome.PASS) == list(bought.results), bought.describe()


def test_an_asset_that_is_not_there(market: Market, prepare: Install) -> None:
    async def missing(route: Any) -> None:
        await route.fulfill(status=404, body="")

    prepare(route("**/assets/hero.*.css", missing))
    assert market.answers_200()
    bought = market.buy()
    assert bought.ended(Outcome.FAIL) == ["assets"]
    assert "HTTP 404" in bought["assets"].message
    assert "/assets/hero." in bought["assets"].message


def test_an_origin_that_the_checkout_does_not_allow(market: Market) -> None:
    with market.otherwise(only=("brutal",)):
        assert market.answers_200()
        assert market.buy(shop="brutal").ended(Outcome.FAIL) == []
        stopped(bought := market.buy(), "click")
    assert bought["click"].cause == "CORS: the checkout does not allow this shop's origin"
    assert bought["click"].resource == "Middleware/checkout-cors"
    assert market.shop("hero").url in bought["click"].remedy
    assert "CORS policy" in bought["click"].message


def test_a_checkout_that_can_not_be_reached(market: Market) -> None:
    market.stage.checkout.stop()
    assert market.answers_200()
    stopped(bought := market.buy(), "click")
    assert bought["click"].cause == "the checkout can't be reached"
    assert bought["click"].resource == "Deployment/checkout"


def test_a_stripe_key_that_is_wrong(market: Market) -> None:
    key = market.folder / "key"
    good = key.read_text()
    key.write_text("sk_test_of_another_account")
    market.restart()
    try:
        assert market.answers_200()
        stopped(bought := market.buy(), "click")
    finally:
        key.write_text(good)
    assert bought["click"].cause.startswith("Stripe refuses the key: AuthenticationError")
    assert bought["click"].resource == "Secret/stripe"
    assert "HTTP 502" in bought["click"].message


def test_a_stripe_that_does_not_answer(market: Market) -> None:
    market.restart()
    market.stage.fault("api_down")
    assert market.answers_200()
    stopped(bought := market.buy(), "click")
    assert bought["click"].cause.startswith("Stripe does not answer the checkout")


def test_a_database_that_is_away(market: Market) -> None:
    market.stage.server.kill()
    try:
        assert market.answers_200()
        stopped(bought := market.buy(), "click")
    finally:
        market.stage.server.start()
    assert bought["click"].cause.startswith("the database is ill")
    assert bought["click"].resource == "StatefulSet/database"


def test_a_card_that_is_declined(market: Market) -> None:
    assert market.answers_200()
    stopped(bought := market.buy(terms=replace(PATIENT, card=DECLINED)), "payment")
    assert "the payment page says: Your card was declined." in bought["payment"].message
    assert market.orders() == [("hero", "checkout_open")]


def test_a_webhook_that_never_comes(market: Market, before: Before) -> None:
    market.stage.fault("drop")
    before("success", hurry(order=3, refund=3))
    assert market.answers_200()
    bought = market.buy()
    assert bought["payment"].outcome is Outcome.PASS, "Stripe took the money"
    assert bought.ended(Outcome.FAIL) == ["success", "order", "refund"]
    assert "is checkout_open" in bought["order"].message
    assert bought["order"].cause.startswith("no webhook moved the order")
    assert "/webhooks/stripe" in bought["order"].remedy
    assert "purchase.order" in bought["refund"].requires
    assert market.orders() == [("hero", "checkout_open")]


def test_a_refund_that_nobody_hears_of(market: Market, before: Before) -> None:
    async def handed_out(visit: Visit) -> None:
        # The purchase goes on as soon as the order is paid, which it is a moment before it is fulfilled.
        assert await asyncio.to_thread(market.settled, "fulfilled", 60)
        await hurry(refund=3)(visit)

    market.stage.fault("drop", types=["charge.refunded"])
    before("refund", handed_out)
    assert market.answers_200()
    bought = market.buy()
    assert bought.ended(Outcome.FAIL) == ["refund"]
    assert "is fulfilled 3 s after its refund" in bought["refund"].message


def test_a_shop_whose_price_is_not_the_plan_s(market: Market) -> None:
    planned = Product(sku="flotilla-test", amount=19900, currency="EUR", test=True)
    assert market.answers_200()
    bought = market.buy(market.with_shop(products=(planned,)))
    assert bought.ended(Outcome.FAIL) == ["product", "order"]
    assert bought["product"].message == "flotilla-test costs 24900 EUR in the shop, expected 19900 EUR"
    assert bought["refund"].outcome is Outcome.PASS, "what was taken is given back all the same"


def test_a_checkout_that_charges_another_amount_than_the_shop_shows(market: Market) -> None:
    with market.otherwise(price=29900):
        assert market.answers_200()
        bought = market.buy()
    assert bought.ended(Outcome.FAIL) == ["order"]
    assert "amount 29900, expected 24900" in bought["order"].message
    assert bought["refund"].outcome is Outcome.PASS


def test_another_currency(market: Market) -> None:
    planned = Product(sku="flotilla-test", amount=24900, currency="USD", test=True)
    assert market.answers_200()
    bought = market.buy(market.with_shop(products=(planned,)))
    assert bought.ended(Outcome.FAIL) == ["product", "order"]
    assert "currency EUR, expected USD" in bought["order"].message


def test_a_foreign_page_that_answers_200(market: Market) -> None:
    foreign = market.with_shop(url=market.stage.double.url)
    assert market.answers_200(foreign.shops[0].url)
    stopped(bought := market.buy(foreign), "page")
    assert bought["page"].message == "HTTP 200 and no marker flotilla:variant; the page is 'Stripe double'"
    assert bought["page"].cause == "another server answers for this host"


def test_another_shop_on_the_host(market: Market) -> None:
    wrong = market.with_shop(url=market.shop("brutal").url)
    assert market.answers_200(wrong.shops[0].url)
    stopped(bought := market.buy(wrong), "page")
    assert "variant 'brutal', expected 'hero'" in bought["page"].message


def test_an_empty_page_that_answers_200(market: Market, prepare: Install) -> None:
    async def empty(route: Any) -> None:
        await route.fulfill(status=200, body="", content_type="text/html")

    prepare(route(f"{market.shop('hero').url}/", empty))
    assert market.answers_200()
    stopped(bought := market.buy(), "page")
    assert bought["page"].message == "HTTP 200 and an empty page"
    assert "two routes" in bought["page"].cause


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (404, "no route serves this host"),
        (502, "the route leads to a port that nobody listens on"),
        (503, "no ready pod stands behind the Service"),
    ],
)
def test_what_a_proxy_answers_for_a_shop_that_it_can_not_reach(
    status: int, cause: str, market: Market, prepare: Install
) -> None:
    async def refuse(route: Any) -> None:
        await route.fulfill(status=status, body="no")

    prepare(route(f"{market.shop('hero').url}/", refuse))
    stopped(bought := market.buy(), "page")
    assert f"HTTP {status}, expected 200" in bought["page"].message
    assert bought["page"].cause == cause
    assert bought["page"].resource == "IngressRoute/storefront-hero"


def test_a_host_where_nobody_listens(market: Market) -> None:
    nobody = market.with_shop(url=f"http://127.0.0.1:{free_port()}")
    stopped(bought := market.buy(nobody), "page")
    assert "net::ERR_CONNECTION_REFUSED" in bought["page"].message


@pytest.mark.parametrize("pattern", ["/", "/assets/hero.*.css"])
def test_a_network_that_changes_once_is_no_shop_s_fault(
    market: Market, prepare: Install, monkeypatch: pytest.MonkeyPatch, pattern: str
) -> None:
    async def changing(context: Any) -> None:
        # Chromium's own reason can't be made by hand; another one stands for it.
        await context.route(f"{market.shop('hero').url}{pattern}", lambda route: route.abort("accessdenied"), times=1)

    prepare(changing)
    assert market.buy().ended(Outcome.FAIL) == (["page"] if pattern == "/" else ["assets"])
    monkeypatch.setattr(browsing, "NETWORK_CHANGED", "net::ERR_ACCESS_DENIED")
    bought = market.buy()
    assert bought.ended(Outcome.FAIL) == [], bought.describe()


def test_a_success_page_that_never_says_paid(market: Market, prepare: Install, before: Before) -> None:
    async def lost(route: Any) -> None:
        await route.abort()

    async def told(visit: Visit) -> None:
        await visit.page.get_by_text("We can't reach the checkout right now.").wait_for(timeout=60_000)
        await hurry(order=0)(visit)

    prepare(route("**/api/orders/*", lost))
    before("success", told)
    before("order", hurry(order=PATIENT.order))
    assert market.answers_200()
    bought = market.buy()
    assert bought.ended(Outcome.FAIL) == ["success"]
    assert "We can't reach the checkout right now." in bought["success"].message
    assert bought["order"].outcome is Outcome.PASS, "the order is paid; only the customer is not told"


def test_an_order_of_another_variant(market: Market, prepare: Install) -> None:
    async def other(route: Any) -> None:
        await route.continue_(post_data=route.request.post_data.replace("hero", "brutal"))

    prepare(route("**/api/checkout", other))
    with market.otherwise(one_origin=True):
        assert market.answers_200()
        bought = market.buy()
    assert bought.ended(Outcome.FAIL) == ["order"]
    assert "variant brutal, expected hero" in bought["order"].message


def test_a_correlation_id_that_is_lost_on_the_way(market: Market, prepare: Install) -> None:
    async def strip(route: Any) -> None:
        kept = {name: value for name, value in route.request.headers.items() if name != "x-correlation-id"}
        await route.continue_(headers=kept)

    prepare(route("**/api/checkout", strip))
    assert market.answers_200()
    bought = market.buy()
    assert bought.ended(Outcome.FAIL) == ["correlation"]


def test_a_purchase_that_is_cut_short_after_the_payment_is_given_back(market: Market, prepare: Install) -> None:
    async def astray(context: Any) -> None:
        async def lost(route: Any) -> None:
            if route.request.method != "POST":
                # A page that is routed comes later than the answer to the click is read.
                await route.continue_()
                return
            await route.fetch(max_redirects=0)
            assert await asyncio.to_thread(market.settled, "fulfilled", 60)
            home = f"<script>location.replace('{market.shop('hero').url}/')</script>"
            await route.fulfill(body=home, content_type="text/html")

        await context.route("**/c/pay/*", lost)

    prepare(astray)
    assert market.answers_200()
    stopped(bought := market.buy(), "payment")
    ((order,),) = market.stage.rows("SELECT id::text FROM orders")
    assert bought["refund"].message.endswith(f"; the money of order {order} is given back"), bought.describe()
    assert market.settled("refunded", 60)


def test_a_purchase_that_breaks_off_is_one_shop_s_own(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    original = browser.new_context

    async def breaks(*about: Any, **more: Any) -> Any:
        monkeypatch.setattr(run, "new_context", original)
        raise RuntimeError("no memory")

    monkeypatch.setattr(run, "new_context", breaks)
    told: list[Result] = []
    results = asyncio.run(buy(market.target, market.target.shops, told.append, PATIENT))
    ended = {shop: {one.outcome for one in results if one.subject == shop} for shop in ("hero", "brutal")}
    assert sorted(map(str, ended.values())) == sorted(map(str, ({Outcome.UNKNOWN}, {Outcome.PASS})))
    assert len(results) == len(told) == 2 * len(STEPS)
    broken = next(one for one in results if one.outcome is Outcome.UNKNOWN)
    assert broken.message == "the purchase broke off: RuntimeError: no memory"


def test_a_step_that_breaks_after_the_payment_leaves_no_money_behind(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(_: Any) -> Any:
        assert await asyncio.to_thread(market.settled, "fulfilled", 60)
        raise ZeroDivisionError("by nothing")

    steps = tuple(replace(step, take=breaks) if step.check == "purchase.success" else step for step in STEPS)
    monkeypatch.setattr(journey, "STEPS", steps)
    bought = market.buy()
    assert bought["success"].message == "the step broke off: ZeroDivisionError: by nothing"
    assert bought["refund"].message.endswith("is given back"), bought.describe()
    assert market.settled("refunded", 60)


def test_a_browser_that_can_t_be_left_loses_nothing(market: Market, prepare: Install) -> None:
    async def stuck(context: Any) -> None:
        close = context.close

        async def closed() -> None:
            await close()
            raise RuntimeError("it hangs")

        context.close = closed

    prepare(stuck)
    bought = market.buy()
    assert bought.ended(Outcome.PASS) == list(bought.results), bought.describe()


def test_a_page_that_hangs_is_not_told(
    market: Market, prepare: Install, before: Before, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(_: Any) -> None:
        """Never answer."""

    async def age(visit: Visit) -> None:
        # For the steps after this one: it has all the time that it needs, and they have 3 s.
        clock.monotonic = lambda: time.monotonic() + visit.terms.whole - 3

    clock = SimpleNamespace(monotonic=time.monotonic)
    monkeypatch.setattr(journey, "time", clock)
    monkeypatch.setattr(camera, "_PATIENCE_SECONDS", 3.0)
    prepare(route(f"{market.shop('hero').url}/products/*", hang))
    before("page", age)
    assert market.answers_200()
    bought = market.buy()
    assert bought["page"].outcome is Outcome.PASS
    assert bought["product"].outcome is Outcome.UNKNOWN, bought.describe()
    assert bought.ended(Outcome.PASS) == ["page"]
