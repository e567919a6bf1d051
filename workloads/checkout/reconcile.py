"""The reconciliation: what Stripe has and we don't, and what we have and Stripe doesn't, repaired by the same path.

Webhooks may be lost in every way there is; this walks Stripe's events and then its objects, so that nothing depends on
a delivery. It is safe to repeat and to run beside the webhooks.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from psycopg.types.json import Jsonb

from checkout import ledger
from checkout.database import Connection, Database
from checkout.ledger import Outcome
from checkout.observations import EVENT_TYPES, of_session
from checkout.payments import Payments, Rejected
from checkout.states import Status

P = ParamSpec("P")
LOG = logging.getLogger(__name__)
_EVENT_WINDOW_SECONDS = 30 * 24 * 3600
"""How long Stripe keeps events (API reference, List all events)."""
_SESSION_WINDOW_SECONDS = 26 * 3600
"""Sessions live for a day at most; what is older and unfinished here is asked for one by one."""
_PAYLOAD_DAYS = 30
"""How long an event's payload is kept once nothing waits for it: it names the buyer. Stripe keeps it as long."""
_AT_ONCE = 5000
"""How many payloads one run forgets at most."""
KINDS = (
    "missed_event",
    "repaired_order",
    "unfulfilled_order",
    "superseded_session",
    "session_without_order",
    "abandoned_order",
    "review",
)
"""What can be found; ``session_without_order`` and ``review`` are for a person, the others have been repaired."""


class Reconciliation:
    """One run for ``fleet``; what is younger than ``after_seconds`` is left to the webhooks."""

    def __init__(self, database: Database, payments: Payments, after_seconds: int, fleet: str) -> None:
        self._database = database
        self._payments = payments
        self._fleet = fleet
        self._listed: set[str] = set()
        self._started = int(time.time())
        self._settled = self._started - after_seconds
        self.findings: Counter[str] = Counter(dict.fromkeys(KINDS, 0))

    def run(self) -> Counter[str]:
        """Find and repair; gives how much of what. What is owed comes first, for it needs nothing of Stripe.

        Raises Rejected, or Unavailable of either neighbour: it could not tell.
        """
        self._unfulfilled()
        self._events()
        self._sessions()
        self._unfinished()
        self._unmatched_events()
        self._database.run(_forget_payloads)
        self.findings["review"] = self._database.run(_open_reviews)
        self._database.run(self._keep)
        LOG.info("reconciled", extra={"findings": dict(self.findings)})
        return self.findings

    def _events(self) -> None:
        """Take every event since the last run; those that a webhook brought are known."""
        try:
            self._events_after(self._database.run(_cursor))
        except Rejected as error:
            if not error.is_missing:
                raise
            # The last event is of another account, or gone: then all there are are looked at once more.
            LOG.warning("cursor is unknown to Stripe", extra={"reason": str(error)})
            self._events_after(None)

    def _events_after(self, cursor: str | None) -> None:
        since = self._started - _EVENT_WINDOW_SECONDS
        for event in self._payments.events(EVENT_TYPES, after=cursor, since=since):
            if event["created"] > self._settled:
                break
            outcome, _ = self._repair(ledger.take, event, self._fleet)
            missed = outcome not in (Outcome.ALREADY, Outcome.IGNORED)
            self._count("missed_event", event["id"], found=missed)
            self._database.run(_move_cursor, event["id"])

    def _sessions(self) -> None:
        """Compare Stripe's sessions with the orders: the events may be gone, the objects are not."""
        for session in self._payments.sessions(self._started - _SESSION_WINDOW_SECONDS):
            self._listed.add(session["id"])
            if session["created"] <= self._settled:
                self._compare(session)

    def _compare(self, session: Mapping[str, Any]) -> None:
        seen = of_session(session)
        outcome, order_id = self._repair(ledger.record, seen, self._fleet)
        self._count("repaired_order", seen.object_id, found=outcome is Outcome.APPLIED)
        lost = outcome is Outcome.UNMATCHED and self._database.run(ledger.is_open, "unmatched", seen.object_id)
        self._count("session_without_order", seen.object_id, found=lost)
        order = self._database.run(ledger.find, order_id) if order_id else None
        if order and session["status"] == "open" and order["session_id"] != session["id"]:
            self._close(session["id"])

    def _close(self, session_id: str) -> None:
        """Close a session that its buyer was never sent to."""
        try:
            self._payments.expire_session(session_id)
        except Rejected as error:
            # It came to its end since it was listed, and the next run sees how.
            LOG.info("not expired", extra={"session": session_id, "reason": str(error)})
        else:
            self._count("superseded_session", session_id, found=True)

    def _unfinished(self) -> None:
        """Bring each order on that should have come to an end or to a payment by now.

        Stripe is asked only for a session that was not just listed.
        """
        for order in self._database.run(_pending, self._settled):
            if order["session_id"] is None:
                closed = order["expires_at"] < datetime.now(UTC) and self._database.run(_abandon, order["id"])
                self._count("abandoned_order", str(order["id"]), found=bool(closed))
            elif order["session_id"] not in self._listed:
                self._ask(order)

    def _ask(self, order: ledger.Order) -> None:
        try:
            seen = of_session(self._payments.session(order["session_id"]))
        except Rejected as error:
            if not error.is_missing:
                raise
            detail = f"Stripe does not know the session of an order that is {order['status']}"
            self._database.run(ledger.review, ledger.SESSION_MISSING, order["session_id"], order["id"], detail)
            return
        outcome, _ = self._repair(ledger.record, seen, self._fleet)
        self._count("repaired_order", seen.object_id, found=outcome is Outcome.APPLIED)

    def _unmatched_events(self) -> None:
        """Try again what came before its order could be told: a dispute that overtook its payment."""
        for event in self._database.run(_unmatched):
            outcome, _ = self._repair(_again, self._marked(event), self._fleet)
            self._count("repaired_order", event["id"], found=outcome is Outcome.APPLIED)

    def _marked(self, event: Mapping[str, Any]) -> Mapping[str, Any]:
        """Give an event with the marks of its payment: a dispute carries none, and may be another fleet's."""
        body = event["data"]["object"]
        if (body.get("metadata") or {}).get("order_id") or not body.get("payment_intent"):
            return event
        try:
            marks = self._payments.payment(body["payment_intent"])["metadata"]
        except Rejected as error:
            if not error.is_missing:
                raise
            return event
        return {**event, "data": {**event["data"], "object": {**body, "metadata": marks}}}

    def _unfulfilled(self) -> None:
        """Hand out what is paid for: a process may have ended between the two transactions."""
        for order_id in self._database.run(_owed, self._settled):
            done = self._database.run(ledger.fulfil, order_id)
            self._count("unfulfilled_order", str(order_id), found=done)

    def _repair(
        self, work: Callable[Concatenate[Connection, P], tuple[Outcome, UUID | None]], *args: P.args, **kwargs: P.kwargs
    ) -> tuple[Outcome, UUID | None]:
        """Let Stripe's word take effect and hand out what it pays for, as a webhook does."""
        outcome, order_id = self._database.run(work, *args, **kwargs)
        if order_id is not None and outcome is Outcome.APPLIED:
            self._database.run(ledger.fulfil, order_id)
        return outcome, order_id

    def _count(self, kind: str, object_id: str, *, found: bool) -> None:
        if found:
            self.findings[kind] += 1
            LOG.info("found", extra={"kind": kind, "object": object_id})

    def _keep(self, connection: Connection) -> None:
        connection.execute(
            "INSERT INTO reconcile_runs (started_at, findings) VALUES (to_timestamp(%s), %s)",
            (self._started, Jsonb(dict(self.findings))),
        )


