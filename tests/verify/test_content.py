"""What a shop shows: a page of status 200 that is not the shop, a wrong price, a secret, a missing header."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx
import pytest

from tests.verify.asking import ask
from tests.verify.results import FAIL, PASS, UNKNOWN
from tests.verify.scripted import Script
from verify.checks import content, secrets, security
from verify.results import Result
from verify.target import Product, Release
from verify.web import Web

PAGE = """<!doctype html><html><head><title>Hero</title>
<meta name="flotilla:variant" content="hero"><meta name="flotilla:theme" content="hero">
<meta name="flotilla:version" content="2.3.0"><meta name="flotilla:track" content="stable">
<script src="/assets/shop.js"></script><style>p{}</style></head><body>""" + (
    "<p>A watch that reads at a glance, day or night, and at every depth.</p>" * 5
    + '<div data-buy data-sku="field-38" data-price="24900" data-currency="EUR"></div></body></html>'
)
SAFE = {
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin",
    "Content-Security-Policy": "default-src 'none'",
}
HERO: dict[str, Any] = {
    "theme": "hero",
    "releases": frozenset({Release("stable", "2.3.0"), Release("canary", "2.4.0")}),
    "products": (Product(sku="field-38", amount=24900, currency="EUR"),),
}


def shop_of(script: Script, known: Mapping[str, str] | None = None, **shop: Any) -> dict[str, Result]:
    """Look at a shop that a script serves."""

    async def look(web: Web) -> list[Result]:
        seen = replace(web.target.shops[0], url=web.target.checkout)
        front = await content.front(web, seen)
        results = content.route(seen, front)
        if len(results) == 1:
            results += [*content.judge(seen, front), await content.prices(web, seen)]
            results += [security.headers("hero", front.answer, is_page=True)]
            results += [await secrets.scan(web, seen, front, known or {})]
        return results

    return {one.check: one for one in ask(script, look, **(HERO | shop))}


def pages(**changed: str) -> Script:
    """Serve the shop, with some of its addresses otherwise."""
    served = {"/": PAGE, "/products/field-38": PAGE, "/assets/shop.js": "const shop = 1"} | changed
    return lambda _method, path, _given: (200, SAFE, served[path]) if path in served else (404, SAFE, "nothing here")


def test_a_shop_as_it_should_be() -> None:
    found = shop_of(pages())
    assert {one.outcome for one in found.values()} == {PASS}, found
    assert set(found) == {"route", "marker", "version", "body", "prices", "headers", "secrets"}


@pytest.mark.parametrize(
    ("page", "check", "seen"),
    [
        ("", "marker", "says nothing of a shop (no meta tag flotilla:variant), expected hero"),
        ("", "body", "answers 200 with an empty page: 0 characters"),
        ("<html><script>" + "x" * 999 + "</script></html>", "body", "answers 200 with an empty page: 0 characters"),
        (
            PAGE.replace('variant" content="hero', 'variant" content="brutal'),
            "marker",
            "variant is brutal, expected hero",
        ),
        (PAGE.replace('theme" content="hero', 'theme" content="trust'), "marker", "theme is trust, expected hero"),
        (PAGE.replace("2.3.0", "2.2.9"), "version", "2.2.9 (stable) answers, expected 2.3.0 (stable), 2.4.0 (canary)"),
        (PAGE.replace('content="stable"', 'content="canary"'), "version", "2.3.0 (canary) answers"),
        (PAGE.replace("data-buy", "data-gone"), "body", "no product is for sale"),
    ],
)
def test_a_page_of_status_200_that_is_not_the_shop_fails(page: str, check: str, seen: str) -> None:
    found = shop_of(pages(**{"/": page}))
    assert found["route"].outcome is PASS, "a check of status codes says that it is fine"
    assert found[check].outcome is FAIL
    assert seen in found[check].message
    assert found[check].cause


def test_a_release_of_the_canary_is_as_good() -> None:
    assert (
        shop_of(pages(**{"/": PAGE.replace("2.3.0", "2.4.0").replace('"stable"', '"canary"')}))["version"].outcome
        is PASS
    )


@pytest.mark.parametrize(
    ("served", "seen"),
    [
        ({"/products/field-38": PAGE.replace("24900", "2490")}, "field-38 costs 2490 EUR, expected 24900 EUR"),
        ({"/products/field-38": PAGE.replace("EUR", "USD")}, "field-38 costs 24900 USD, expected 24900 EUR"),
        ({"/products/field-38": "<html>"}, "field-38 costs nothing, expected 24900 EUR"),
    ],
)
def test_a_price_that_is_not_the_plan_s_fails(served: dict[str, str], seen: str) -> None:
    found = shop_of(pages(**served))["prices"]
    assert (found.outcome, found.message) == (FAIL, seen)


def test_a_product_without_a_page_fails() -> None:
    products = (Product(sku="gone", amount=1, currency="EUR"),)
    assert shop_of(pages(), products=products)["prices"].message == "/products/gone answers 404, expected 200"


def test_of_a_bare_address_nothing_is_expected_and_that_is_said() -> None:
    found = shop_of(pages(), theme="", releases=frozenset(), products=())
    assert found["marker"].message == "variant hero, theme hero (no stack is known to compare it with)"
    assert [(found[one].outcome, found[one].elsewhere) for one in ("version", "prices")] == [(UNKNOWN, True)] * 2


@pytest.mark.parametrize("status", [404, 500, 503])
def test_a_shop_that_does_not_answer_200_tells_nothing_more(status: int) -> None:
    found = shop_of(lambda *_: (status, {}, PAGE))
    assert found["route"].outcome is FAIL
    assert {one.outcome for name, one in found.items() if name != "route"} == {UNKNOWN}


@pytest.mark.parametrize(
    "secret",
    [
        "sk_live_0123456789abcdefABCD",
        "rk_test_0123456789abcdefABCD",
        "whsec_0123456789abcdefABCD",
        "AKIA0123456789ABCDEF",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.0123456789abcdef0123",
        "-----BEGIN EC PRIVATE KEY-----",
        "postgres://checkout:hunter22@database:5432/checkout",
    ],
)
@pytest.mark.parametrize("path", ["/", "/products/field-38", "/assets/shop.js"])
def test_a_secret_in_a_page_or_script_is_found_by_its_form_and_not_repeated(path: str, secret: str) -> None:
    whole = {"/": PAGE, "/products/field-38": PAGE, "/assets/shop.js": ""}[path]
    found = shop_of(pages(**{path: whole + f"<!-- {secret} -->"}))["secrets"]
    assert found.outcome is FAIL
    assert secret not in str(found)


def test_the_fleet_s_own_values_are_found_and_not_repeated() -> None:
    known = {"Secret checkout-database, key password": "correct-horse-battery", "Secret x, key short": "EUR"}
    assert shop_of(pages(), known)["secrets"].outcome is PASS, "what is short stands in texts by chance"
    found = shop_of(pages(**{"/assets/shop.js": "const p = 'correct-horse-battery'"}), known)["secrets"]
    assert found.outcome is FAIL
    assert "holds the value of Secret checkout-database, key password" in found.message
    assert "correct-horse" not in str(found)


@pytest.mark.parametrize(
    ("header", "value", "seen"),
    [
        ("X-Content-Type-Options", "", "no X-Content-Type-Options"),
        ("X-Frame-Options", "ALLOWALL", "may be framed"),
        ("Referrer-Policy", None, "no Referrer-Policy"),
        ("Content-Security-Policy", None, "no Content-Security-Policy"),
        ("Content-Security-Policy", "script-src 'unsafe-inline'", "unsafe scripts"),
    ],
)
def test_a_security_header_that_is_missing_or_weak_is_named(header: str, value: str | None, seen: str) -> None:
    headers = {name: text for name, text in (SAFE | {header: value}).items() if text is not None}
    found = shop_of(lambda method, path, given: (pages()(method, path, given)[0], headers, PAGE))["headers"]
    assert found.outcome is FAIL
    assert seen in found.message


@pytest.mark.parametrize(
    ("value", "well"), [("max-age=31536000; includeSubDomains", True), ("max-age=300", False), ("", False)]
)
def test_browsers_must_insist_on_https_for_a_year(value: str, *, well: bool) -> None:
    request = httpx.Request("GET", "https://hero.shops.test/")
    answer = httpx.Response(200, headers=SAFE | {"Strict-Transport-Security": value}, request=request)
    assert (security.headers("hero", answer, is_page=True).outcome is PASS) == well
