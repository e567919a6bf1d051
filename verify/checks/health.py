"""What the checkout says of itself and its neighbours, and how fast it says it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import httpx

from fleet import naming
from verify.catalog import check
from verify.checks.content import version
from verify.results import Outcome, Result
from verify.target import CHECKOUT, Release, Target
from verify.web import Web, why

DATABASE_MILLISECONDS = 200.0
"""systems.md C: database < 200 ms."""
_PROBES = {"live": "/health/live", "ready": "/health/ready"}
_OF_HEALTH = ("database", "circuit", "version")
NO_PRODUCT = "flotilla-verify-asks-for-what-no-shop-can-sell"
"""Longer than a SKU may be (fleet/fields.py), so that asking for it can place no order."""


async def probes(web: Web) -> list[Result]:
    """Ask whether the checkout lives and is ready; that it lives also tells of the route."""
    results = []
    for name, path in _PROBES.items():
        try:
            answer = await web.ask("GET", path)
        except httpx.HTTPError as error:
            line = f"{web.target.checkout}{path} does not answer: {why(error)}"
            found = [check(name).failed(CHECKOUT, line)]
        else:
            problem = "" if answer.status_code == 200 else f"{path} answers {answer.status_code}: {_first(answer)}"
            found = [check(name).judged(CHECKOUT, problem, f"{path} answers 200")]
        results += found
    return [_route(web, results[0]), *results]


async def health(web: Web) -> list[Result]:
    """Ask how every neighbour is; without an answer nothing of it can be told."""
    said = ""
    try:
        answer = await web.ask("GET", "/health")
        said = f"it answers {answer.status_code}: {_first(answer)}"
        report = answer.json()
        parts = {name: part for name, value in report.items() if (part := _part(name, value)) is not None}
    except (httpx.HTTPError, ValueError, AttributeError) as error:
        line = f"{web.target.checkout}/health gives no report: {said or why(error)}"
        return [check("health").failed(CHECKOUT, line), *(check(one).untold(CHECKOUT, line) for one in _OF_HEALTH)]
    return [_neighbours(web.target, answer.status_code, report, parts), *_details(web.target, report, parts)]


def _route(web: Web, live: Result) -> Result:
    """Tell of the checkout's route from its first answer: whatever else answers, 200 is the checkout's own."""
    problem = live.message if live.outcome is not Outcome.PASS else ""
    return check("route").judged(CHECKOUT, problem, f"{web.target.checkout} is served")


def _neighbours(target: Target, status: int, report: dict[str, Any], parts: dict[str, dict[str, Any]]) -> Result:
    ill = {name: part for name, part in parts.items() if part["ok"] is not True}
    if ill:
        name, part = next(iter(ill.items()))
        said = str(part.get("error") or ("its circuit is open" if part.get("circuit") == "open" else "not well"))
        return check("health").failed(CHECKOUT, f"{', '.join(ill)}: {said}", **_blame(target, name, said))
    problem = _unwell(target, status, report) or ("" if parts else "/health names no neighbour, expected one at least")
    return check("health").judged(CHECKOUT, problem, f"{', '.join(parts)}: all well")


def _unwell(target: Target, status: int, report: dict[str, Any]) -> str:
    """Give what is wrong though no neighbour is ill, or nothing."""
    if report.get("ok") is not True:
        return f"/health says ok: {report.get('ok')!r}, expected true"
    if status != 200:
        return f"/health answers {status}, expected 200"
    said = report.get("environment")
    # Of bare addresses nobody knows what they are for.
    if said is None or target.spec is None or (said == PRODUCTION) is (target.purpose == PRODUCTION):
        return ""
    return f"/health says environment: {said}, and the stack's purpose is {target.purpose}"


PRODUCTION = "production"


def _blame(target: Target, part: str, said: str) -> dict[str, str]:
    """Give cause, resource and remedy for an ill neighbour, by the words of Stripe's SDK and of libpq."""
    if part == "stripe" and ("AuthenticationError" in said or "Invalid API Key" in said):
        cause = "Stripe refuses the key: it is wrong, revoked, or of the other mode"
        remedy = "put the right key into flotilla:stripeSecretKey, raise generations.stripe, and up"
        return {"cause": cause, "resource": target.resource("Secret", naming.STRIPE_SECRET), "remedy": remedy}
    if part == "stripe":
        return {
            "cause": "Stripe can't be reached from the checkout",
            "remedy": "see status.stripe.com and what may go out",
        }
    if part == "database":
        cause = "the password is wrong" if "password" in said else "Postgres is down, or can't be reached"
        return {
            "cause": cause,
            "resource": target.resource("StatefulSet", naming.DATABASE),
            "remedy": "look at its pod and log",
        }
    if part == "catalogue":
        cause = "the checkout knows no shop"
        return {
            "cause": cause,
            "resource": target.resource("ConfigMap", f"{naming.CHECKOUT}-config"),
            "remedy": "apply the stack again",
        }
    return {}


