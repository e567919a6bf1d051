"""Webhooks: signed, at least once, unordered, tried again until the endpoint answers 2xx (Stripe, Webhooks)."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import logging
import ssl
from collections.abc import Coroutine, Sequence

import httpx

from stripe_double.account import now
from stripe_double.faults import WEBHOOK_FAULTS, Faults, Rule
from stripe_double.objects import shown
from stripe_double.problems import Problem
from stripe_double.store import Object, Store

LOG = logging.getLogger(__name__)
RETRY_SECONDS = (1.0, 5.0, 30.0, 120.0, 600.0, 3600.0)
_AT_ONCE = 8
"""How many deliveries run at the same time."""


def signature(secret: str, body: bytes, moment: int) -> str:
    """Give the header Stripe-Signature for a body sent at ``moment``, seconds since 1970."""
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


class Courier:
    """Delivers events to the webhook endpoints that want them; an event keeps the ids of those that wait for it."""

    def __init__(
        self,
        store: Store,
        faults: Faults,
        retry_seconds: Sequence[float] = RETRY_SECONDS,
        trusted: ssl.SSLContext | None = None,
    ) -> None:
        """Take the pauses between tries, and whom to trust at the endpoints: the world's authorities without it."""
        self._store = store
        self._faults = faults
        self._retry_seconds = tuple(retry_seconds)
        self._client = httpx.AsyncClient(timeout=10, trust_env=False, verify=trusted or True)
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: list[tuple[Object, Object]] = []
        self._hurry = asyncio.Event()

    @property
    def under_way(self) -> int:
        """How many deliveries are not done, those that wait for another try included."""
        return len(self._tasks) + len(self._held)

    def announce(self, event: Object) -> None:
        """Take an event; its delivery happens in the background."""
        wanting = [one for one in self._store.every("webhook_endpoint") if _wants(one, event)]
        if wanting:
            self._wait_for(event, [one["id"] for one in wanting])
        for endpoint in wanting:
            self._accept(event, endpoint)

    def resume(self) -> None:
        """Deliver what was not yet delivered when the double last ended; who wants an event no more has had it."""
        endpoints = {one["id"]: one for one in self._store.every("webhook_endpoint")}
        for event in list(self._store.every("event", ascending=True)):
            waiting = [one for one in event.get("_waiting", ()) if one in endpoints and _wants(endpoints[one], event)]
            if waiting != event.get("_waiting", []):
                self._wait_for(event, waiting)
            for one in waiting:
                self._start(self._deliver(event, endpoints[one], None))

    def flush(self) -> None:
        """Deliver what is held back, and let nothing wait for its next try."""
        held, self._held = self._held, []
        for event, endpoint in held:
            self._start(self._deliver(event, endpoint, None))
        hurry, self._hurry = self._hurry, asyncio.Event()
        hurry.set()

    async def forget(self) -> None:
        """Give up what is held back and what is under way; returns when none of it can arrive any more."""
        self._held.clear()
        under_way = tuple(self._tasks)
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    async def close(self) -> None:
        """Give up everything, for good."""
        await self.forget()
        await self._client.aclose()

    def _accept(self, event: Object, endpoint: Object) -> None:
        rule = self._faults.draw(WEBHOOK_FAULTS, event["type"])
        if rule and rule.fault == "reorder":
            self._held.append((event, endpoint))
            return
        tried = asyncio.Event()
        if rule and rule.fault == "swallow":
            self._done(event, endpoint)
            tried.set()
        elif rule and rule.fault == "drop":
            tried.set()
        else:
            for _ in range(2 if rule and rule.fault == "duplicate" else 1):
                self._start(self._deliver(event, endpoint, rule, tried))
        held, self._held = self._held, []
        for earlier, its_endpoint in held:
            self._start(self._after(tried, earlier, its_endpoint))

    async def _after(self, following: asyncio.Event, event: Object, endpoint: Object) -> None:
        await following.wait()
        await self._deliver(event, endpoint, None)

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(
        self, event: Object, endpoint: Object, rule: Rule | None, tried: asyncio.Event | None = None
    ) -> None:
        """Deliver an event, and try again where that fails; ``tried`` is set after the first try."""
        if rule and rule.fault == "delay":
            await self._wait(rule.seconds)
        wrong = bool(rule and rule.fault == "bad_signature")
        for pause in (*self._retry_seconds, None):
            arrived = await self._attempt(event, endpoint, secret="whsec_wrong" if wrong else endpoint["_secret"])
            if tried is not None:
                tried.set()
            if arrived:
                self._done(event, endpoint)
                return
            wrong = False
            if pause is not None:
                await self._wait(pause)

    async def _wait(self, seconds: float) -> None:
        # Not wait_for: until Python 3.12 it could swallow the cancellation that forget() relies on.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._hurry.wait()

    async def _attempt(self, event: Object, endpoint: Object, *, secret: str) -> bool:
        body = json.dumps(shown(event), indent=2).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(secret, body, now()),
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }
        async with self._slots:
            try:
                answer = await self._client.post(endpoint["url"], content=body, headers=headers)
            except httpx.HTTPError as error:
                LOG.info("webhook %s %s: %s", event["type"], event["id"], type(error).__name__)
                return False
        LOG.info("webhook %s %s: %d", event["type"], event["id"], answer.status_code)
        return answer.is_success

    def _done(self, event: Object, endpoint: Object) -> None:
        try:
            stored = self._store.get("event", event["id"])
        except Problem:
            # Forgotten by a reset meanwhile.
            return
        self._wait_for(stored, [one for one in stored["_waiting"] if one != endpoint["id"]])

    def _wait_for(self, event: Object, endpoints: list[str]) -> None:
        event |= {"_waiting": endpoints, "pending_webhooks": len(endpoints)}
        self._store.put(event)


def _wants(endpoint: Object, event: Object) -> bool:
    return endpoint["status"] == "enabled" and bool({"*", event["type"]} & set(endpoint["enabled_events"]))
