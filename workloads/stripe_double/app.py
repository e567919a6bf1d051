"""The whole double as one ASGI application."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Collection, Sequence
from pathlib import Path

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from stripe_double.account import Account
from stripe_double.api import Api
from stripe_double.control import Control, add_endpoint
from stripe_double.delivery import RETRY_SECONDS, Courier
from stripe_double.faults import Faults
from stripe_double.pages import Pages
from stripe_double.store import Store


def make(  # noqa: PLR0913  (each is one thing that differs between a test and the sandbox)
    *,
    path: Path | str = ":memory:",
    keys: Collection[str] = (),
    webhooks: Sequence[tuple[str, str, Sequence[str]]] = (),
    retry_seconds: Sequence[float] = RETRY_SECONDS,
    seed: int = 0,
    public_url: str = "",
    webhook_authority: Path | None = None,
) -> Starlette:
    """Make the application.

    ``path`` is where it remembers, ``keys`` the secret keys it takes (none: any test key), ``webhooks`` are addresses,
    each with its secret and the event types it gets, ``retry_seconds`` the pauses between tries to deliver, ``seed``
    fixes which faults strike, ``public_url`` is where buyers find the pages (none: where the API was called),
    ``webhook_authority`` the certificate authority that the addresses of webhooks have in place of the world's.
    """
    faults, store = Faults(seed), Store(path)
    trusted = ssl.create_default_context(cafile=str(webhook_authority)) if webhook_authority else None
    courier = Courier(store, faults, retry_seconds, trusted)
    account = Account(store, courier.announce)
    for url, secret, events in webhooks:
        add_endpoint(account, url, secret, events)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        courier.resume()
        sweeping = asyncio.create_task(_sweep(account))
        yield
        sweeping.cancel()
        await courier.close()

    return Starlette(
        lifespan=lifespan,
        routes=[
            Route("/health/live", _alive),
            Route("/health/ready", _alive),
            *Control(account, faults, courier).routes(),
            *Pages(account, faults, courier).routes(),
            Route("/{rest:path}", Api(account, faults, keys, public_url).respond, methods=["GET", "POST", "DELETE"]),
        ],
    )


async def _alive(_request: object) -> PlainTextResponse:
    return PlainTextResponse("ok")


async def _sweep(account: Account) -> None:
    while True:
        await asyncio.sleep(5)
        account.sweep()
