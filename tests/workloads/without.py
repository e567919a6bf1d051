"""The checkout, of which a test may switch protections off or name the point where it dies.

Without such an order it is the checkout as it is: ``python -m tests.workloads.without`` runs ``checkout.__main__``.
"""

from __future__ import annotations

import os
import signal
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from checkout import buying, ledger, payments, states, webhooks
from checkout.__main__ import main
from checkout.database import Connection, Database
from checkout.payments import Payments


def any_order() -> None:
    """Let every event set its state, however late it comes."""
    for status in states.ALLOWED:
        states.ALLOWED[status] = tuple(states.Status)


def dedup() -> None:
    """Take every delivery for a new event, and hand out at each."""
    any_order()
    ledger.take = ledger.apply


def signature() -> None:
    """Believe whoever calls."""
    webhooks.verify = lambda *_: None


def stored_key() -> None:
    """Make up a key for every call."""
    payments._once = _no_key


def _no_key(key: str) -> Any:
    return {"idempotency_key": f"{key}-{uuid.uuid4()}"}


def one_transaction() -> None:
    """Mark an event in a transaction of its own, and let the process end before the effect."""

    def run(self: Database, work: Any, *args: Any) -> Any:
        if work is not take:
            return original(self, work, *args)
        claimed = original(self, _claim, args[0])
        if claimed:
            os._exit(9)
        return ledger.Outcome.ALREADY, None

    take, original = ledger.take, Database.run
    Database.run = run  # type: ignore[method-assign, assignment]


def _claim(connection: Connection, event: Any) -> bool:
    marked = connection.execute(
        "INSERT INTO stripe_events (event_id, type, created, payload) VALUES (%s, %s, now(), '{}') "
        "ON CONFLICT DO NOTHING",
        (event["id"], event["type"]),
    )
    return marked.rowcount > 0


PROTECTIONS: dict[str, Callable[[], None]] = {
    "any_order": any_order,
    "dedup": dedup,
    "one_transaction": one_transaction,
    "signature": signature,
    "stored_key": stored_key,
}


def _mortal(point: str, module: Any, name: str, *, after: bool) -> None:
    """Let a function end the process before or after its work, when the file DIE_AT_FILE names its point."""
    original = getattr(module, name)

    def work(*args: Any, **kwargs: Any) -> Any:
        if not after:
            _die(point)
        done = original(*args, **kwargs)
        if after:
            _die(point)
        return done

    setattr(module, name, work)


def _die(point: str) -> None:
    order = Path(os.environ["DIE_AT_FILE"])
    if order.exists() and order.read_text() == point:
        order.unlink()
        os.kill(os.getpid(), signal.SIGKILL)


POINTS: dict[str, tuple[Any, str, bool]] = {
    "before the order is stored": (buying, "_place", False),
    "after the order is stored": (Payments, "open_session", False),
    "after Stripe has answered": (Payments, "open_session", True),
    "before the session is stored": (buying, "_opened", False),
    "before the session is committed": (buying, "_opened", True),
    "between an event's claim and its effect": (ledger, "apply", False),
    "between an event's effect and the commit": (ledger, "apply", True),
    "between the payment and the fulfilment": (ledger, "fulfil", False),
    "between the fulfilment and the commit": (ledger, "fulfil", True),
}

if __name__ == "__main__":
    for protection in filter(None, os.environ.get("WITHOUT", "").split(",")):
        PROTECTIONS[protection]()
    for point, (where, what, after) in POINTS.items():
        _mortal(point, where, what, after=after)
    sys.exit(main(sys.argv[1:]))
