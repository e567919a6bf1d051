"""The checkout as one ASGI application, put together from its settings."""

from __future__ import annotations

import contextlib
import logging
import signal
import sys
from collections.abc import AsyncIterator

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response

from checkout import catalogue, database, payments
from checkout.api import Api, Parts
from checkout.buying import Buying, Refused
from checkout.database import Database
from checkout.health import Health
from checkout.metrics import Metrics, State
from checkout.middleware import HEADER, Guarded, Observed
from checkout.payments import Payments
from checkout.problems import problem
from checkout.settings import Settings
from checkout.webhooks import Webhooks

LOG = logging.getLogger(__name__)
_DRAIN_SECONDS = 20
"""How long requests under way may take after SIGTERM: less than a pod's grace of 30 s with its pause of 5 s."""


def make(settings: Settings) -> Starlette:
    """Make the application; raises SettingsError when the catalogue can't be read."""
    shops = catalogue.load(settings.shops_file)
    store = Database(settings.database, f"checkout-{settings.track}")
    stripe = Payments(settings.stripe_key, settings.stripe_api, settings.stripe_timeout_seconds)
    metrics = Metrics(settings.track, settings.version)
    State(metrics, store, stripe.breaker)
    parts = Parts(
        database=store,
        payments=stripe,
        buying=Buying(store, stripe, shops, settings.fleet),
        webhooks=Webhooks(store, settings.webhook_secrets, settings.fleet),
        health=Health(store, stripe, shops, settings.track, settings.version),
        metrics=metrics,
        origins=settings.origins,
        verify_token=settings.verify_token,
    )

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        store.open()
        yield
        store.close()
        LOG.info("drained")

    handlers = {
        Refused: _refused,
        HTTPException: _by_the_router,
        database.Unavailable: _unavailable,
        payments.Unavailable: _unavailable,
        payments.Rejected: _rejected,
    }
    middleware = [Middleware(Observed, metrics=metrics), _cors(settings.origins), Middleware(Guarded)]
    return Starlette(routes=Api(parts).routes(), middleware=middleware, exception_handlers=handlers, lifespan=lifespan)


def serve(settings: Settings) -> None:
    """Serve until SIGTERM, then answer what is under way and end with exit code 0."""
    # Once it has drained, uvicorn raises the signal again for the handler that it found.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    uvicorn.run(
        make(settings),
        host="0.0.0.0",  # noqa: S104  (a container listens on all its addresses)
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
    )


def _cors(origins: tuple[str, ...]) -> Middleware:
    return Middleware(
        CORSMiddleware,
        allow_origins=list(origins),
        allow_methods=["GET", "POST"],
        allow_headers=["Content-Type", "Idempotency-Key", HEADER],
        allow_credentials=True,
        expose_headers=[HEADER],
        max_age=600,
    )


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)  # noqa: S101  (for the type checker)
    return problem(error.status, error.code, str(error))


async def _by_the_router(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  (for the type checker)
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "bad_request")
    return problem(error.status_code, code, error.detail, dict(error.headers or {}))


async def _unavailable(_request: Request, error: Exception) -> Response:
    LOG.warning("unavailable", extra={"reason": str(error)})
    what = "stripe" if isinstance(error, payments.Unavailable) else "database"
    return problem(503, f"{what}_unavailable", "please try again in a moment", {"Retry-After": "2"})


async def _rejected(_request: Request, error: Exception) -> Response:
    LOG.error("rejected", extra={"reason": str(error)})
    return problem(502, "stripe_refused", "the payment provider refuses this; trying again will not help")
