"""What the checkout says of itself, how fast, and whether everything has settled."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest

from tests.verify.asking import SETTLED, TOKEN, WELL, ask, at, checkout
from tests.verify.living import Living, spec
from tests.verify.results import FAIL, PASS, UNKNOWN
from tests.verify.scripted import Answer
from verify.checks import health, latency, reconciliation
from verify.cluster import Snapshot
from verify.results import Outcome, Result
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
        ({"stripe": "down"}, "health", "stripe: it says 'down'", ""),
        ({"database": False}, "health", "database: it says False", "StatefulSet/database"),
        ({"database": {"ok": "yes"}}, "health", "database: not well", "StatefulSet/database"),
        ({}, "health", "/health answers 503, expected 200", ""),
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


@pytest.mark.parametrize("report", [{"ok": True}, {"ok": True, "version": "1.4.2", "uptimeSeconds": 5}])
def test_a_checkout_that_names_no_neighbour_is_not_known_to_be_well(report: Any) -> None:
    found = health_of(report)["health"]
    assert (found.outcome, found.message) == (FAIL, "/health names no neighbour, expected one at least")


@pytest.mark.parametrize(
    ("stack", "said", "well"),
    [("prod", "production", True), ("prod", "staging", False), ("dev", "production", False), ("dev", "dev", True)],
)
def test_the_environment_is_the_stack_s_purpose(stack: str, said: str, *, well: bool) -> None:
    report = json.dumps(WELL | {"environment": said})
    found, *_ = ask(at("/health", (200, {}, report)), health.health, stack=spec(stack))
    assert (found.outcome is PASS) == well, found.message
    assert well or found.message.startswith(f"/health says environment: {said}, and the stack's purpose is ")


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


@pytest.mark.parametrize("status", [301, 401, 403, 404, 500, 502, 503])
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


@pytest.mark.parametrize(
    ("schedule", "minutes"), [("*/5 * * * *", 14), ("0 * * * *", 124), ("17 2 * * *", 48 * 60 + 4)]
)
def test_the_last_run_may_be_two_intervals_of_the_stack_s_schedule_old(schedule: str, minutes: int) -> None:
    dev = spec()
    stack = replace(dev, checkout=replace(dev.checkout, reconcile_schedule=schedule))

    asked: list[str] = []

    async def question(web: Web) -> Result:
        async def noted(request: httpx.Request) -> None:
            asked.append(request.url.query.decode())

        web.http.event_hooks = {"request": [noted]}
        return await reconciliation.reconciliation(web)

    def aged(seconds: float) -> Any:
        told = json.dumps(SETTLED | {"lastRun": SETTLED["lastRun"] | {"ageSeconds": seconds}})
        return ask(at("/api/reconciliation", (200, {}, told)), question, stack=stack)

    assert aged(60.0 * minutes).outcome is PASS
    assert asked == [f"overdueSeconds={60 * minutes}"], "the checkout does not know the schedule"
    late = aged(60.0 * minutes + 1)
    assert (late.outcome, f"expected {minutes} at most" in late.message) == (FAIL, True)


def test_a_reconciliation_that_never_ran_is_well_only_while_its_cron_job_is_young() -> None:
    never, living = json.dumps(SETTLED | {"lastRun": None}), Living(spec())
    job = living.find("CronJob", "checkout-reconcile")

    def asked(seen: Snapshot | None) -> Any:
        answer = at("/api/reconciliation", (200, {}, never))
        return ask(answer, lambda web: reconciliation.reconciliation(web, seen))

    nobody_knows = asked(None)
    assert (nobody_knows.outcome, nobody_knows.elsewhere) == (UNKNOWN, False)
    job["metadata"]["creationTimestamp"] = "2026-11-26T06:56:00Z"
    young = asked(living.snapshot)
    assert (young.outcome, young.elsewhere) == (UNKNOWN, True)
    job["metadata"]["creationTimestamp"] = "2026-11-26T06:54:00Z"
    old = asked(living.snapshot)
    assert (old.outcome, old.message) == (FAIL, "it never ran, and was due 2026-11-26 06:55 UTC")
    assert old.resource


def _page(web: Web) -> Awaitable[Result]:
    return latency.page(web, replace(web.target.shops[0], url=web.target.checkout))


def test_answers_that_take_too_long_are_measured() -> None:
    def slow(_method: str, _path: str, _given: Mapping[str, str]) -> Answer:
        time.sleep(0.51)
        return 200, {}, "the shop"

    found = ask(slow, _page)
    assert found.outcome is FAIL
    assert "of 20, expected less than 500 ms" in found.message


@pytest.mark.parametrize(("slow", "ended"), [(1, PASS), (2, FAIL)])
def test_one_slow_answer_of_twenty_is_not_the_95th_percentile(
    monkeypatch: pytest.MonkeyPatch, slow: int, ended: Outcome
) -> None:
    times = iter([0.6] * slow + [0.1] * 20)

    @contextmanager
    def timed() -> Iterator[list[float]]:
        yield [next(times)]

    monkeypatch.setattr(latency, "timed", timed)
    found = ask(at("/", (200, {}, "the shop")), _page)
    assert found.outcome is ended
    assert ("P95 is 100 ms of 20" if ended is PASS else "P95 is at least 600 ms of 20") in found.message


@pytest.mark.parametrize("look", [latency.api, _page])
@pytest.mark.parametrize("answer", [(429, {}, ""), (404, {}, "404 page not found"), (302, {}, ""), (500, {}, "")])
def test_what_is_not_the_answer_that_was_asked_for_is_no_latency(
    monkeypatch: pytest.MonkeyPatch, look: Callable[[Web], Awaitable[Result]], answer: Answer
) -> None:
    monkeypatch.setattr(latency, "MILLISECONDS", 10_000.0)  # a busy machine is no shop's fault
    found = ask(lambda *_: answer, look)
    assert (found.outcome, f"answers {answer[0]}, expected" in found.message) == (UNKNOWN, True)
    assert ask(checkout, latency.api).outcome is PASS


def test_the_95th_percentile_is_the_nearest_rank() -> None:
    assert latency.percentile([float(one) for one in range(1, 21)], 95) == 19.0
    assert latency.percentile([7.0], 95) == 7.0
