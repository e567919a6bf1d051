"""Whether the checkout lives, may serve, and what each of its neighbours says, with its latency."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import Any

from checkout import migrate
from checkout.breaker import Circuit
from checkout.catalogue import Catalogue
from checkout.database import Connection, Database, Unavailable
from checkout.payments import Payments, Rejected
from checkout.payments import Unavailable as NoStripe

LOG = logging.getLogger(__name__)
_KEEP_SECONDS = 10.0
"""How long Stripe's answer counts: whoever asks for our health must not become load on Stripe."""


@dataclass(frozen=True)
class _Probe:
    """What Stripe said, and when: by the monotonic clock, in seconds."""

    at: float
    latency_ms: float
    error: NoStripe | Rejected | None


class Health:
    """Answers the three questions; ``inside`` says whether who asks may read our neighbours' own words.

    They name hosts, users and keys; a stranger reads the error's class, and the log has the rest.
    """

    def __init__(self, database: Database, payments: Payments, catalogue: Catalogue, track: str, version: str) -> None:
        self._database = database
        self._payments = payments
        self._about = {"track": track, "version": version}
        self._shops = len(catalogue)
        self._needed = migrate.newest()
        self._stripe: _Probe | None = None

    def ready(self, *, inside: bool) -> tuple[bool, str]:
        """Say whether requests may come: Postgres answers, and its schema is at least what this version needs.

        Stripe is no part of it: taking every replica out of service would help no buyer.
        """
        try:
            version = self._database.look(_schema)
        except Unavailable as error:
            return False, f"database: {_told(error, inside=inside)}"
        if version < self._needed:
            return False, f"schema is at {version}, needed is {self._needed}; run the migration"
        return True, "ready"

    def report(self, *, inside: bool) -> dict[str, Any]:
        """Say how every neighbour is."""
        database, stripe = self._ask_database(inside=inside), self._ask_stripe(inside=inside)
        catalogue = {"ok": self._shops > 0, "shops": self._shops}
        parts = {"database": database, "stripe": stripe, "catalogue": catalogue}
        return {"ok": all(part["ok"] for part in parts.values()), **parts, **self._about}

    def _ask_database(self, *, inside: bool) -> dict[str, Any]:
        started = time.monotonic()
        try:
            schema = self._database.look(_schema)
        except Unavailable as error:
            return {"ok": False, "latencyMs": _since(started), "error": _told(error, inside=inside)}
        return {"ok": schema >= self._needed, "latencyMs": _since(started), "schema": schema}

    def _ask_stripe(self, *, inside: bool) -> dict[str, Any]:
        known = self._stripe
        if known is None or time.monotonic() - known.at > _KEEP_SECONDS:
            known = self._stripe = self._probe()
        circuit = self._payments.breaker.state
        ok = known.error is None and circuit is not Circuit.OPEN
        answer = {"ok": ok, "latencyMs": known.latency_ms, "circuit": circuit}
        return answer if known.error is None else answer | {"error": _told(known.error, inside=inside)}

    def _probe(self) -> _Probe:
        started, failure = time.monotonic(), None
        try:
            self._payments.probe()
        except (NoStripe, Rejected) as error:
            failure = error
        return _Probe(started, _since(started), failure)


def _told(error: Unavailable | NoStripe | Rejected, *, inside: bool) -> str:
    if inside:
        return str(error)
    LOG.warning("not well", extra={"reason": str(error)})
    return error.kind


def _since(started: float) -> float:
    return round((time.monotonic() - started) * 1000, 1)


def _schema(connection: Connection) -> int:
    known = connection.execute("SELECT to_regclass('schema_migrations') IS NOT NULL AS there").fetchone()
    if not known or not known["there"]:
        return 0
    row = connection.execute("SELECT coalesce(max(version), 0) AS version FROM schema_migrations").fetchone()
    return int(row["version"]) if row else 0
