"""Whether a page or script holds a secret: by the forms of known keys, and by the fleet's own values."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from urllib.parse import urljoin, urlsplit

import httpx

from verify.catalog import check
from verify.checks.content import Front
from verify.results import Result
from verify.target import Shop
from verify.web import Web, why

SHORTEST = 12
"""Values shorter than this stand in texts by chance, so they are not looked for."""
PATTERNS = {
    "a Stripe secret key": r"\b(?:sk|rk)_(?:live|test)_[0-9A-Za-z]{16,}",
    "a Stripe webhook secret": r"\bwhsec_[0-9A-Za-z+/=_-]{16,}",
    "an AWS access key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a GitHub token": r"\bgh[pousr]_[0-9A-Za-z]{36,}",
    "a JSON web token": r"\beyJ[0-9A-Za-z_-]{8,}\.eyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{16,}",
    "a private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
    "an address with a password": r"\b(?:postgres(?:ql)?|https?)://[^\s:/@\"']+:[^\s:/@\"']+@",
}
"""The published forms of keys (Stripe, API keys; AWS, IAM identifiers; GitHub, token formats; RFC 7519; RFC 7468)."""
_COMPILED = {what: re.compile(pattern) for what, pattern in PATTERNS.items()}


def found_in(text: str, known: Mapping[str, str]) -> list[str]:
    """Name what secret ``text`` holds; ``known`` has the fleet's own values by the names to call them.

    The values themselves are never part of the answer.
    """
    by_form = [what for what, pattern in _COMPILED.items() if pattern.search(text)]
    own = [f"the value of {name}" for name, value in known.items() if len(value) >= SHORTEST and value in text]
    return by_form + own


async def scan(web: Web, shop: Shop, seen: Front, known: Mapping[str, str]) -> Result:
    """Look through the first page, a product's page and the page's own scripts."""
    texts = {f"{shop.url}/": seen.answer.text}
    try:
        for url, answer in zip(urls := _others(shop, seen), await asyncio.gather(*map(web.get, urls)), strict=True):
            texts[url] = answer.text
    except httpx.HTTPError as error:
        return check("secrets").untold(shop.name, f"a page or script does not come: {why(error)}")
    problem = "; ".join(f"{url} holds {what}" for url, text in texts.items() for what in found_in(text, known))
    by = f"the forms of {len(PATTERNS)} kinds" + (f" and {len(known)} values of the fleet" if known else "")
    return check("secrets").judged(
        shop.name,
        problem,
        f"{len(texts)} pages and scripts hold no secret, by {by}",
        cause="a secret stands in the shop's configuration or image",
        remedy="rotate it now: it is public; then take it out of the shop's ConfigMap or image",
    )


def _others(shop: Shop, seen: Front) -> list[str]:
    pages = [f"{shop.url}/products/{offer.sku}" for offer in seen.page.offers[:1]]
    scripts: Iterable[str] = (urljoin(f"{shop.url}/", script) for script in seen.page.scripts)
    return [*pages, *(url for url in scripts if urlsplit(url).hostname == shop.host)]
