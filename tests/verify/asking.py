"""A checkout that errs in one thing at a time, and a way to ask it what the checks ask."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fleet.model import FleetSpec
from tests.verify.scripted import Answer, Script, scripted
from verify.target import Release, Shop, Target
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

ECHOED = {"Access-Control-Allow-Origin": SHOP, "Access-Control-Allow-Credentials": "true", "Vary": "Origin"}


def checkout(method: str, path: str, given: Mapping[str, str]) -> Answer:  # noqa: PLR0911  (an answer each)
    """Answer as the checkout does (workloads/checkout/api.py)."""
    origin, path = given.get("origin", ""), path.partition("?")[0]
    echoed = ECHOED if origin == SHOP else {}
    if method == "OPTIONS":
        allowed = {"Access-Control-Allow-Headers": "Content-Type, Idempotency-Key, X-Correlation-Id"}
        return (200, echoed | allowed, "") if echoed else (400, {}, "Disallowed CORS origin")
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
    return but(lambda used, asked, _: answer if asked.partition("?")[0] == path and method in ("", used) else None)


def ask(
    script: Script,
    question: Callable[[Web], Awaitable[Any]],
    token: str | None = TOKEN,
    stack: FleetSpec | None = None,
    **shop: Any,
) -> Any:
    async def asked(url: str) -> Any:
        shops = (Shop(name="hero", url=SHOP, **shop),)
        releases = frozenset({Release("stable", "1.4.2")})
        target = Target(
            name="t", purpose=stack.purpose if stack else "test", spec=stack, shops=shops,
            checkout=url, token=token, checkout_releases=releases,
            resolve={"hero.shops.test": "127.0.0.1"},
        )  # fmt: skip
        async with Web(target) as web:
            return await question(web)

    with scripted(script) as server:
        return asyncio.run(asked(server.url))
