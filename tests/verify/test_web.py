"""What is asked over HTTP, held against a server that errs in one thing at a time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.verify.results import FAIL, PASS, UNKNOWN
from tests.verify.scripted import Answer, Script, scripted
from verify.checks import content, health, latency, reconciliation, secrets, security
from verify.results import Outcome, Result
from verify.target import Product, Release, Shop, Target
from verify.web import Web

SHOP = "https://hero.shops.test"
TOKEN = "the-token-of-this-test"
Changed = Callable[[str, str, Mapping[str, str]], Answer | None]


def refused(status: int, code: str, headers: Mapping[str, str] | None = None) -> Answer:
    return status, headers or {}, json.dumps({"error": {"code": code, "message": "no", "correlationId": "c"}})


WELL: dict[str, Any] = {
    "ok": True,
    "database": {"ok": True, "latencyMs": 2.5, "schema": 2},
    "stripe": {"ok": True, "latencyMs": 80.0, "circuit": "closed"},
    "catalogue": {"ok": True, "shops": 14},
    "track": "stable",
    "version": "1.4.2",
}
SETTLED: dict[str, Any] = {
    "lastRun": {
        "finishedAt": "2026-11-26T07:00:00+00:00",
        "ageSeconds": 12.0,
        "findings": {"review": 0, "missed_event": 1},
    },
    "reviews": {"count": 0, "oldest": []},
    "overdueOrders": {"count": 0, "oldest": []},
    "overdueEvents": {"count": 0, "oldest": []},
}


def checkout(method: str, path: str, given: Mapping[str, str]) -> Answer:
    """Answer as the checkout does (workloads/checkout/api.py)."""
    origin = given.get("origin", "")
    echoed = {"Access-Control-Allow-Origin": SHOP, "Vary": "Origin"} if origin == SHOP else {}
    if method == "OPTIONS":
        return (200, echoed, "") if echoed else (400, {}, "Disallowed CORS origin")
    if path == "/api/checkout":
        if given.get("content-type", "").split(";")[0] != "application/json":
            return refused(415, "not_json", echoed)
        return refused(404, "unknown_product", echoed) if echoed else refused(403, "foreign_origin")
    if path == "/api/reconciliation":
        return (200, {}, json.dumps(SETTLED)) if given.get("authorization") == f"Bearer {TOKEN}" else refused(401, "no")
    if path.startswith("/api/test-orders/"):
        return refused(401, "unauthorized")
    if path.startswith("/api/orders/"):
        return refused(404, "unknown_order")
    answers: dict[str, Answer] = {
        "/webhooks/stripe": refused(400, "bad_signature"),
        "/health": (200, {}, json.dumps(WELL)),
        "/health/live": (200, {}, "live"),
        "/health/ready": (200, {}, "ready"),
    }
    return answers.get(path, (404, {}, ""))


def but(change: Changed) -> Script:
    """Answer as the checkout does, but for what ``change`` answers."""
    return lambda method, path, given: change(method, path, given) or checkout(method, path, given)


def at(path: str, answer: Answer, method: str = "") -> Script:
    return but(lambda used, asked, _: answer if asked == path and method in ("", used) else None)


def ask(script: Script, question: Callable[[Web], Awaitable[Any]], token: str | None = TOKEN, **shop: Any) -> Any:
    async def asked(url: str) -> Any:
        shops = (Shop(name="hero", url=SHOP, **shop),)
        releases = frozenset({Release("stable", "1.4.2")})
        target = Target(
            name="t", purpose="test", shops=shops, checkout=url, token=token, checkout_releases=releases,
            resolve={"hero.shops.test": "127.0.0.1"},
        )  # fmt: skip
        async with Web(target) as web:
            return await question(web)

    with scripted(script) as server:
        return asyncio.run(asked(server.url))


def _allowed(web: Web) -> Awaitable[Result]:
    return security.allowed_origin(web, web.target.shops[0])


def _stars(_method: str, _path: str, given: Mapping[str, str]) -> Answer | None:
    return (200, {"Access-Control-Allow-Origin": "*"}, "") if "origin" in given else None


def _echoes(_method: str, _path: str, given: Mapping[str, str]) -> Answer | None:
    return (200, {"Access-Control-Allow-Origin": given["origin"]}, "") if "origin" in given else None


def _null(_method: str, _path: str, given: Mapping[str, str]) -> Answer | None:
    return (200, {"Access-Control-Allow-Origin": "null"}, "") if given.get("origin") == "null" else None


def _prefix(method: str, path: str, given: Mapping[str, str]) -> Answer | None:
    return _echoes(method, path, given) if given.get("origin", "").startswith(SHOP) else None


def _forgets(_method: str, _path: str, given: Mapping[str, str]) -> Answer | None:
    return refused(403, "foreign_origin") if given.get("origin") == SHOP else None


def _twice(_method: str, _path: str, given: Mapping[str, str]) -> Answer | None:
    return (200, {"Access-Control-Allow-Origin": f"{SHOP}, {SHOP}"}, "") if given.get("origin") == SHOP else None


def _lets_forms_in(method: str, path: str, _given: Mapping[str, str]) -> Answer | None:
    return refused(404, "unknown_product") if (method, path) == ("POST", "/api/checkout") else None


def _open(_method: str, path: str, _given: Mapping[str, str]) -> Answer | None:
    return (200, {}, json.dumps(SETTLED)) if path == "/api/reconciliation" else None


def _open_orders(_method: str, path: str, _given: Mapping[str, str]) -> Answer | None:
    return refused(404, "unknown_order") if path.startswith("/api/test-orders/") else None


@pytest.mark.parametrize(
    ("question", "change", "seen"),
    [
        (_allowed, _stars, "the preflight allows '*' (200), expected 'https://hero.shops.test'"),
        (_allowed, _forgets, "the preflight allows 'no origin' (403)"),
        (_allowed, _twice, "POST allows"),
        (security.foreign_origins, _stars, "preflight from https://flotilla-verify.invalid is allowed (*)"),
        (security.foreign_origins, _echoes, "POST from null answers 200, expected 403"),
        (security.foreign_origins, _null, "preflight from null is allowed (null)"),
        (security.foreign_origins, _prefix, "https://hero.shops.test.evil.invalid is allowed"),
        (security.forgery, _lets_forms_in, "POST with a form answers 404, expected 415"),
        (security.tokens, _open, "GET /api/reconciliation with no token answers 200, expected 401"),
        (security.tokens, _open_orders, "with a wrong token answers 404, expected 401"),
        (
            health.schema,
            lambda *_: (404, {}, "<h1>Not found</h1>"),
            "answers 404 <h1>Not found</h1>, expected 404 unknown",
        ),
        (health.query, lambda *_: (503, {}, "no database"), "answers 503 no database, expected 404 unknown_order"),
    ],
)
def test_what_is_let_through_is_named(question: Callable[[Web], Awaitable[Result]], change: Changed, seen: str) -> None:
    before = ask(checkout, question)
    assert before.outcome is PASS, before.message
    found = ask(but(change), question)
    assert found.outcome is FAIL
    assert seen in found.message


def test_an_unsigned_webhook_must_be_refused() -> None:
    assert ask(checkout, security.signatures).outcome is PASS
    taken = ask(at("/webhooks/stripe", (200, {}, "{}")), security.signatures)
    assert (taken.outcome, taken.message) == (FAIL, "an unsigned webhook is answered 200, expected 400")


def test_nothing_of_it_orders_anything() -> None:
    """Whatever the checks post names a product that no shop can have."""
    assert len(health.NO_PRODUCT) > 40


def health_of(report: Any, status: int = 200) -> dict[str, Result]:
    body = report if isinstance(report, str) else json.dumps(report)
    results = ask(at("/health", (status, {}, body)), health.health)
    return {one.check: one for one in results}


def test_a_healthy_checkout_is_told_part_by_part() -> None:
    found = health_of(WELL)
    assert {one.outcome for one in found.values()} == {PASS}
    assert set(found) == {"health", "database", "circuit", "version"}


@pytest.mark.parametrize(
    ("change", "check", "seen", "resource"),
    [
        ({"ok": False, "stripe": {"ok": False, "error": "AuthenticationError: Invalid API Key provided"}}, "health",
         "stripe: AuthenticationError", "Secret//stripe"),
        ({"ok": False, "database": {"ok": False, "error": "password authentication failed"}}, "health",
         "database: password", "StatefulSet//database"),
        ({"ok": False, "catalogue": {"ok": False, "shops": 0}}, "health", "catalogue: not well", "ConfigMap//checkout-config"),
        ({"ok": False}, "health", "/health says ok: False, expected true", ""),
        ({"database": {"ok": True, "latencyMs": 200.0}}, "database", "Postgres took 200.0 ms, expected less than 200", ""),
        ({"stripe": {"ok": True, "circuit": "open"}}, "circuit", "the circuit to Stripe is open, expected closed", ""),
        ({"version": "1.3.9"}, "version", "1.3.9 (stable) answers, expected 1.4.2 (stable)", ""),
    ],
)  # fmt: skip
def test_an_ill_neighbour_is_named(change: dict[str, Any], check: str, seen: str, resource: str) -> None:
    found = health_of(WELL | change, 503)[check]
    assert found.outcome is FAIL
    assert seen in found.message
    assert found.resource == resource


def test_the_short_form_of_health_is_understood() -> None:
    """System D's edge says {"ok": true, "database": "ok", "r2": "ok", "environment": "production"}."""
    found = health_of({"ok": True, "database": "ok", "r2": "ok", "environment": "production"})
    assert found["health"].outcome is PASS
    assert found["health"].message == "database, r2: all well"
    assert found["database"].outcome is UNKNOWN


