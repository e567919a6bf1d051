"""A test purchase's money goes back: whatever is repeated leads to the same refund."""

from __future__ import annotations

import uuid

from checkout import ledger
from checkout.database import Connection, Database
from checkout.payments import Payments, Rejected, Unavailable

_REFUNDED = "charge_already_refunded"
"""What Stripe says when there is nothing left to give back (API reference, Error codes)."""


def give_back(database: Database, payments: Payments, order: ledger.Order) -> None:
    """Give back all of a paid order's money; raises Rejected, or Unavailable of either neighbour."""
    if order["amount"] == 0:
        # Stripe has no payment of nothing, and so no refund whose webhook would move the order.
        database.run(ledger.take_back, order["id"])
        return
    # The webhook of the refund moves the order, as that of any other refund does.
    try:
        _refund(payments, order)
    except Unavailable as error:
        if not error.final:
            raise
        # Stripe repeats its own failure to the same key for a day.
        _refund(payments, database.run(_next_attempt, order["id"], order["refund_attempt"]))


def _refund(payments: Payments, order: ledger.Order) -> None:
    try:
        payments.refund(order)
    except Rejected as error:
        if error.code != _REFUNDED:
            raise


def _next_attempt(connection: Connection, order_id: uuid.UUID, known: int) -> ledger.Order:
    connection.execute(
        "UPDATE orders SET refund_attempt = refund_attempt + 1 WHERE id = %s AND refund_attempt = %s",
        (order_id, known),
    )
    order = ledger.find(connection, order_id)
    if order is None:
        raise LookupError("an order that was just there is gone")
    return order
