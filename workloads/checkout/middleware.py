"""Around every request: the correlation id, one log line, the metrics; and an answer to what nobody has foreseen."""

from __future__ import annotations

import logging
import re
import time
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from checkout.logs import CORRELATION
from checkout.metrics import Metrics
from checkout.problems import problem

LOG = logging.getLogger("checkout.access")
HEADER = "X-Correlation-Id"
_ID = re.compile(r"[A-Za-z0-9._-]{8,128}")
"""What the storefront takes too (workloads/storefront/telemetry.py): one id leads from the click to the order."""
_GONE = 499
"""Nginx's number for a client that hung up: its own doing, and no answer of ours."""
_QUIET = ("/health/live", "/health/ready", "/metrics")


class Observed:
    """An ASGI application whose requests are seen."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        correlation = given if _ID.fullmatch(given) else str(uuid.uuid4())
        token, started, code = CORRELATION.set(correlation), time.monotonic(), 500

        async def answer(message: Message) -> None:
            nonlocal code
            if message["type"] == "http.response.start":
                code = message["status"]
                MutableHeaders(scope=message)[HEADER] = correlation
            await send(message)

        try:
            await self._app(scope, receive, answer)
        except ClientDisconnect:
            code = _GONE
        finally:
            self._note(scope, code, time.monotonic() - started)
            CORRELATION.reset(token)

    def _note(self, scope: Scope, code: int, seconds: float) -> None:
        # The route's pattern, never the path: an id in a label would be a series of its own.
        route = getattr(scope.get("route"), "path", "unknown")
        self._metrics.request(scope["method"], route, code, seconds)
        if route not in _QUIET or code >= 400:
            extra = {"method": scope["method"], "route": route, "code": code, "milliseconds": round(seconds * 1000, 1)}
            LOG.info("request", extra=extra)


class Guarded:
    """An ASGI application whose defects are logged and answered like any other error.

    It stands within CORS, so that a shop's script may read the answer too.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        begun = False

        async def answer(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, answer)
        except ClientDisconnect:
            raise
        except Exception:
            if scope["type"] != "http" or begun:
                raise
            LOG.exception("unforeseen")
            await problem(500, "internal_error", "the checkout has a defect; its log has it by this id")(
                scope, receive, send
            )
