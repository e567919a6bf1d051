"""What a shop shows: a page of status 200 that is not the shop, a wrong price, a secret, a missing header."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Mapping
from dataclasses import replace
from typing import Any

import httpx
import pytest

from tests.verify.asking import ask, at, checkout
from tests.verify.results import FAIL, PASS, UNKNOWN
from tests.verify.scripted import Answer, Script
from verify.checks import content, secrets, security
from verify.cluster import Snapshot
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


def shop_of(script: Script, known: Mapping[str, str] | secrets.Known | None = None, **shop: Any) -> dict[str, Result]:
    """Look at a shop that a script serves."""

    async def look(web: Web) -> list[Result]:
        seen = replace(web.target.shops[0], url=web.target.checkout)
        front = await content.front(web, seen)
        results = content.route(seen, front)
        if len(results) == 1:
            results += [*content.judge(seen, front), await content.prices(web, seen)]
            results += [security.headers("hero", front.answer, is_page=True)]
            own = known if isinstance(known, secrets.Known) else secrets.Known(values=known or {})
            results += [await secrets.scan(web, seen, front, own)]
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


TWO = PAGE.replace("</body>", '<div data-buy data-sku="diver-40" data-price="1" data-currency="EUR"></div></body>')


def test_every_product_s_page_is_looked_through() -> None:
    products = (*HERO["products"], Product(sku="flotilla-test", amount=0, currency="EUR", test=True))
    served = {"/": TWO, "/products/diver-40": PAGE, "/products/flotilla-test": PAGE}
    well = shop_of(pages(**served), products=products)["secrets"]
    assert (well.outcome, well.message[:9]) == (PASS, "5 answers")
    for path in ("/products/diver-40", "/products/flotilla-test"):
        found = shop_of(pages(**served | {path: PAGE + "whsec_0123456789abcdefABCD"}), products=products)["secrets"]
        assert (found.outcome, f"{path} holds a Stripe webhook secret" in found.message) == (FAIL, True)


@pytest.mark.parametrize("status", [302, 404, 500])
def test_what_does_not_come_was_not_looked_through(status: int) -> None:
    def without(method: str, path: str, given: Mapping[str, str]) -> Answer:
        return (status, SAFE, "") if path == "/assets/shop.js" else pages()(method, path, given)

    found = shop_of(without)["secrets"]
    assert (found.outcome, found.elsewhere) == (UNKNOWN, False)
    assert f"/assets/shop.js answers {status}, expected 200" in found.message


@pytest.mark.parametrize("written", ["a&amp;b&#39;c&quot;d-and-more", "a&b'c\\\"d-and-more"])
def test_a_value_is_found_as_html_or_json_writes_it(written: str) -> None:
    known = {"Secret checkout-database, key password": "a&b'c\"d-and-more"}
    assert shop_of(pages(), known)["secrets"].outcome is PASS
    found = shop_of(pages(**{"/": PAGE.replace("</body>", f"{written}</body>")}), known)["secrets"]
    assert found.outcome is FAIL


def test_only_values_that_were_looked_for_are_counted() -> None:
    known = {"Secret a, key long": "correct-horse-battery", "Secret b, key short": "EUR"}
    assert shop_of(pages(), known)["secrets"].message.endswith("and 1 values of the fleet")


def test_secrets_that_the_cluster_does_not_tell_are_no_pass() -> None:
    seen = Snapshot(namespace="n", silent={"secrets": "Forbidden"})
    found = shop_of(pages(), secrets.known_to(seen))["secrets"]
    assert (found.outcome, found.elsewhere) == (UNKNOWN, False)
    assert "the fleet's own values can't be read: Forbidden" in found.message
    worse = shop_of(pages(**{"/": PAGE + "whsec_0123456789abcdefABCD"}), secrets.known_to(seen))["secrets"]
    assert worse.outcome is FAIL
    assert shop_of(pages(), secrets.known_to(None))["secrets"].outcome is PASS, (
        "without a cluster forms are all there is"
    )


def test_what_the_checkout_tells_everybody_holds_no_secret() -> None:
    known = secrets.Known(values={"Secret checkout-database, key password": "correct-horse-battery"})

    def look(web: Web) -> Awaitable[Result]:
        return secrets.answers(web, known)

    assert ask(checkout, look).outcome is PASS
    said = json.dumps({"ok": False, "database": {"ok": False, "error": "could not use correct-horse-battery"}})
    found = ask(at("/health", (503, {}, said)), look)
    assert (found.subject, found.outcome) == ("checkout", FAIL)
    assert "/health holds the value of Secret checkout-database, key password" in found.message
    assert "correct-horse" not in str(found)


@pytest.mark.parametrize(
    ("header", "value", "seen"),
    [
        ("X-Content-Type-Options", "", "no X-Content-Type-Options"),
        ("X-Frame-Options", "ALLOWALL", "may be framed"),
        ("Referrer-Policy", None, "no Referrer-Policy"),
        ("Content-Security-Policy", None, "no Content-Security-Policy"),
        ("Content-Security-Policy", "script-src 'unsafe-inline'", "unsafe scripts"),
        ("Content-Security-Policy", "default-src 'self' 'unsafe-eval'", "unsafe scripts"),
        ("Content-Security-Policy", "script-src 'self'; script-src-attr 'unsafe-inline'", "unsafe scripts"),
        ("Content-Security-Policy", "style-src 'self'", "unsafe scripts"),
        ("Content-Security-Policy", "default-src *", "unsafe scripts"),
    ],
)
def test_a_security_header_that_is_missing_or_weak_is_named(header: str, value: str | None, seen: str) -> None:
    headers = {name: text for name, text in (SAFE | {header: value}).items() if text is not None}
    found = shop_of(lambda method, path, given: (pages()(method, path, given)[0], headers, PAGE))["headers"]
    assert found.outcome is FAIL
    assert seen in found.message


@pytest.mark.parametrize(
    "policy",
    [
        "default-src 'self'; style-src 'self' 'unsafe-inline'",
        "default-src * 'unsafe-inline'; script-src 'self'",
        "script-src 'unsafe-inline' 'nonce-abc'",
    ],
)
def test_what_a_policy_lets_styles_do_is_no_unsafe_script(policy: str) -> None:
    headers = SAFE | {"Content-Security-Policy": policy}
    found = shop_of(lambda method, path, given: (pages()(method, path, given)[0], headers, PAGE))["headers"]
    assert found.outcome is PASS, found.message


def test_a_page_that_all_may_frame_is_named() -> None:
    headers = {name: value for name, value in SAFE.items() if name != "X-Frame-Options"}
    for ancestors, well in (("'none'", True), ("*", False)):
        given = headers | {"Content-Security-Policy": f"default-src 'none'; frame-ancestors {ancestors}"}
        found = shop_of(lambda *_, given=given: (200, given, PAGE))["headers"]
        assert (found.outcome is PASS) == well


@pytest.mark.parametrize(
    ("value", "well"), [("max-age=31536000; includeSubDomains", True), ("max-age=300", False), ("", False)]
)
def test_browsers_must_insist_on_https_for_a_year(value: str, *, well: bool) -> None:
    request = httpx.Request("GET", "https://hero.shops.test/")
    answer = httpx.Response(200, headers=SAFE | {"Strict-Transport-Security": value}, request=request)
    assert (security.headers("hero", answer, is_page=True).outcome is PASS) == well
