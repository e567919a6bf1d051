"""Which releases a purchase goes through: customers are shared out so that each release has one, and kept to it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from playwright.async_api import BrowserContext, Page
from playwright.async_api import Error as PlaywrightError

from verify.rollouts import Met, Rollout, Rollouts
from verify.target import CHECKOUT, Shop, Target


@dataclass(frozen=True, slots=True)
class Customer:
    """Who is to buy in a shop: the cookies of the releases it is kept to, empty where whichever answers will do.

    ``through`` says which these are, in the words of a result.
    """

    shop: Shop
    own: str = ""
    checkout: str = ""
    through: str = ""


def customers(shops: Sequence[Shop], rollouts: Rollouts) -> list[Customer]:
    """Give a customer for each release of each shop, and in turn for each of the checkout's, more where those lack."""
    visits = [(shop, own) for shop in shops for own in _met(rollouts.get(shop.name))]
    called = _met(rollouts.get(CHECKOUT))
    visits += visits[:1] * (len(called) - len(visits))
    return [_customer(shop, own, met, rollouts) for (shop, own), met in zip(visits, cycle(called), strict=False)]


async def keep(page: Page, target: Target, customer: Customer) -> None:
    """Keep a customer to its releases.

    The shop's cookie goes where a browser keeps cookies. The buy script's calls send none (fetch, credentials: omit),
    so the checkout's is put on each as it leaves; playwright's own interception would answer the preflights itself.
    """
    if customer.own:
        name, _, value = customer.own.partition("=")
        await page.context.add_cookies([{"name": name, "value": value, "url": customer.shop.url}])
    if customer.checkout:
        await _put_on_calls(page.context, page, target.checkout, customer.checkout)


async def _put_on_calls(context: BrowserContext, page: Page, address: str, cookie: str) -> None:
    session = await context.new_cdp_session(page)

    async def go_on(event: dict[str, Any]) -> None:
        headers = [{"name": name, "value": value} for name, value in event["request"]["headers"].items()]
        if event["request"]["method"] != "OPTIONS":  # a preflight is the browser's own, and never has cookies
            headers.append({"name": "Cookie", "value": cookie})
        with suppress(PlaywrightError):  # the page was left meanwhile
            await session.send("Fetch.continueRequest", {"requestId": event["requestId"], "headers": headers})

    session.on("Fetch.requestPaused", go_on)
    await session.send("Fetch.enable", {"patterns": [{"urlPattern": f"{address}/*"}]})


def _met(rollout: Rollout | None) -> Sequence[Met | None]:
    return rollout.met if rollout is not None and rollout.met else (None,)


def _customer(shop: Shop, own: Met | None, met: Met | None, rollouts: Rollouts) -> Customer:
    through = [
        f"{what} {rollouts[subject].name(one)}"
        for what, subject, one in (("shop", shop.name, own), ("checkout", CHECKOUT, met))
        if one is not None
    ]
    return Customer(shop, own.cookie if own else "", met.cookie if met else "", ", ".join(through))
