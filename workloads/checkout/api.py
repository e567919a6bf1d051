"""The HTTP API: what each address takes and answers. Work that waits runs in threads, beside the event loop."""

from __future__ import annotations

import hmac
import json
import uuid
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from checkout import buying, inspection, ledger
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

_LONGEST_BODY = 512 * 1024


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
        except ValueError:
            raise Refused(400, "bad_request", "the body is no JSON") from None
        key = request.headers.get("idempotency-key")
        purchase = buying.parse(body, key=key, origin=origin, correlation_id=CORRELATION.get())
        opened = await run_in_threadpool(self._parts.buying.buy, purchase)
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
            await run_in_threadpool(self._give_back, order)
        return JSONResponse({"orderId": str(order["id"]), "refund": "requested"}, 202)

    async def reconciliation(self, request: Request) -> Response:
        """Say what the last reconciliation found and what has not settled, to who holds the verification token."""
        self._authorize(request)
        shown = await run_in_threadpool(self._parts.database.run, inspection.reconciliation)
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

    async def ready(self, _request: Request) -> Response:
        """Say whether requests may come."""
        ready, reason = await run_in_threadpool(self._parts.health.ready)
        return PlainTextResponse(reason, 200 if ready else 503)

    async def health(self, _request: Request) -> Response:
        """Say how every neighbour is."""
        report = await run_in_threadpool(self._parts.health.report)
        return JSONResponse(report, 200 if report["ok"] else 503, headers={"Cache-Control": "no-store"})

    async def metrics(self, request: Request) -> Response:
        """Give the metrics to who asks the pod itself; who comes through the proxy is a stranger."""
        if "x-forwarded-for" in request.headers:
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
        token = self._parts.verify_token
        if token is None:
            raise Refused(404, "not_found", "there is no such address here")
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), token.value().encode()):
            raise Refused(401, "unauthorized", "Authorization must be Bearer and the verification token")

    async def _test_order(self, request: Request) -> ledger.Order:
        self._authorize(request)
        order = await self._order(request.path_params["id"])
        if not order["test"]:
            raise Refused(403, "no_test_order", f"order {order['id']} is not for {TEST_SKU}; look at it in Stripe")
        return order

    def _give_back(self, order: ledger.Order) -> None:
        if order["amount"] == 0:
            # Stripe has no payment of nothing, and so no refund whose webhook would move the order.
            self._parts.database.run(ledger.take_back, order["id"])
        else:
            # The webhook of the refund moves the order, as that of any other refund does.
            self._parts.payments.refund(order)

    async def _order(self, order_id: uuid.UUID) -> ledger.Order:
        order = await run_in_threadpool(self._parts.database.run, ledger.find, order_id)
        if order is None:
            raise Refused(404, "unknown_order", "there is no such order")
        return order


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
