"""What the checkout says of itself, how fast, and whether everything has settled."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.verify.asking import SETTLED, TOKEN, WELL, ask, at, checkout
from tests.verify.results import FAIL, PASS, UNKNOWN
from tests.verify.scripted import Answer
from verify.checks import health, latency, reconciliation
from verify.results import Result
from verify.web import Web


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
         "stripe: AuthenticationError", "Secret/stripe"),
        ({"ok": False, "database": {"ok": False, "error": "password authentication failed"}}, "health",
         "database: password", "StatefulSet/database"),
        ({"ok": False, "catalogue": {"ok": False, "shops": 0}}, "health", "catalogue: not well",
         "ConfigMap/checkout-config"),
        ({"ok": False}, "health", "/health says ok: False, expected true", ""),
        ({"database": {"ok": True, "latencyMs": 200.0}}, "database", "Postgres took 200.0 ms, expected less", ""),
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


def test_answers_that_take_too_long_are_measured() -> None:
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
