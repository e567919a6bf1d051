"""All shops at once: one browser, a customer of its own for each shop, a few at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

from playwright.async_api import Browser

from verify.purchase.browser import NoBrowserError, chromium, new_context
from verify.purchase.journey import STEPS, purchase, unreached
from verify.purchase.orders import Orders
from verify.purchase.visit import Terms, Visit
from verify.results import Result
from verify.target import Shop, Target
from verify.web import Web

OnResult = Callable[[Result], None]


async def buy(target: Target, shops: Sequence[Shop], on_result: OnResult, terms: Terms = Terms()) -> list[Result]:  # noqa: B008  (frozen)
    """Buy the marked test product once in every shop; gives every step's result, shop by shop.

    ``on_result`` gets each as it comes. Without a browser every step is ``could not tell``, with the remedy.
    """
    try:
        async with chromium(target.resolve) as browser, Web(target) as web:
            free = asyncio.Semaphore(terms.at_once)
            orders = Orders(web.http, target.checkout, target.token)

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
