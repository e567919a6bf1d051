"""The HTTP API: what each address takes and answers. Work that waits runs in threads, beside the event loop."""

from __future__ import annotations

import functools
import hmac
import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ParamSpec, TypeVar

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from checkout import buying, inspection, ledger, refunding
from checkout.buying import Buying, Refused
from checkout.catalogue import TEST_SKU
from checkout.database import Database
from checkout.health import Health
from checkout.logs import CORRELATION
from checkout.metrics import Metrics
from checkout.payments import Payments
from checkout.settings import SecretFile
from checkout.states import Status
from checkout.webhooks import Forged, Webhooks

P = ParamSpec("P")
T = TypeVar("T")
_LONGEST_BODY = 512 * 1024
_AT_STRIPE = 24
"""How many threads may wait for Stripe at once; they are none of the 40 that everything else shares (anyio)."""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What the endpoints work with."""

    database: Database
    payments: Payments
    buying: Buying
    webhooks: Webhooks
    health: Health
    metrics: Metrics
    origins: tuple[str, ...]
    verify_token: SecretFile | None


class Api:
    """The endpoints over the parts that do the work."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._at_stripe = anyio.CapacityLimiter(_AT_STRIPE)

    def routes(self) -> list[Route]:
        """Give the routes."""
        return [
            Route("/api/checkout", self.checkout, methods=["POST"]),
            Route("/api/orders/{id:uuid}", self.order),
            Route("/api/test-orders/{id:uuid}", self.test_order),
            Route("/api/test-orders/{id:uuid}/refund", self.refund, methods=["POST"]),
            Route("/api/reconciliation", self.reconciliation),
            Route("/webhooks/stripe", self.webhook, methods=["POST"]),
            Route("/health/live", self.live),
            Route("/health/ready", self.ready),
            Route("/health", self.health),
            Route("/metrics", self.metrics),
        ]

    async def checkout(self, request: Request) -> Response:
        """Open a checkout for one product."""
        origin = self._own_origin(request)
        try:
            body = json.loads(await _body(request))
        except (ValueError, RecursionError):
            raise Refused(400, "bad_request", "the body is no JSON") from None
        key = request.headers.get("idempotency-key")
        purchase = buying.parse(body, key=key, origin=origin, correlation_id=CORRELATION.get())
        opened = await self._ask_stripe(self._parts.buying.buy, purchase)
        return JSONResponse({"url": opened.url, "orderId": str(opened.order_id)})

    async def order(self, request: Request) -> Response:
        """Say where an order stands; its id can't be guessed."""
        return JSONResponse(_view(await self._order(request.path_params["id"])), headers={"Cache-Control": "no-store"})

    async def test_order(self, request: Request) -> Response:
        """Show all of a test purchase, for whoever holds the verification token."""
        order = await self._test_order(request)
        shown = await run_in_threadpool(self._parts.database.run, inspection.order, order)
        return JSONResponse(shown, headers={"Cache-Control": "no-store"})

    async def refund(self, request: Request) -> Response:
        """Give a test purchase's money back, for whoever holds the verification token."""
        order = await self._test_order(request)
        if order["status"] not in (Status.PAID, Status.FULFILLED, Status.REFUNDED):
            raise Refused(409, "not_paid", f"order {order['id']} is {order['status']}; only a paid one is refunded")
        if order["status"] != Status.REFUNDED:
            await self._ask_stripe(refunding.give_back, self._parts.database, self._parts.payments, order)
        return JSONResponse({"orderId": str(order["id"]), "refund": "requested"}, 202)

    async def reconciliation(self, request: Request) -> Response:
        """Say what the last reconciliation found and what has not settled, to who holds the verification token."""
        self._authorize(request)
        overdue = _overdue(request.query_params.get("overdueSeconds"))
        shown = await run_in_threadpool(self._parts.database.run, inspection.reconciliation, overdue)
        return JSONResponse(shown, headers={"Cache-Control": "no-store"})

    async def webhook(self, request: Request) -> Response:
        """Receive an event; any 2xx ends Stripe's tries, so only what is committed gets one."""
        body, signature = await _body(request), request.headers.get("stripe-signature", "")
        try:
            kind, outcome = await run_in_threadpool(self._parts.webhooks.receive, body, signature)
        except Forged as error:
            self._parts.metrics.event("unknown", "forged")
            raise Refused(400, "bad_signature", str(error)) from None
        self._parts.metrics.event(kind, outcome)
        return JSONResponse({"outcome": outcome})

    async def live(self, _request: Request) -> Response:
        """Say that the process answers."""
        return PlainTextResponse("live")

    async def ready(self, request: Request) -> Response:
        """Say whether requests may come."""
        ready, reason = await run_in_threadpool(self._parts.health.ready, inside=self._is_inside(request))
        return PlainTextResponse(reason, 200 if ready else 503)

    async def health(self, request: Request) -> Response:
        """Say how every neighbour is."""
        report = await self._ask_stripe(self._parts.health.report, inside=self._is_inside(request))
        return JSONResponse(report, 200 if report["ok"] else 503, headers={"Cache-Control": "no-store"})

    async def metrics(self, request: Request) -> Response:
        """Give the metrics to who asks the pod itself; who comes through the proxy is a stranger."""
        if _came_through_the_proxy(request):
            raise Refused(404, "not_found", "there is no such address here")
        text = await run_in_threadpool(self._parts.metrics.text)
        return Response(text, media_type="text/plain; version=0.0.4")

    def _own_origin(self, request: Request) -> str:
        """Give the shop a request comes from; raises Refused for a request that another site made a browser send.

        Browsers send Origin with every POST and let no page change it, and without a preflight, which only our origins
        pass, they send no JSON (Fetch Standard, CORS protocol).
        """
        if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
            raise Refused(415, "not_json", "Content-Type must be application/json")
        origin = request.headers.get("origin", "")
        if origin not in self._parts.origins:
            raise Refused(403, "foreign_origin", "Origin is none of the shops")
        return origin

    def _authorize(self, request: Request) -> None:
        if self._parts.verify_token is None:
            raise Refused(404, "not_found", "there is no such address here")
        if not self._holds_token(request):
            raise Refused(401, "unauthorized", "Authorization must be Bearer and the verification token")

    async def _test_order(self, request: Request) -> ledger.Order:
        self._authorize(request)
        order = await self._order(request.path_params["id"])
        if not order["test"]:
            raise Refused(403, "no_test_order", f"order {order['id']} is not for {TEST_SKU}; look at it in Stripe")
        return order

    def _holds_token(self, request: Request) -> bool:
        token = self._parts.verify_token
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        return token is not None and given != "" and hmac.compare_digest(given.encode(), token.value().encode())

    def _is_inside(self, request: Request) -> bool:
        """Say whether who asks may read our neighbours' own words: from within the cluster, or with the token."""
        return not _came_through_the_proxy(request) or self._holds_token(request)

    async def _ask_stripe(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do what may wait for Stripe, so that a Stripe which is silent keeps only its like waiting."""
        return await anyio.to_thread.run_sync(functools.partial(work, *args, **kwargs), limiter=self._at_stripe)

    async def _order(self, order_id: uuid.UUID) -> ledger.Order:
        order = await run_in_threadpool(self._parts.database.run, ledger.find, order_id)
        if order is None:
            raise Refused(404, "unknown_order", "there is no such order")
        return order


def _overdue(given: str | None) -> timedelta:
    if given is None:
        return inspection.OVERDUE
    if not re.fullmatch("[1-9][0-9]{0,8}", given):
        raise Refused(400, "bad_request", f"overdueSeconds {given[:20]!r} must be a whole number from 1 to 999999999")
    return timedelta(seconds=int(given))


def _came_through_the_proxy(request: Request) -> bool:
    return "x-forwarded-for" in request.headers


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LONGEST_BODY:
            raise Refused(413, "too_large", f"a body may have {_LONGEST_BODY} bytes at most")
    return body


def _view(order: ledger.Order) -> dict[str, Any]:
    names = ("variant", "sku", "quantity", "amount", "currency", "status", "test")
    return {"orderId": str(order["id"]), **{name: order[name] for name in names}}
