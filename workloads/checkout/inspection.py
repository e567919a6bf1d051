"""What whoever verifies the fleet may see of the database: a test purchase as a whole, and what has not settled.

Nothing here writes, and nothing here shows an order that a customer made but its id, state and age.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from checkout import ledger
from checkout.database import Connection
from checkout.states import Status

OVERDUE = timedelta(minutes=15)
"""When even a webhook that was lost should have been made up for, unless who asks knows the schedule: two runs of the
reconciliation, each five minutes apart (fleet/config_workloads.py) and four long (manifests/checkout.py)."""
_MOST = 20
"""How many of a kind are listed; the count says how many there are."""


def order(connection: Connection, found: ledger.Order) -> dict[str, Any]:
    """Give all that is known of an order, with the events that were about it, oldest first."""
    events = connection.execute(
        "SELECT event_id AS id, type, outcome, created FROM stripe_events WHERE order_id = %s ORDER BY created, type",
        (found["id"],),
    ).fetchall()
    return {
        "orderId": str(found["id"]),
        **{name: found[name] for name in ("status", "variant", "sku", "quantity", "amount", "currency", "test")},
        "sessionId": found["session_id"],
        "paymentIntent": found["payment_intent"],
        "correlationId": found["correlation_id"],
        "createdAt": found["created_at"].isoformat(),
        "updatedAt": found["updated_at"].isoformat(),
        "events": [event | {"created": event["created"].isoformat()} for event in events],
    }


def reconciliation(connection: Connection, overdue: timedelta = OVERDUE) -> dict[str, Any]:
    """Give the last run with what it found, what waits for a person, and what has not settled for ``overdue``."""
    return {
        "lastRun": _last_run(connection),
        "reviews": _listed(connection, _REVIEWS, ()),
        "overdueOrders": _listed(connection, _ORDERS, (overdue, [Status.CREATED, Status.CHECKOUT_OPEN], overdue)),
        "overdueEvents": _listed(connection, _EVENTS, (overdue,)),
    }


_REVIEWS = "SELECT kind, object_id, detail, created_at AS since FROM reviews WHERE resolved_at IS NULL"
_ORDERS = (
    f"SELECT id, status, updated_at AS since FROM orders WHERE ({ledger.OWED} AND updated_at < now() - %s)"  # noqa: S608
    " OR (status = ANY(%s) AND NOT session_complete AND expires_at < now() - %s)"
)
"""Paid and not handed out; or neither paid nor given up though its time is over. A bank debit that is under way keeps
its order for days, and the buyer has done all."""
_EVENTS = (
    "SELECT event_id AS id, type, processed_at AS since FROM stripe_events"
    " WHERE outcome = 'unmatched' AND processed_at < now() - %s"
)


def _last_run(connection: Connection) -> dict[str, Any] | None:
    run = connection.execute(
        "SELECT finished_at, extract(epoch FROM now() - finished_at)::float8 AS age, findings"
        " FROM reconcile_runs ORDER BY id DESC LIMIT 1"
    ).fetchone()
    if run is None:
        return None
    return {"finishedAt": run["finished_at"].isoformat(), "ageSeconds": run["age"], "findings": run["findings"]}


def _listed(connection: Connection, query: str, values: tuple[Any, ...]) -> dict[str, Any]:
    rows = connection.execute(
        f"SELECT *, count(*) OVER () AS among FROM ({query}) AS found ORDER BY since LIMIT {_MOST}".encode(),  # noqa: S608
        values,
    ).fetchall()
    shown = [{name: _plain(value) for name, value in row.items() if name != "among"} for row in rows]
    return {"count": rows[0]["among"] if rows else 0, "oldest": shown}


def _plain(value: Any) -> Any:  # noqa: ANN401  (a column's value)
    return value if isinstance(value, (int, str, type(None))) else str(value)
