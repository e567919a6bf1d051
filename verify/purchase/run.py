"""All shops at once: one browser, a customer of its own for each shop, a few at a time."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import httpx
from playwright.async_api import Browser

from verify.purchase.browser import NoBrowserError, chromium, new_context
from verify.purchase.journey import STEPS, purchase, unreached
from verify.purchase.orders import Orders
from verify.purchase.visit import Terms, Visit
from verify.results import Result
from verify.target import Shop, Target

OnResult = Callable[[Result], None]


async def buy(target: Target, shops: Sequence[Shop], on_result: OnResult, terms: Terms = Terms()) -> list[Result]:  # noqa: B008  (frozen)
    """Buy the marked test product once in every shop; gives every step's result, shop by shop.

    ``on_result`` gets each as it comes. Without a browser every step is ``could not tell``, with the remedy.
    """
    try:
        async with chromium(target.resolve) as browser, _client(target) as client:
            free = asyncio.Semaphore(terms.at_once)
            orders = Orders(client, target.checkout, target.token)

            async def one(shop: Shop) -> list[Result]:
                async with free:
                    return [each async for each in _visit(browser, target, shop, terms, orders, on_result)]

            found = await asyncio.gather(*map(one, shops))
    except NoBrowserError as error:
        found = [
            [_said(unreached(step.check, shop, str(error), remedy=error.remedy), on_result) for step in STEPS]
            for shop in shops
        ]
    return [result for results in found for result in results]


async def _visit(
    browser: Browser, target: Target, shop: Shop, terms: Terms, orders: Orders, on_result: OnResult
) -> AsyncIterator[Result]:
    context = await new_context(browser, own_authority=target.trust is not None)
    try:
        visit = Visit(target, shop, terms, await context.new_page(), orders)
        async for result in purchase(visit):
            yield _said(result, on_result)
    finally:
        await context.close()


def _said(result: Result, on_result: OnResult) -> Result:
    on_result(result)
    return result


@asynccontextmanager
async def _client(target: Target) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client that trusts and finds what the browser does."""
    context = ssl.create_default_context()
    if target.trust is not None:
        context.load_verify_locations(target.trust)
    async with httpx.AsyncClient(transport=_Placed(context, target), timeout=10, trust_env=False) as client:
        yield client


class _Placed(httpx.AsyncHTTPTransport):
    """Connects to where a host is, and still asks for the host."""

    def __init__(self, context: ssl.SSLContext, target: Target) -> None:
        super().__init__(verify=context, trust_env=False)
        self._target = target

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        address = self._target.address_of(host)
        if address is not None:
            request.extensions = {**request.extensions, "sni_hostname": host}
            request.url = request.url.copy_with(host=address)
        return await super().handle_async_request(request)
