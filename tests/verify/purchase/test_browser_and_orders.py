"""How the browser is started, and what counts as an answer of the checkout."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import pytest

from verify.purchase import browser
from verify.purchase.orders import Order, Orders, UnreadableError

ORDER = {"orderId": "o-1", "status": "paid", "variant": "hero", "sku": "a", "quantity": 1, "amount": 5, "test": True}
Answer = Callable[[httpx.Request], httpx.Response]


def ask(answer: Answer) -> Order:
    async def asked() -> Order:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
            return await Orders(client, "https://checkout.shops.test", "secret").get("o-1")

    return asyncio.run(asked())


def test_hosts_are_found_where_the_target_says_and_no_proxy_is_asked() -> None:
    found = browser.arguments({"a.test": "10.0.0.1", "b.test": "10.0.0.2"})
    assert "--host-resolver-rules=MAP a.test 10.0.0.1, MAP b.test 10.0.0.2" in found
    assert "--no-proxy-server" in found
    assert not {"--no-proxy-server"} & set(browser.arguments({}))


@pytest.mark.parametrize("uid", [0, 1000])
def test_only_root_gives_up_chromium_s_sandbox(uid: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: uid)
    assert ("--no-sandbox" in browser.arguments({})) is (uid == 0)


def test_an_order_is_read() -> None:
    order = ask(lambda _: httpx.Response(200, json=ORDER | {"currency": "eur"}))
    assert (order.is_paid, order.currency, order.amount) == (True, "EUR", 5)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (httpx.Response(200, json=ORDER), "no order (KeyError('currency'))"),
        (httpx.Response(200, text="<html>"), "HTTP 200 and no JSON"),
        (httpx.Response(200, json=["o-1"]), "HTTP 200, expected 200"),
        (httpx.Response(404, json={"error": {"message": "there is no such order"}}), "404, expected 200: there is no"),
        (httpx.Response(503, json={"error": "down"}), "503, expected 200: down"),
    ],
)
def test_what_is_no_order_is_told_in_one_line(answer: httpx.Response, words: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        ask(lambda _: answer)
    assert words in str(caught.value)
    assert "GET https://checkout.shops.test/api/orders/o-1" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_checkout_that_is_away_is_told_in_one_line() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(UnreadableError, match="ConnectError refused"):
        ask(refuse)


def test_the_token_goes_where_test_orders_are_and_nowhere_else() -> None:
    seen: dict[str, str | None] = {}

    def note(request: httpx.Request) -> httpx.Response:
        seen[request.url.path] = request.headers.get("authorization")
        return (
            httpx.Response(202, json={})
            if request.method == "POST"
            else httpx.Response(200, json=ORDER | {"currency": "eur"})
        )

    async def asked() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(note)) as client:
            orders = Orders(client, "https://checkout.shops.test", "secret")
            await orders.get("o-1")
            await orders.correlation_id("o-1")
            await orders.refund("o-1", 0)

    asyncio.run(asked())
    assert seen == {
        "/api/orders/o-1": None,
        "/api/test-orders/o-1": "Bearer secret",
        "/api/test-orders/o-1/refund": "Bearer secret",
    }
