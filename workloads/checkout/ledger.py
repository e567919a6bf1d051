"""The orders, and the one path by which anything Stripe says changes them.

Each function works in the caller's transaction and is safe to repeat.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from checkout.database import Connection
from checkout.observations import EVENT_TYPES, Claim, Notice, Observation, of_event
from checkout.states import ALLOWED, HANDED_OUT, TAKES_MONEY, Status

LOG = logging.getLogger(__name__)
Order = Mapping[str, Any]
OWED = (
    "status IN ('paid', 'partially_refunded')"
    " AND NOT EXISTS (SELECT FROM fulfilments WHERE fulfilments.order_id = orders.id)"
)
"""Which orders are paid for and not handed out: states.HANDED_OUT in the words of the index ``orders_owed``."""

SESSION_MISSING = "session_missing"
"""The kind of review for an order whose session Stripe doesn't know."""


class Outcome(StrEnum):
    """What became of something Stripe said."""

    APPLIED = "applied"
    STALE = "stale"
    """The order had come further already."""
    ALREADY = "already"
    """The event had been processed before."""
    IGNORED = "ignored"
    UNMATCHED = "unmatched"
    REVIEW = "review"
    RESOLVED = "resolved"
    """A person has said that nothing is left to do."""


def take(connection: Connection, event: Mapping[str, Any], fleet: str) -> tuple[Outcome, UUID | None]:
    """Process an event of Stripe's once: the row that says so and its effect are one transaction.

    ``fleet`` is ours. Gives what became of it and the order it was about.
    """
    if event["type"] not in EVENT_TYPES:
        return Outcome.IGNORED, None
    claimed = connection.execute(
        "INSERT INTO stripe_events (event_id, type, created, payload) VALUES (%s, %s, to_timestamp(%s), %s) "
        "ON CONFLICT DO NOTHING",
        (event["id"], event["type"], event["created"], Jsonb(event)),
    )
    if claimed.rowcount == 0:
        row = connection.execute("SELECT order_id FROM stripe_events WHERE event_id = %s", (event["id"],)).fetchone()
        return Outcome.ALREADY, row["order_id"] if row else None
    return apply(connection, event, fleet)


def apply(connection: Connection, event: Mapping[str, Any], fleet: str) -> tuple[Outcome, UUID | None]:
    """Have a claimed event take effect, and note what became of it."""
    seen = of_event(event["type"], event["data"]["object"])
    outcome, order_id = (Outcome.IGNORED, None) if seen is None else record(connection, seen, fleet)
    connection.execute(
        "UPDATE stripe_events SET outcome = %s, order_id = %s, processed_at = now() WHERE event_id = %s",
        (outcome, order_id, event["id"]),
    )
    return outcome, order_id


def record(connection: Connection, seen: Observation | Notice, fleet: str) -> tuple[Outcome, UUID | None]:
    """Move the order to where Stripe says it is, if it isn't there or further; what doesn't fit is for a person."""
    order = _find(connection, seen)
    if order is None:
        return _without_order(connection, seen, fleet), None
    if isinstance(seen, Notice):
        handed = "handed out" if _handed_out(connection, order) else "not handed out"
        review(connection, seen.kind, seen.object_id, order["id"], f"{seen.detail}; {order['status']}, {handed}")
        return Outcome.REVIEW, order["id"]
    problem = _contradiction(order, seen)
    if problem:
        review(connection, problem[0], seen.object_id, order["id"], problem[1])
        return Outcome.REVIEW, order["id"]
    if _superseded(order, seen):
        return Outcome.STALE, order["id"]
    return (Outcome.APPLIED if _advance(connection, order, seen) else Outcome.STALE), order["id"]


def fulfil(connection: Connection, order_id: UUID) -> bool:
    """Hand out what was paid for, once; gives whether this call did.

    The row decides and not the state: a part may be refunded before its payment was told of, or before this.
    """
    made = connection.execute(
        "INSERT INTO fulfilments (order_id) SELECT id FROM orders WHERE id = %s AND status = ANY(%s) FOR UPDATE"
        " ON CONFLICT DO NOTHING",
        (order_id, list(HANDED_OUT)),
    )
    connection.execute(
        "UPDATE orders SET status = %s, updated_at = now() WHERE id = %s AND status = %s",
        (Status.FULFILLED, order_id, Status.PAID),
    )
    return made.rowcount > 0


def take_back(connection: Connection, order_id: UUID) -> bool:
    """Mark a paid order of nothing as refunded; gives whether this call did."""
    moved = connection.execute(
        "UPDATE orders SET status = %s, updated_at = now() WHERE id = %s AND amount = 0 AND status = ANY(%s)",
        (Status.REFUNDED, order_id, [Status.PAID, Status.FULFILLED]),
    )
    return moved.rowcount > 0


