"""Whether every order and every event has settled, by the checkout's own account of its database."""

from __future__ import annotations

from typing import Any

import httpx

from fleet import naming
from fleet.model import FleetSpec
from verify import schedule
from verify.catalog import check
from verify.checks.jobs import due_run
from verify.cluster import Snapshot
from verify.results import Result
from verify.target import CHECKOUT
from verify.web import Web, why

UNKNOWN_SECONDS = 15 * 60
"""How old the last run may be where no schedule is known: two of its five minutes (fleet/config_workloads.py), and
its own four."""
RUN_SECONDS = 240
"""How long a run may take (manifests/checkout.py)."""
FOR_A_PERSON = ("session_without_order", "review")
"""Findings that the reconciliation can't repair (workloads/checkout/reconcile.py)."""


async def reconciliation(web: Web, seen: Snapshot | None = None) -> Result:
    """Tell whether the last run is recent, nothing waits for a person and nothing is overdue."""
    found, token, longest = check("reconciliation"), web.target.token, longest_seconds(web.target.spec)
    if token is None:
        return found.untold(CHECKOUT, "not asked: no token", remedy="give it: --token-file or FLOTILLA_VERIFY_TOKEN")
    try:
        asked = {"overdueSeconds": longest}  # what waits for a run that is not due yet is well
        answer = await web.ask("GET", "/api/reconciliation", token=token, params=asked)
        if answer.status_code != 200:
            line = f"GET /api/reconciliation answers {answer.status_code} {answer.text[:120]}"
            return found.untold(
                CHECKOUT, line, remedy="is the token the checkout's (Secret verify), and its version recent?"
            )
        told = answer.json()
        wrong, run = problems(told, longest), told["lastRun"]
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        return found.untold(CHECKOUT, f"GET /api/reconciliation gives no report: {why(error)}")
    if wrong:
        return found.failed(CHECKOUT, "; ".join(wrong), **_blame(web))
    if run is None:
        return _never_ran(web, seen)
    repaired = sum(count for kind, count in run["findings"].items() if kind not in FOR_A_PERSON)
    return found.passed(CHECKOUT, f"ran {run['ageSeconds']:.0f} s ago, repaired {repaired}, nothing is open or overdue")


def longest_seconds(spec: FleetSpec | None) -> int:
    """Give how old the last run may be: one run may be missed, so two intervals of the stack's schedule, and a run."""
    if spec is None:
        return UNKNOWN_SECONDS
    return 2 * int(schedule.read(spec.checkout.reconcile_schedule).interval().total_seconds()) + RUN_SECONDS


def _never_ran(web: Web, seen: Snapshot | None) -> Result:
    """Tell of a place without any run: only its CronJob's age says whether that is well."""
    found, job = check("reconciliation"), seen.find("CronJob", naming.RECONCILE) if seen is not None else None
    if seen is None or job is None:
        return found.untold(CHECKOUT, "it never ran, and how long its CronJob has been there is not known")
    try:
        due = due_run(job, seen.read)
    except ValueError as error:
        return found.untold(CHECKOUT, f"it never ran, and when it was due can't be told: {error}")
    if due is None:
        return found.untold(CHECKOUT, "nothing is overdue; the first run is still to come", elsewhere=True)
    return found.failed(CHECKOUT, f"it never ran, and was due {due:%Y-%m-%d %H:%M} UTC", **_blame(web))


def problems(told: dict[str, Any], longest_seconds: int) -> list[str]:
    """Give what is not settled, one line each; a last run older than ``longest_seconds`` is part of it."""
    wrong = []
    for name, words in (
        ("reviews", "wait for a person"),
        ("overdueOrders", "orders are overdue"),
        ("overdueEvents", "events are overdue"),
    ):
        if count := int(told[name]["count"]):
            oldest = ", ".join(f"{key} {value}" for key, value in told[name]["oldest"][0].items())
            wrong.append(f"{count} {words}, the oldest: {oldest}")
    run = told["lastRun"]
    if run is not None and run["ageSeconds"] > longest_seconds:
        wrong.append(
            f"the last run ended {run['ageSeconds'] / 60:.0f} min ago, expected {longest_seconds // 60} at most"
        )
    if run is not None:
        wrong += [
            f"the last run found {run['findings'][kind]} {kind}" for kind in FOR_A_PERSON if run["findings"].get(kind)
        ]
    return wrong


def _blame(web: Web) -> dict[str, str]:
    return {
        "cause": "webhooks were lost and the reconciliation did not make up for them, or Stripe has what we don't",
        "resource": web.target.resource("CronJob", naming.RECONCILE),
        "remedy": "look at the CronJob's last log and at table reviews; each row says what a person must decide",
    }
