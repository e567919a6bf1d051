"""What must be refused, held against a checkout that lets one thing through at a time."""

from __future__ import annotations

import json
import uuid
from collections.abc import Awaitable, Callable, Mapping

import httpx
import pytest

from tests.verify.asking import ECHOED, SETTLED, SHOP, Changed, ask, at, but, checkout, refused
from tests.verify.results import FAIL, PASS, UNKNOWN
from tests.verify.scripted import Answer
from verify.checks import health, security
from verify.results import Outcome, Result
from verify.web import Web


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


def _open_refunds(method: str, path: str, _given: Mapping[str, str]) -> Answer | None:
    return refused(404, "unknown_order") if (method, path[-7:]) == ("POST", "/refund") else None


def _no_route_to_refunds(method: str, path: str, _given: Mapping[str, str]) -> Answer | None:
    return (404, {}, "404 page not found") if (method, path[-7:]) == ("POST", "/refund") else None


def _lets_no_header_in(method: str, _path: str, given: Mapping[str, str]) -> Answer | None:
    echoed = {"Access-Control-Allow-Origin": given.get("origin", ""), "Access-Control-Allow-Headers": "Content-Type"}
    return (200, echoed, "") if method == "OPTIONS" and given.get("origin") == SHOP else None


def _lets_every_header_in(method: str, _path: str, given: Mapping[str, str]) -> Answer | None:
    echoed = {**ECHOED, "Access-Control-Allow-Headers": "*"}
    return (200, echoed, "") if method == "OPTIONS" and given.get("origin") == SHOP else None


def _takes_no_cookie(method: str, path: str, given: Mapping[str, str]) -> Answer | None:
    status, headers, body = checkout(method, path, given)
    return (status, {k: v for k, v in headers.items() if k != "Access-Control-Allow-Credentials"}, body)


def _takes_cookies_in_capitals(method: str, path: str, given: Mapping[str, str]) -> Answer | None:
    status, headers, body = checkout(method, path, given)
    return (status, {**headers, "Access-Control-Allow-Credentials": "True"}, body)


def _open_orders(_method: str, path: str, _given: Mapping[str, str]) -> Answer | None:
    return refused(404, "unknown_order") if path.startswith("/api/test-orders/") else None


@pytest.mark.parametrize(
    ("question", "change", "seen"),
    [
        (_allowed, _stars, "the preflight allows '*' (200), expected 'https://hero.shops.test'"),
        (_allowed, _forgets, "the preflight allows 'no origin' (403)"),
        (_allowed, _twice, "POST allows"),
        (_allowed, _lets_no_header_in, "the preflight does not allow the header idempotency-key, x-correlation-id"),
        (_allowed, _lets_every_header_in, "the preflight does not allow the header content-type, idempotency-key"),
        (_allowed, _takes_no_cookie, "the preflight answers access-control-allow-credentials '', expected 'true'"),
        (_allowed, _takes_no_cookie, "POST answers access-control-allow-credentials '', expected 'true'"),
        (_allowed, _takes_cookies_in_capitals, "access-control-allow-credentials 'True', expected 'true'"),
        (security.foreign_origins, _stars, "preflight from https://flotilla-verify.invalid is allowed (*)"),
        (security.foreign_origins, _echoes, "POST from null answers 200, expected 403"),
        (security.foreign_origins, _null, "preflight from null is allowed (null)"),
        (security.foreign_origins, _prefix, "https://hero.shops.test.evil.invalid is allowed"),
        (security.forgery, _lets_forms_in, "POST with a form answers 404, expected 415"),
        (security.tokens, _open, "GET /api/reconciliation with no token answers 200, expected 401"),
        (security.tokens, _open_refunds, "/refund with no token answers 404, expected 401"),
        (security.tokens, _no_route_to_refunds, "/refund with a wrong token answers 404, expected 401"),
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


def test_metrics_of_a_process_that_others_can_reach_are_open_to_everybody() -> None:
    """Plain HTTP is excused on the loopback address alone."""

    async def elsewhere(web: Web) -> Result:
        open_ = httpx.Response(200, text="# TYPE a counter", request=httpx.Request("GET", "http://203.0.113.7/metrics"))
        await web.http.aclose()
        web.http = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: open_))
        return await security.metrics(web, "checkout", "http://203.0.113.7")

    assert ask(checkout, elsewhere).outcome is FAIL


def test_a_checkout_that_knows_no_token_proves_nothing_by_being_closed() -> None:
    """Without VERIFY_TOKEN_FILE the addresses are not there at all (workloads/checkout/api.py)."""

    def without(_method: str, path: str, _given: Mapping[str, str]) -> Answer | None:
        closed = path.startswith("/api/test-orders/") or path == "/api/reconciliation"
        return refused(404, "not_found") if closed else None

    found = ask(but(without), security.tokens)
    assert (found.outcome, found.elsewhere) == (UNKNOWN, False)
    assert found.remedy


def test_a_refund_is_asked_for_of_an_order_that_nobody_made() -> None:
    asked: list[str] = []

    def heard(method: str, path: str, _given: Mapping[str, str]) -> Answer | None:
        asked.append(path) if method == "POST" else None
        return None

    ask(but(heard), security.tokens)
    assert len(set(asked)) == 1
    assert uuid.UUID(asked[0].split("/")[3])
