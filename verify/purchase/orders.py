"""The checkout as a purchase asks it: where an order stands, and the money back for a test order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import httpx

from verify.web import BUSY

_PAUSE_SECONDS = 0.3
_LONGEST_PAUSE_SECONDS = 2.0


class UnreadableError(Exception):
    """The checkout did not answer as it should; one line with the address and what came instead.

    ``passing`` says that it may at the next try: nobody answered, or for being ill (5xx) or busy (429).
    """

    def __init__(self, line: str, *, passing: bool = False) -> None:
        super().__init__(line)
        self.passing = passing


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order as the checkout shows it; ``amount`` in the currency's smallest unit, currency in capitals."""

    status: str
    variant: str
    sku: str
    quantity: int
    amount: int
    currency: str
    test: bool

    @property
    def is_paid(self) -> bool:
        """Whether the customer's money has come; what is handed out was paid."""
        return self.status in ("paid", "fulfilled")


class Orders:
    """The checkout's addresses for orders (workloads/checkout/README.md, Interface).

    ``cookie`` leads to one release, where traffic is split.
    """

    def __init__(self, client: httpx.AsyncClient, checkout: str, token: str | None, cookie: str = "") -> None:
        self._client = client
        self._checkout = checkout
        self._token = token
        self._held = {"Cookie": cookie} if cookie else {}

    @property
    def may_refund(self) -> bool:
        """Whether there is a token."""
        return self._token is not None

    async def get(self, order: str) -> Order:
        """Give an order; raises UnreadableError."""
        raw = await self._json("GET", f"/api/orders/{order}", 200)
        try:
            return Order(
                status=str(raw["status"]),
                variant=str(raw["variant"]),
                sku=str(raw["sku"]),
                quantity=int(raw["quantity"]),
                amount=int(raw["amount"]),
                currency=str(raw["currency"]).upper(),
                test=raw["test"] is True,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise UnreadableError(f"GET {self._checkout}/api/orders/{order}: no order ({error!r}): {raw}") from error

    async def until(self, order: str, enough: Callable[[Order], bool], deadline: float) -> Order:
        """Ask until ``enough`` or until ``deadline`` (of the monotonic clock) is past.

        Raises UnreadableError where the last answer before the deadline was none; any before it is forgotten.
        """
        found: Order | UnreadableError
        async for _ in _tries(deadline):
            try:
                found = await self.get(order)
            except UnreadableError as error:
                found = error
            else:
                if enough(found):
                    break
        if isinstance(found, UnreadableError):
            raise found
        return found

    async def correlation_id(self, order: str) -> str:
        """Give the id of the click that made a test order; needs the token, raises UnreadableError."""
        raw = await self._json("GET", f"/api/test-orders/{order}", 200)
        return str(raw.get("correlationId", ""))

    async def refund(self, order: str, deadline: float) -> None:
        """Ask for a test order's money back, again until ``deadline`` where that may help (twice gives it back once).

        Needs the token; raises UnreadableError.
        """
        failed: UnreadableError | None = None
        async for _ in _tries(deadline):
            try:
                await self._json("POST", f"/api/test-orders/{order}/refund", 202)
            except UnreadableError as error:
                failed = error
                if not error.passing:
                    break
            else:
                return
        if failed is not None:
            raise failed

    async def health(self) -> dict[str, Any] | None:
        """Give what the checkout says of its neighbours; None where it says nothing that can be read."""
        try:
            raw = (await self._client.get(f"{self._checkout}/health", headers=self._held)).json()
        except (httpx.HTTPError, ValueError):
            return None
        return raw if isinstance(raw, dict) else None

    async def _json(self, method: str, path: str, expected: int) -> dict[str, Any]:
        headers = dict(self._held)
        if self._token is not None and "/test-orders/" in path:
            headers["Authorization"] = f"Bearer {self._token}"
        where = f"{method} {self._checkout}{path}"
        try:
            answer = await self._client.request(method, f"{self._checkout}{path}", headers=headers)
            raw = answer.json()
        except httpx.HTTPError as error:
            raise UnreadableError(f"{where}: {type(error).__name__} {error}".rstrip(), passing=True) from error
        except ValueError as error:
            line = f"{where}: HTTP {answer.status_code} and no JSON, expected {expected}"
            raise UnreadableError(line, passing=_passes(answer)) from error
        if answer.status_code != expected or not isinstance(raw, dict):
            said = raw.get("error", raw) if isinstance(raw, dict) else raw
            words = said.get("message", said) if isinstance(said, dict) else said
            line = f"{where}: HTTP {answer.status_code}, expected {expected}: {words}"
            raise UnreadableError(line, passing=_passes(answer))
        return raw


def _passes(answer: httpx.Response) -> bool:
    return answer.status_code >= 500 or answer.status_code == BUSY


async def _tries(deadline: float) -> AsyncIterator[None]:
    """Give a try at once, and others after longer and longer pauses; the last is after ``deadline``."""
    pause = _PAUSE_SECONDS
    yield
    while time.monotonic() < deadline:
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE_SECONDS)
        yield
