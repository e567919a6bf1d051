"""A purchase: the order is kept first, then Stripe is asked; whatever is repeated leads to the same order."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from checkout import ledger
from checkout.catalogue import TEST_SKU, Catalogue, Product
from checkout.database import Connection, Database
from checkout.observations import of_session
from checkout.payments import Payments, Unavailable
from checkout.states import Status

LIFETIME = timedelta(hours=2)
"""How long an order may be paid."""
_SHORTEST = timedelta(minutes=31)
"""Stripe refuses a session that ends within 30 minutes of its creation (API reference, expires_at)."""
_MOST = 99
_KEY = re.compile(r"[\x21-\x7e]{8,200}")
"""An idempotency key: what a header can carry and Postgres and Stripe can keep."""


class Refused(Exception):  # noqa: N818  (an answer)
    """A purchase that can't be; ``status`` is HTTP's, ``code`` is for programs."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Purchase:
    """What a buyer's click asks for; ``key`` is the same for all repetitions of one click."""

    variant: str
    sku: str
    quantity: int
    key: str
    origin: str
    correlation_id: str


@dataclass(frozen=True)
class Opened:
    """Where the buyer pays, and the order's id."""

    url: str
    order_id: uuid.UUID


def parse(body: object, *, key: str | None, origin: str, correlation_id: str) -> Purchase:
    """Read a request's JSON; raises Refused naming the field and the rule."""
    if not isinstance(body, Mapping):
        raise Refused(400, "bad_request", "the body must be a JSON object")
    for name in ("variant", "sku"):
        if not isinstance(body.get(name), str) or not body[name]:
            raise Refused(400, "bad_request", f"{name} must be a text that is not empty")
    quantity = body.get("quantity", 1)
    if not isinstance(quantity, int) or isinstance(quantity, bool) or not 1 <= quantity <= _MOST:
        raise Refused(400, "bad_request", f"quantity must be a whole number from 1 to {_MOST}")
    key = key or body.get("idempotencyKey") or str(uuid.uuid4())
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise Refused(400, "bad_request", "the idempotency key must be 8 to 200 visible ASCII characters")
    return Purchase(
        variant=body["variant"],
        sku=body["sku"],
        quantity=quantity,
        key=key,
        origin=origin,
        correlation_id=correlation_id,
    )


class Buying:
    """Opens checkouts; ``fleet`` is written into everything that is made at Stripe."""

    def __init__(self, database: Database, payments: Payments, catalogue: Catalogue, fleet: str) -> None:
        self._database = database
        self._payments = payments
        self._catalogue = catalogue
        self._fleet = fleet

    def buy(self, purchase: Purchase) -> Opened:
        """Keep the order and open its checkout; raises Refused, Rejected, or Unavailable of either neighbour."""
        product = self._product(purchase)
        order = self._database.run(_place, purchase, product, self._fleet)
        if (order["sku"], order["quantity"]) != (purchase.sku, purchase.quantity):
            raise Refused(409, "key_reused", "this idempotency key belongs to another purchase; use a new one")
        if order["status"] == Status.CREATED:
            order = self._open(order)
        if order["status"] != Status.CHECKOUT_OPEN:
            raise Refused(409, f"order_{order['status']}", f"order {order['id']} is {order['status']}; buy anew")
        return Opened(order["session_url"], order["id"])

    def _product(self, purchase: Purchase) -> Product:
        shop = self._catalogue.get(purchase.variant)
        product = shop.products.get(purchase.sku) if shop else None
        if shop is None or product is None:
            raise Refused(404, "unknown_product", f"{purchase.sku!r} is not sold by {purchase.variant!r}")
        if shop.origin != purchase.origin:
            raise Refused(403, "wrong_origin", f"{purchase.variant!r} does not sell from {purchase.origin}")
        return product

    def _open(self, order: ledger.Order) -> ledger.Order:
        if order["expires_at"] - datetime.now(UTC) < _SHORTEST:
            raise Refused(410, "order_too_old", f"order {order['id']} was begun too long ago; buy anew")
        try:
            session = self._payments.open_session(order)
        except Unavailable as error:
            if not error.final:
                raise
            # Stripe repeats its own failure to the same key for ever. A session that this key made after all is
            # known to nobody, and the reconciliation closes it.
            known = order["attempt"]
            order = self._database.run(_next_attempt, order["id"], known)
            session = self._payments.open_session(order)
        return self._database.run(_opened, order["id"], session, self._fleet)


def _place(connection: Connection, purchase: Purchase, product: Product, fleet: str) -> ledger.Order:
    order_id = uuid.uuid4()
    client_key = f"{purchase.variant}:{purchase.key}"
    connection.execute(
        "INSERT INTO orders (id, client_key, variant, sku, product, quantity, amount, currency, origin,"
        " correlation_id, test, stripe_key, expires_at, fleet)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (client_key) DO NOTHING",
        (
            order_id,
            client_key,
            purchase.variant,
            product.sku,
            product.name,
            purchase.quantity,
            product.price * purchase.quantity,
            product.currency,
            purchase.origin,
            purchase.correlation_id,
            product.sku == TEST_SKU,
            stripe_key(order_id, 1),
            datetime.now(UTC) + LIFETIME,
            fleet or None,
        ),
    )
    return _one(connection.execute("SELECT * FROM orders WHERE client_key = %s", (client_key,)).fetchone())


def stripe_key(order_id: uuid.UUID, attempt: int) -> str:
    """Give the Idempotency-Key of an order's attempt: stored before the first call, the same at every repetition."""
    return f"order-{order_id}-{attempt}"


def _next_attempt(connection: Connection, order_id: uuid.UUID, known: int) -> ledger.Order:
    connection.execute(
        "UPDATE orders SET attempt = attempt + 1, stripe_key = %s WHERE id = %s AND attempt = %s",
        (stripe_key(order_id, known + 1), order_id, known),
    )
    return _one(ledger.find(connection, order_id))


def _opened(connection: Connection, order_id: uuid.UUID, session: Mapping[str, Any], fleet: str) -> ledger.Order:
    ledger.record(connection, of_session(session), fleet)
    return _one(ledger.find(connection, order_id))


def _one(order: ledger.Order | None) -> ledger.Order:
    if order is None:
        raise LookupError("an order that was just written is gone")
    return order