@pytest.mark.parametrize("body", ["<html>", "[]", "null"])
def test_what_is_no_report_tells_nothing_and_fails(body: str) -> None:
    found = health_of(body)
    assert found["health"].outcome is FAIL
    assert {one.outcome for name, one in found.items() if name != "health"} == {UNKNOWN}


def test_a_checkout_that_is_not_ready_says_why_and_its_route_is_well() -> None:
    results = ask(at("/health/ready", (503, {}, "schema is at 1, needed is 2")), health.probes)
    found = {one.check: one for one in results}
    assert (found["route"].outcome, found["live"].outcome, found["ready"].outcome) == (PASS, PASS, FAIL)
    assert found["ready"].message == "/health/ready answers 503: schema is at 1, needed is 2"


@pytest.mark.parametrize("status", [404, 502, 503])
def test_a_proxy_that_answers_for_the_checkout_is_no_route(status: int) -> None:
    results = ask(lambda *_: (status, {}, "no"), health.probes)
    assert {one.outcome for one in results} == {FAIL}
    assert results[0].check == "route"


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        (
            {"reviews": {"count": 2, "oldest": [{"kind": "amount", "object_id": "cs_1"}]}},
            "2 wait for a person, the oldest: kind",
        ),
        (
            {"overdueOrders": {"count": 1, "oldest": [{"id": "7", "status": "paid"}]}},
            "1 orders are overdue, the oldest: id 7",
        ),
        ({"overdueEvents": {"count": 1, "oldest": [{"id": "evt_1"}]}}, "1 events are overdue"),
        ({"lastRun": SETTLED["lastRun"] | {"ageSeconds": 901.0}}, "the last run ended 15 min ago"),
        ({"lastRun": SETTLED["lastRun"] | {"findings": {"session_without_order": 1}}}, "found 1 session_without_order"),
    ],
)
def test_what_has_not_settled_is_told(change: dict[str, Any], seen: str) -> None:
    assert ask(checkout, reconciliation.reconciliation).outcome is PASS
    found = ask(at("/api/reconciliation", (200, {}, json.dumps(SETTLED | change))), reconciliation.reconciliation)
    assert found.outcome is FAIL
    assert seen in found.message
    assert found.resource