def _details(target: Target, report: dict[str, Any], parts: dict[str, dict[str, Any]]) -> Iterator[Result]:
    database, stripe = parts.get("database", {}), parts.get("stripe", {})
    taken = database.get("latencyMs")
    found = check("database")
    if not isinstance(taken, (int, float)):
        yield found.untold("database", "/health does not say how long Postgres took")
    else:
        slow = f"Postgres took {taken:.1f} ms, expected less than {DATABASE_MILLISECONDS:.0f} ms"
        problem = (
            slow
            if taken >= DATABASE_MILLISECONDS
            else ("" if database["ok"] is True else "Postgres does not answer well")
        )
        yield found.judged("database", problem, f"{taken:.1f} ms, schema {database.get('schema', 'not said')}")
    circuit = stripe.get("circuit")
    if circuit is None:
        yield check("circuit").untold(CHECKOUT, "/health does not speak of a circuit breaker")
    else:
        problem = "" if circuit == "closed" else f"the circuit to Stripe is {circuit}, expected closed"
        yield check("circuit").judged(CHECKOUT, problem, "the circuit to Stripe is closed")
    said = Release(str(report.get("track", "no track")), str(report.get("version", "no version")))
    yield version(CHECKOUT, said, target.checkout_releases)


async def schema(web: Web) -> Result:
    """Ask to buy what nobody sells: the API must refuse it in its documented form."""
    shop = web.target.shops[0]
    body = {"variant": shop.name, "sku": NO_PRODUCT}
    answer = await web.ask("POST", "/api/checkout", json=body, headers={"Origin": shop.url})
    problem = "" if is_refused(answer, 404, "unknown_product") else (
        f"POST /api/checkout for {NO_PRODUCT} answers {answer.status_code} {_code(answer) or _first(answer)},"
        " expected 404 unknown_product"
    )  # fmt: skip
    return check("api.schema").judged(CHECKOUT, problem, "what is not sold is refused as documented")


async def query(web: Web) -> Result:
    """Ask for an order that nobody made: only the database can know that it isn't there."""
    path = f"/api/orders/{uuid.uuid4()}"
    answer = await web.ask("GET", path)
    problem = "" if is_refused(answer, 404, "unknown_order") else (
        f"GET {path} answers {answer.status_code} {_code(answer) or _first(answer)}, expected 404 unknown_order"
    )  # fmt: skip
    return check("api.query").judged(CHECKOUT, problem, "the database says that an unknown order is unknown")


def is_refused(answer: httpx.Response, status: int, code: str) -> bool:
    """Say whether the API refused in its documented form, by this status and code."""
    return (answer.status_code, _code(answer)) == (status, code)


def _code(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["error"]["code"])
    except (ValueError, KeyError, TypeError):
        return ""


_ABOUT = ("ok", "track", "version", "environment")
"""What /health says of the checkout itself; every other word is a neighbour's."""


def _part(name: str, value: Any) -> dict[str, Any] | None:  # noqa: ANN401  (JSON)
    """Read a neighbour's part of /health, ``{"ok": ...}`` or system D's plain ``"ok"``; None for what is none."""
    if name in _ABOUT:
        return None
    if isinstance(value, dict):
        return value if "ok" in value else None
    if isinstance(value, (str, bool)):
        return {"ok": value in ("ok", True), "error": f"it says {value!r}"}
    return None


def _first(answer: httpx.Response) -> str:
    return answer.text.strip().split("\n")[0][:120]
