"""All shops at once: one browser, a customer of its own for each shop, a few at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

from playwright.async_api import Browser

from verify.purchase.browser import NoBrowserError, chromium, new_context
from verify.purchase.calls import follow
from verify.purchase.journey import STEPS, purchase, unreached
from verify.purchase.orders import Orders
from verify.purchase.releases import Customer, customers
from verify.purchase.visit import Terms, Visit
from verify.results import Result
from verify.rollouts import Rollouts, worst
from verify.target import Shop, Target
from verify.web import Web, why

OnResult = Callable[[Result], None]


async def buy(
    target: Target,
    shops: Sequence[Shop],
    on_result: OnResult,
    terms: Terms = Terms(),  # noqa: B008  (frozen)
    rollouts: Rollouts | None = None,
) -> list[Result]:
    """Buy the marked test product in every shop, and through every release that was met; gives every step's result.

    The results come shop by shop, and ``on_result`` gets each as it comes. Without a browser every step is ``could not
    tell``, with the remedy.
    """
    try:
        async with chromium(target.resolve) as browser, Web(target) as web:
            market = _Market(browser, web, terms)
            sent = customers(shops, rollouts or {})
            of_each = [[one for one in sent if one.shop is shop] for shop in shops]
            found = await asyncio.gather(*(market.sell(those, on_result) for those in of_each))
    except NoBrowserError as error:
        found = [
            [_said(unreached(step.check, shop, str(error), remedy=error.remedy), on_result) for step in STEPS]
            for shop in shops
        ]
    return [result for results in found for result in results]


class _Market:
    """Where customers buy, a few at a time."""

    def __init__(self, browser: Browser, web: Web, terms: Terms) -> None:
        self._browser, self._web, self._terms = browser, web, terms
        self._free = asyncio.Semaphore(terms.at_once)

    async def sell(self, sent: Sequence[Customer], on_result: OnResult) -> list[Result]:
        """Give the results of one shop: its customer's as they come, of several the worst when all have been."""
        if len(sent) == 1:
            return await self._served(sent[0], on_result)
        found = await asyncio.gather(*(self._served(one, lambda _: None) for one in sent))
        return [_said(one, on_result) for one in worst([("", results) for results in found])]

    async def _served(self, customer: Customer, on_result: OnResult) -> list[Result]:
        """Let one customer buy; where that breaks, it is this customer's own matter, and no step goes untold."""
        found: list[Result] = []
        async with self._free:
            try:
                async for each in self._visit(customer):
                    found.append(_said(each, on_result))  # noqa: PERF401  (what came before it breaks is kept)
            except Exception as error:  # noqa: BLE001  (whatever breaks one purchase may not break the others)
                line = f"the purchase broke off: {type(error).__name__}: {why(error)}"
                left = STEPS[len(found) :]
                found += [_said(unreached(step.check, customer.shop, line), on_result) for step in left]
        return found

    async def _visit(self, customer: Customer) -> AsyncIterator[Result]:
        target = self._web.target
        context = await new_context(self._browser, own_authority=target.trust is not None)
        try:
            page = await context.new_page()
            orders = Orders(self._web.http, target.checkout, target.token, customer.checkout)
            visit = Visit(target, customer.shop, self._terms, page, orders, customer.through)
            if customer.own:
                name, _, value = customer.own.partition("=")
                await context.add_cookies([{"name": name, "value": value, "url": customer.shop.url}])
            await follow(page, target.checkout, customer.checkout, visit.opened)
            async for result in purchase(visit):
                yield result
        finally:
            await context.close()


def _said(result: Result, on_result: OnResult) -> Result:
    on_result(result)
    return result