def test_a_reconciliation_that_can_t_be_asked_is_no_pass() -> None:
    for token, script in ((None, checkout), ("wrong", checkout), (TOKEN, at("/api/reconciliation", (200, {}, "{}")))):
        found = ask(script, reconciliation.reconciliation, token)
        assert (found.outcome, found.elsewhere) == (UNKNOWN, False)


def test_a_place_that_is_too_new_for_a_run_is_said_and_not_passed() -> None:
    found = ask(
        at("/api/reconciliation", (200, {}, json.dumps(SETTLED | {"lastRun": None}))), reconciliation.reconciliation
    )
    assert (found.outcome, found.elsewhere) == (UNKNOWN, True)


PAGE = """<!doctype html><html><head><title>Hero</title>
<meta name="flotilla:variant" content="hero"><meta name="flotilla:theme" content="hero">
<meta name="flotilla:version" content="2.3.0"><meta name="flotilla:track" content="stable">
<script src="/assets/shop.js"></script><style>p{}</style></head><body>""" + (
    "<p>A watch that reads at a glance, day or night, and at every depth.</p>" * 5
    + '<div data-buy data-sku="field-38" data-price="24900" data-currency="EUR"><button>Buy</button></div></body></html>'
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
    import httpx

    request = httpx.Request("GET", "https://hero.shops.test/")
    answer = httpx.Response(200, headers=SAFE | {"Strict-Transport-Security": value}, request=request)
    assert (security.headers("hero", answer, is_page=True).outcome is PASS) == well


@pytest.mark.parametrize(
    ("answer", "ended"),
    [
        ((404, {}, ""), PASS),
        ((200, {}, "<html>a shop's own page</html>"), PASS),
        ((200, {}, "# TYPE a counter"), UNKNOWN),
    ],
)
def test_metrics_of_a_bare_process_are_told_of_and_no_pass(answer: Answer, ended: Outcome) -> None:
    found = ask(lambda *_: answer, lambda web: security.metrics(web, "checkout", web.target.checkout))
    assert found.outcome is ended


def test_answers_that_take_too_long_are_measured() -> None:
    import time

    def slow(method: str, path: str, given: Mapping[str, str]) -> Answer:
        time.sleep(0.51)
        return checkout(method, path, given)

    def look(web: Web) -> Awaitable[Result]:
        return latency.page(web, replace(web.target.shops[0], url=web.target.checkout))

    assert ask(checkout, look).outcome is PASS
    found = ask(slow, look)
    assert found.outcome is FAIL
    assert "of 5, expected less than 500 ms" in found.message


def test_a_rate_limit_is_no_latency() -> None:
    assert ask(lambda *_: (429, {}, ""), latency.api).outcome is UNKNOWN


def test_the_95th_percentile_is_the_nearest_rank() -> None:
    assert latency.percentile([float(one) for one in range(1, 21)], 95) == 19.0
    assert latency.percentile([7.0], 95) == 7.0
