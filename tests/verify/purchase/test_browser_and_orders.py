"""How the browser is started, and what counts as an answer of the checkout."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from verify.purchase import browser
from verify.purchase import orders as asked_of
from verify.purchase.ordering import settle
from verify.purchase.orders import Order, Orders, UnreadableError
from verify.purchase.visit import Terms

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


def awaited(*answers: httpx.Response, deadline: float) -> Order:
    left = list(answers)

    async def asked() -> Order:
        def answer(_: httpx.Request) -> httpx.Response:
            return left.pop(0) if len(left) > 1 else left[0]

        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
            orders = Orders(client, "https://checkout.shops.test", "secret")
            return await orders.until("o-1", lambda one: one.is_paid, deadline)

    return asyncio.run(asked())


PAID, OPEN = ORDER | {"currency": "eur"}, ORDER | {"currency": "eur", "status": "checkout_open"}
EVER, NEVER = math.inf, 0.0


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked_of, "_PAUSE_SECONDS", 0)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("blip", [httpx.Response(502, text="Bad Gateway"), httpx.Response(429, text="Too Many")])
def test_a_blip_while_an_order_is_awaited_is_no_failure(blip: httpx.Response) -> None:
    assert awaited(httpx.Response(200, json=OPEN), blip, httpx.Response(200, json=PAID), deadline=EVER).is_paid


def test_what_never_answers_again_is_told_at_the_deadline() -> None:
    with pytest.raises(UnreadableError, match="HTTP 502 and no JSON"):
        awaited(httpx.Response(502, text="Bad Gateway"), deadline=NEVER)
    assert not awaited(httpx.Response(200, json=OPEN), deadline=NEVER).is_paid


@pytest.mark.usefixtures("hasty")
def test_a_refund_is_asked_for_again_where_that_may_help() -> None:
    def refund(*answers: int) -> int:
        left = list(answers)

        async def asked() -> None:
            transport = httpx.MockTransport(lambda _: httpx.Response(left.pop(0), json={}))
            async with httpx.AsyncClient(transport=transport) as client:
                await Orders(client, "https://checkout.shops.test", "secret").refund("o-1", EVER)

        asyncio.run(asked())
        return len(left)

    assert refund(503, 202) == 0
    with pytest.raises(UnreadableError, match="HTTP 409, expected 202"):
        refund(409, 202)


def settled(*answers: httpx.Response, token: str | None = "secret", order: str = "o-1") -> str:
    left = list(answers)

    async def asked() -> str:
        async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: left.pop(0))) as client:
            visit: Any = SimpleNamespace(
                order_id=order, given_back=False, terms=Terms(), orders=Orders(client, "https://c.test", token)
            )
            first = await settle(visit)
            assert await settle(visit) == "" or token is None, "once is enough"
            return first

    return asyncio.run(asked())


def test_an_order_that_was_not_given_back_is_named() -> None:
    paid, opened = httpx.Response(200, json=PAID), httpx.Response(200, json=OPEN)
    assert settled(order="") == ""
    assert settled(token=None) == "; order o-1 is not refunded: that needs the verification token"
    assert settled(opened) == "; order o-1 stays checkout_open"
    assert settled(paid, httpx.Response(202, json={})) == "; the money of order o-1 is given back"
    failed = settled(paid, httpx.Response(503, json={"error": "down"}))
    assert failed.startswith("; order o-1 is not refunded: POST https://c.test/api/test-orders/o-1/refund: HTTP 503")