def _cursor(connection: Connection) -> str | None:
    row = connection.execute("SELECT event_id FROM reconcile_cursor").fetchone()
    return row["event_id"] if row else None


def _move_cursor(connection: Connection, event_id: str) -> None:
    connection.execute(
        "INSERT INTO reconcile_cursor (event_id) VALUES (%s) ON CONFLICT (only_row) DO UPDATE SET event_id = %s",
        (event_id, event_id),
    )


def _pending(connection: Connection, settled: int) -> list[ledger.Order]:
    return list(
        connection.execute(
            "SELECT * FROM orders WHERE status = ANY(%s) AND created_at <= to_timestamp(%s) ORDER BY created_at",
            ([Status.CREATED, Status.CHECKOUT_OPEN], settled),
        ).fetchall()
    )


def _owed(connection: Connection, settled: int) -> list[UUID]:
    rows = connection.execute(
        f"SELECT id FROM orders WHERE {ledger.OWED} AND updated_at <= to_timestamp(%s)".encode(),  # noqa: S608
        (settled,),
    ).fetchall()
    return [row["id"] for row in rows]


def _abandon(connection: Connection, order_id: UUID) -> bool:
    moved = connection.execute(
        "UPDATE orders SET status = 'expired', updated_at = now() WHERE id = %s AND status = 'created'", (order_id,)
    )
    return moved.rowcount > 0


def _unmatched(connection: Connection) -> list[dict[str, Any]]:
    rows = connection.execute("SELECT payload FROM stripe_events WHERE outcome = 'unmatched' ORDER BY created")
    return [row["payload"] for row in rows.fetchall()]


def _again(connection: Connection, event: Mapping[str, Any], fleet: str) -> tuple[Outcome, UUID | None]:
    outcome, order_id = ledger.apply(connection, event, fleet)
    if outcome is not Outcome.UNMATCHED:
        connection.execute(
            "UPDATE reviews SET resolved_at = now() WHERE kind = 'unmatched' AND object_id = %s",
            (event["data"]["object"]["id"],),
        )
    return outcome, order_id


def _forget_payloads(connection: Connection) -> int:
    forgotten = connection.execute(
        "UPDATE stripe_events SET payload = '{}' WHERE event_id IN (SELECT event_id FROM stripe_events"
        " WHERE payload <> '{}' AND outcome NOT IN ('unmatched', 'review')"
        " AND processed_at < now() - make_interval(days => %s) ORDER BY processed_at LIMIT %s)",
        (_PAYLOAD_DAYS, _AT_ONCE),
    )
    return forgotten.rowcount


def _open_reviews(connection: Connection) -> int:
    row = connection.execute("SELECT count(*) AS open FROM reviews WHERE resolved_at IS NULL").fetchone()
    return int(row["open"]) if row else 0
