"""The shop's page and the test product's, before the click; and what the browser complained of on any of the pages."""

from __future__ import annotations

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Response

from fleet import naming
from fleet.catalogue import TEST_SKU
from verify.purchase.browser import one_line
from verify.purchase.visit import Blame, Finding, Visit, money

NETWORK_CHANGED = "net::ERR_NETWORK_CHANGED"
"""Chromium drops what it loads when an address comes or goes on this machine, as a pod's does: no shop's fault."""
_PROXY = {
    404: ("no route serves this host", "look for its IngressRoute and the API group in it (traefik.io/v1alpha1)"),
    502: (
        "the route leads to a port that nobody listens on",
        "make targetPort, containerPort and the app's port agree",
    ),
    503: ("no ready pod stands behind the Service", "look at the pods and at the Service's selector"),
    504: ("the pods do not answer in time", "look at the pods' log and load"),
}
"""What a proxy's own answers mean (Traefik, Services; RFC 9110, 15.6)."""


async def open_shop(visit: Visit) -> Finding:
    """Open the shop's page: it must answer, be this very shop, and show something."""
    url = visit.origin + "/"
    refused = await _open(visit, url)
    if refused is not None:
        return refused
    found = await markers(visit.page)
    wrong = await _other_shop(visit, found)
    if wrong is not None:
        return wrong
    visit.variant = found["variant"]
    await visit.page.wait_for_function("document.fonts.status === 'loaded'", timeout=visit.terms.page * 1000)
    release = f"{found.get('version', '?')} ({found.get('track', '?')})"
    return Finding.passed(f"{url} is {visit.variant} in theme {found.get('theme', '?')}, version {release}")


async def open_product(visit: Visit) -> Finding:
    """Open the test product's page: the price must be the plan's."""
    refused = await _open(visit, f"{visit.origin}/products/{TEST_SKU}")
    if refused is not None:
        return refused
    offer = visit.page.locator(f'[data-buy][data-sku="{TEST_SKU}"]')
    if await offer.count() != 1:
        return Finding.failed(
            f"the page of {TEST_SKU} has {await offer.count()} offers ([data-buy][data-sku]), expected 1",
            Blame("the storefront's image does not know the page's contract", _deployment(visit), "see its README"),
            stops=True,
        )
    price, currency = await offer.get_attribute("data-price") or "", await offer.get_attribute("data-currency") or ""
    if not price.isdecimal() or not currency:
        return Finding.failed(
            f"the offer's price is {price!r} {currency!r}, expected a whole number and a currency",
            Blame("the shop's catalogue can't be read", _deployment(visit), "look at shop.json in its ConfigMap"),
        )
    visit.shown = int(price), currency.upper()
    return _priced(visit, visit.shown)


async def complain_of_scripts(visit: Visit) -> Finding:
    """Judge what the browser said of the pages' scripts."""
    if visit.watch.scripts:
        return Finding.failed(
            f"{_count(visit.watch.scripts, 'script error')}: {visit.watch.scripts[0]}",
            Blame("a script of the page is broken", _deployment(visit), "open the page with the browser's console"),
        )
    return Finding.passed("no script error on the shop's pages")


async def complain_of_assets(visit: Visit) -> Finding:
    """Judge whether everything that the pages are made of came."""
    if visit.watch.assets:
        return Finding.failed(
            f"{_count(visit.watch.assets, 'asset')} did not come: {visit.watch.assets[0]}",
            Blame("the page names a file that its server does not have", _deployment(visit), "rebuild the image"),
        )
    return Finding.passed("every style sheet, script, font and picture of the shop's pages came")


async def markers(page: Page) -> dict[str, str]:
    """Give what a page says it is: its ``flotilla:`` meta tags by name."""
    found = await page.locator('meta[name^="flotilla:"]').evaluate_all("all => all.map(one => [one.name, one.content])")
    return {name.removeprefix("flotilla:"): content for name, content in found}


async def _open(visit: Visit, url: str) -> Finding | None:
    """Go to a page of the shop; gives what refused it, or None."""
    route = visit.resource("IngressRoute", naming.storefront(visit.shop.name))
    try:
        answer = await _load(visit, url)
    except PlaywrightError as error:
        blame = Blame(
            "the host is not served, or its certificate is not valid", route, "see the checks dns and certificate"
        )
        return Finding.failed(f"{url} does not open: {one_line(error)}", blame, stops=True)
    if answer is None or answer.status != 200:
        status = answer.status if answer else 0
        cause, remedy = _PROXY.get(status, ("the shop's server refuses the page", "look at the pods' log"))
        return Finding.failed(f"{url}: HTTP {status}, expected 200", Blame(cause, route, remedy), stops=True)
    return None


async def _load(visit: Visit, url: str) -> Response | None:
    """Load a page, and once more when this machine's network changed meanwhile."""
    try:
        answer = await visit.page.goto(url, wait_until="load", timeout=visit.terms.page * 1000)
    except PlaywrightError as error:
        if NETWORK_CHANGED not in str(error):
            raise
        # Chromium's own error page comes first; a page that is asked for before it would be interrupted by it.
        await visit.page.wait_for_url("chrome-error://**", timeout=visit.terms.page * 1000)
    else:
        if not visit.watch.forget(NETWORK_CHANGED):
            return answer
    visit.watch.forget(NETWORK_CHANGED)
    return await visit.page.goto(url, wait_until="load", timeout=visit.terms.page * 1000)


async def _other_shop(visit: Visit, found: dict[str, str]) -> Finding | None:
    """Say why what answered 200 is not the shop, or None. A shop of a bare address is whichever shop answers."""
    route = visit.resource("IngressRoute", naming.storefront(visit.shop.name))
    if not (await visit.page.locator("body").inner_text()).strip():
        blame = Blame(
            "two routes claim this host, or its Service has no pods of the shop", route, "leave one route a host"
        )
        return Finding.failed("HTTP 200 and an empty page", blame, stops=True)
    if "variant" not in found:
        blame = Blame("another server answers for this host", route, "look at every route that names this host")
        title = (await visit.page.title()).strip()
        return Finding.failed(f"HTTP 200 and no marker flotilla:variant; the page is {title!r}", blame, stops=True)
    # The name of a bare address is only what the report calls it.
    expected = {"variant": visit.shop.name, "theme": visit.shop.theme} if visit.planned else {}
    wrong = [
        f"{name} {found.get(name)!r}, expected {value!r}"
        for name, value in expected.items()
        if found.get(name) != value
    ]
    if wrong:
        blame = Blame("the route of this host leads to another shop", route, "compare its service with the plan's")
        return Finding.failed(f"the marker says {'; '.join(wrong)}", blame, stops=True)
    return None


def _priced(visit: Visit, shown: tuple[int, str]) -> Finding:
    planned = visit.price
    if planned is None:
        return Finding.passed(f"{TEST_SKU} costs {money(*shown)} (no plan is known to compare it with)")
    if shown != planned:
        return Finding.failed(
            f"{TEST_SKU} costs {money(*shown)} in the shop, expected {money(*planned)}",
            Blame("the shop runs with another catalogue than the plan's", _deployment(visit), "apply the stack again"),
        )
    return Finding.passed(f"{TEST_SKU} costs {money(*shown)}, as planned")


def _deployment(visit: Visit) -> str:
    return visit.resource("Deployment", naming.storefront(visit.shop.name))


def _count(lines: list[str], what: str) -> str:
    return f"{len(lines)} {what}{'s' if len(lines) > 1 else ''}"
