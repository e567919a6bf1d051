"""What is told of every request: a line in the journal, two metrics, and the correlation id that ties them together."""

from __future__ import annotations

import re
import time
import uuid

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from storefront.journal import Journal
from storefront.site import Release

CORRELATION = "X-Correlation-Id"
# What we repeat to others must not be able to say something in a header or a log.
_SAFE_ID = re.compile(r"[A-Za-z0-9._-]{8,128}")
_QUIET = ("/health/", "/metrics")
# 0.5 s is the objective (systems.md E), so it must be the edge of a bucket.
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Telemetry:
    """Wraps an application and tells of each request it answers."""

    def __init__(self, app: ASGIApp, release: Release, variant: str, journal: Journal) -> None:
        """Tell of ``app``, labelled with the release and the variant."""
        self._app, self._journal = app, journal
        self._labels = {"track": release.track, "version": release.version}
        self._variant = variant
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "http_requests",
            "Requests answered.",
            ["track", "version", "method", "route", "code"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "http_request_duration_seconds",
            "Time until a request was answered.",
            ["track", "version", "route"],
            buckets=_BUCKETS,
            registry=self.registry,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, and tell of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(CORRELATION, "")
        correlation = given if _SAFE_ID.fullmatch(given) else str(uuid.uuid4())
        began, status = time.perf_counter(), 500

        async def tell(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[CORRELATION] = correlation
            await send(message)

        try:
            await self._app(scope, receive, tell)
        finally:
            self._record(scope, status, time.perf_counter() - began, correlation)

    def _record(self, scope: Scope, status: int, seconds: float, correlation: str) -> None:
        # The route's pattern, never the path: a stranger must not be able to make new time series.
        route = getattr(scope.get("route"), "path", None) or "unknown"
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._requests.labels(**self._labels, method=method, route=route, code=str(status)).inc()
        self._seconds.labels(**self._labels, route=route).observe(seconds)
        quiet = scope["path"].startswith(_QUIET) and status < 400
        self._journal.write(
            "debug" if quiet else "error" if status >= 500 else "info",
            "request",
            method=scope["method"],
            path=scope["path"],
            status=status,
            durationMs=round(1000 * seconds, 2),
            correlationId=correlation,
            variant=self._variant,
            **self._labels,
        )
