"""What a shop shows: the right shop, of a planned release, not empty, at the planned prices."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import httpx

from verify.catalog import check
from verify.page import Offer, Page, read
from verify.results import Result
from verify.target import Product, Release, Shop
from verify.web import Web, why

LEAST_TEXT = 200
"""Fewer characters to read are no shop: the smallest of the fourteen themes has some 600."""
_READS = ("marker", "version", "body", "prices", "headers", "secrets")


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """A shop's first page as it came."""

    answer: httpx.Response
    page: Page


async def front(web: Web, shop: Shop) -> Front:
    """Get the first page; raises httpx.HTTPError."""
    answer = await web.get(f"{shop.url}/", Accept="text/html")
    return Front(answer=answer, page=read(answer.text))


def unreachable(shop: Shop, error: Exception) -> list[Result]:
    """Give what can be said of a shop that does not answer: nothing but that."""
    line = f"{shop.url}/ does not answer: {why(error)}"
    return [check("route").failed(shop.name, line), *_untold(shop, line)]


def route(shop: Shop, seen: Front) -> list[Result]:
    """Tell whether the host answers 200; without that, nothing can be told of the page."""
    status = seen.answer.status_code
    if status == 200:
        return [check("route").passed(shop.name, f"{shop.url}/ answers 200")]
    line = f"{shop.url}/ answers {status}, expected 200"
    return [check("route").failed(shop.name, line), *_untold(shop, line)]


def _untold(shop: Shop, line: str) -> list[Result]:
    return [check(one).untold(shop.name, f"the page could not be read: {line}") for one in _READS]


def marker(shop: Shop, page: Page) -> Result:
    """Tell whether the page says that it is this shop."""
    said, found = page.markers, check("marker")
    if not said:
        return found.failed(
            shop.name,
            f"{shop.url}/ says nothing of a shop (no meta tag flotilla:variant), expected {shop.name}",
            cause="something else answers for this host",
        )
    wanted = {"theme": shop.theme} if shop.theme else {}
    if shop.releases:
        wanted["variant"] = shop.name
    problem = "; ".join(
        f"{name} is {said.get(name) or 'not said'}, expected {value}" for name, value in wanted.items()
        if said.get(name) != value
    )  # fmt: skip
    known = f"variant {said.get('variant')}, theme {said.get('theme')}"
    well = known if wanted else f"{known} (no stack is known to compare it with)"
    return found.judged(
        shop.name, problem, well, cause="the host leads to another shop, or the shop has another's shop.json"
    )


def version(subject: str, said: Release, expected: frozenset[Release]) -> Result:
    """Tell whether what answered is a release of the plan."""
    found = check("version")
    if not expected:
        return found.untold(subject, f"{said} answers; no stack is known to compare it with", elsewhere=True)
    names = ", ".join(sorted(map(str, expected)))
    problem = "" if said in expected else f"{said} answers, expected {names}"
    return found.judged(
        subject, problem, f"{said} answers", cause="old pods still run, or another version was rolled out"
    )


def body(shop: Shop, page: Page) -> Result:
    """Tell whether there is a shop to read and something to buy."""
    problem = ""
    if len(page.text) < LEAST_TEXT:
        problem = f"answers 200 with an empty page: {len(page.text)} characters to read, expected {LEAST_TEXT} and more"
    elif not page.offers:
        problem = "no product is for sale: no buy button on the page"
    well = f"{len(page.offers)} offers, {len(page.text)} characters to read"
    return check("body").judged(shop.name, problem, well, cause="the route leads to nothing, or the catalogue is empty")


async def prices(web: Web, shop: Shop) -> Result:
    """Tell whether every product has its page, with the planned price."""
    found = check("prices")
    if not shop.products:
        return found.untold(shop.name, "no stack is known, so no price is expected", elsewhere=True)
    try:
        wrong = [line for line in await asyncio.gather(*(_price(web, shop, one) for one in shop.products)) if line]
    except httpx.HTTPError as error:
        return found.untold(shop.name, f"a product's page does not come: {why(error)}")
    well = f"{len(shop.products)} products at their planned prices"
    return found.judged(shop.name, "; ".join(wrong), well, cause="the shop runs with another catalogue than the plan's")


async def _price(web: Web, shop: Shop, product: Product) -> str:
    """Give what is wrong with a product's page, or nothing."""
    answer = await web.get(f"{shop.url}/products/{product.sku}")
    if answer.status_code != 200:
        return f"/products/{product.sku} answers {answer.status_code}, expected 200"
    shown = [offer for offer in read(answer.text).offers if offer.sku == product.sku]
    wanted = Offer(product.sku, str(product.amount), product.currency)
    if wanted in shown:
        return ""
    seen = ", ".join(f"{offer.price} {offer.currency}" for offer in shown) or "nothing"
    return f"{product.sku} costs {seen}, expected {product.amount} {product.currency}"


def said_release(page: Page) -> Release:
    """Give the release that a page says it is of."""
    return Release(page.markers.get("track", "no track"), page.markers.get("version", "no version"))


def judge(shop: Shop, seen: Front) -> Iterator[Result]:
    """Give all that the first page alone tells."""
    yield marker(shop, seen.page)
    yield version(shop.name, said_release(seen.page), shop.releases)
    yield body(shop, seen.page)