def review(connection: Connection, kind: str, object_id: str, order_id: UUID | None, detail: str) -> bool:
    """Ask a person to look at something, once; gives whether it is new."""
    made = connection.execute(
        "INSERT INTO reviews (kind, object_id, order_id, detail) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (kind, object_id, order_id, detail),
    )
    if made.rowcount:
        LOG.warning("needs review", extra={"kind": kind, "object": object_id, "order": order_id, "detail": detail})
    return made.rowcount > 0


def is_open(connection: Connection, kind: str, object_id: str) -> bool:
    """Say whether a review still waits for a person."""
    row = connection.execute(
        "SELECT FROM reviews WHERE kind = %s AND object_id = %s AND resolved_at IS NULL", (kind, object_id)
    ).fetchone()
    return row is not None


def resolve(connection: Connection, kind: str, object_id: str) -> bool:
    """Close a review and what waits for it; gives whether one was open. What is closed never opens again.

    An order whose session Stripe doesn't know can't be paid, so that closing its review gives it up.
    """
    closed = connection.execute(
        "UPDATE reviews SET resolved_at = now() WHERE kind = %s AND object_id = %s AND resolved_at IS NULL",
        (kind, object_id),
    )
    connection.execute(
        "UPDATE stripe_events SET outcome = %s WHERE outcome = ANY(%s) AND payload #>> '{data,object,id}' = %s",
        (Outcome.RESOLVED, [Outcome.UNMATCHED, Outcome.REVIEW], object_id),
    )
    if closed.rowcount and kind == SESSION_MISSING:
        connection.execute(
            "UPDATE orders SET status = %s, updated_at = now() WHERE session_id = %s AND status = ANY(%s)",
            (Status.EXPIRED, object_id, list(ALLOWED[Status.EXPIRED])),
        )
    return closed.rowcount > 0


def find(connection: Connection, order_id: UUID) -> Order | None:
    """Give an order."""
    return connection.execute("SELECT * FROM orders WHERE id = %s", (order_id,)).fetchone()


def _without_order(connection: Connection, seen: Observation | Notice, fleet: str) -> Outcome:
    """Ask a person about a payment whose order is not here, unless another fleet made it; unpaid, it is nothing."""
    foreign = seen.fleet is not None and seen.fleet != fleet
    if foreign or (isinstance(seen, Observation) and seen.status not in TAKES_MONEY):
        return Outcome.IGNORED
    what = seen.kind if isinstance(seen, Notice) else seen.status
    review(connection, "unmatched", seen.object_id, None, f"{what} for an order that is not here")
    return Outcome.UNMATCHED


def _find(connection: Connection, seen: Claim) -> Order | None:
    # The lock makes concurrent events about one order take turns.
    return connection.execute(
        "SELECT * FROM orders WHERE id = %s OR (%s::uuid IS NULL AND payment_intent = %s) FOR UPDATE",
        (seen.order_id, seen.order_id, seen.payment_intent),
    ).fetchone()


def _handed_out(connection: Connection, order: Order) -> bool:
    return connection.execute("SELECT FROM fulfilments WHERE order_id = %s", (order["id"],)).fetchone() is not None


def _contradiction(order: Order, seen: Observation) -> tuple[str, str] | None:
    if seen.status not in TAKES_MONEY:
        return None
    if seen.amount is not None and (seen.amount, seen.currency) != (order["amount"], order["currency"]):
        paid, owed = f"{seen.amount} {seen.currency}", f"{order['amount']} {order['currency']}"
        return "amount", f"paid {paid} for an order of {owed}"
    if order["payment_intent"] and seen.payment_intent and order["payment_intent"] != seen.payment_intent:
        return "second_payment", f"{seen.payment_intent} beside {order['payment_intent']}"
    return None


def _superseded(order: Order, seen: Observation) -> bool:
    """Say whether this is the end of a session that the buyer was never sent to: the order has another."""
    unpaid = seen.status not in TAKES_MONEY
    return bool(unpaid and order["session_id"] and seen.session_id and seen.session_id != order["session_id"])


def _advance(connection: Connection, order: Order, seen: Observation) -> bool:
    connection.execute(
        "UPDATE orders SET session_id = coalesce(session_id, %s), session_url = coalesce(session_url, %s), "
        "payment_intent = coalesce(payment_intent, %s), session_complete = session_complete OR %s WHERE id = %s",
        (seen.session_id, seen.session_url, seen.payment_intent, seen.complete, order["id"]),
    )
    moved = connection.execute(
        "UPDATE orders SET status = %s, updated_at = now() WHERE id = %s AND status = ANY(%s)",
        (seen.status, order["id"], list(ALLOWED[seen.status])),
    )
    if moved.rowcount:
        extra = {"order": order["id"], "from": order["status"], "to": seen.status, "because": seen.object_id}
        LOG.info("order moved", extra=extra | {"correlationId": order["correlation_id"]})
    return moved.rowcount > 0
