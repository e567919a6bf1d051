"""Whether a page, script or answer of the API holds a secret: by the forms of known keys and the fleet's own values."""

from __future__ import annotations

import asyncio
import html
import json
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

import httpx

from verify.catalog import check
from verify.checks.content import Front
from verify.cluster import Snapshot
from verify.results import Result
from verify.target import CHECKOUT, Shop
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The fleet's own values by the names to call them; ``silent`` says why the cluster does not tell them."""

    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    silent: str = ""

    @property
    def searched(self) -> Mapping[str, str]:
        """The values that are looked for."""
        return {name: value for name, value in self.values.items() if len(value) >= SHORTEST}


def known_to(seen: Snapshot | None) -> Known:
    """Give what is known of the fleet's own values: nothing where there is no access to its cluster."""
    if seen is None:
        return Known()
    reasons = (seen.silent.get(question) for question in ("secrets", "the fleet's objects"))
    return Known(values=seen.secrets, silent=next(filter(None, reasons), ""))


def found_in(text: str, known: Mapping[str, str]) -> list[str]:
    """Name what secret ``text`` holds, as it stands or by HTML's or JSON's spelling; ``known`` has values by name.

    The values themselves are never part of the answer.
    """
    spellings = (text, html.unescape(text))
    by_form = [what for what, pattern in _COMPILED.items() if any(map(pattern.search, spellings))]
    own = [
        f"the value of {name}"
        for name, value in known.items()
        if len(value) >= SHORTEST and any(form in one for form in (value, _in_json(value)) for one in spellings)
    ]
    return by_form + own


def _in_json(value: str) -> str:
    return json.dumps(value)[1:-1]


async def scan(web: Web, shop: Shop, seen: Front, known: Known) -> Result:
    """Look through the first page, every product's page and the page's own scripts."""
    texts, missing = {f"{shop.url}/": seen.answer.text}, ""
    try:
        for url, answer in zip(urls := _others(shop, seen), await asyncio.gather(*map(web.get, urls)), strict=True):
            texts[url] = answer.text
            if answer.status_code != 200 and not missing:
                missing = f"{url} answers {answer.status_code}, expected 200: what should stand there was not seen"
    except httpx.HTTPError as error:
        missing = f"a page or script does not come: {why(error)}"
    return _judged(shop.name, texts, known, missing)


async def answers(web: Web, known: Known) -> Result:
    """Look through what the checkout tells everybody: its health and its refusals, which may repeat what went wrong."""
    asked = ("/health", "/health/ready", f"/api/orders/{uuid.uuid4()}", "/api/reconciliation")
    texts, missing = {}, ""
    try:
        for path in asked:
            texts[f"{web.target.checkout}{path}"] = (await web.ask("GET", path)).text
    except httpx.HTTPError as error:
        missing = f"an answer does not come: {why(error)}"
    return _judged(CHECKOUT, texts, known, missing)


def _judged(subject: str, texts: Mapping[str, str], known: Known, missing: str) -> Result:
    """Judge what was seen; what could not be seen, or compared, is no pass."""
    found, searched = check("secrets"), known.searched
    if problem := "; ".join(f"{url} holds {what}" for url, text in texts.items() for what in found_in(text, searched)):
        return found.failed(
            subject,
            problem,
            cause="a secret stands in the shop's configuration or image, or an error repeats it",
            remedy="rotate it now: it is public; then take it out of the ConfigMap, the image or the message",
        )
    if missing:
        return found.untold(subject, missing)
    if known.silent:
        return found.untold(
            subject,
            f"no secret by its form; the fleet's own values can't be read: {known.silent}",
            remedy="name a context that may read the namespace's Secrets, or leave the cluster out: --no-cluster",
        )
    by = f"the forms of {len(PATTERNS)} kinds" + (f" and {len(searched)} values of the fleet" if searched else "")
    return found.passed(subject, f"{len(texts)} answers hold no secret, by {by}")


def _others(shop: Shop, seen: Front) -> list[str]:
    """Give the pages of all products that are shown or planned, and the page's scripts from the shop's own host."""
    skus = dict.fromkeys([*(offer.sku for offer in seen.page.offers), *(product.sku for product in shop.products)])
    scripts: Iterable[str] = (urljoin(f"{shop.url}/", script) for script in seen.page.scripts)
    own = dict.fromkeys(url for url in scripts if urlsplit(url).hostname == shop.host)
    return [*(f"{shop.url}/products/{sku}" for sku in skus), *own]
