"""Whether the checkout lives, may serve, and what each of its neighbours says, with its latency."""

from __future__ import annotations

import time
from typing import Any

from checkout import migrate
from checkout.breaker import Circuit
from checkout.catalogue import Catalogue
from checkout.database import Connection, Database, Unavailable
from checkout.payments import Payments
from checkout.payments import Unavailable as NoStripe

_KEEP_SECONDS = 10.0
"""How long Stripe's answer counts: whoever asks for our health must not become load on Stripe."""


class Health:
    """Answers the three questions."""

    def __init__(self, database: Database, payments: Payments, catalogue: Catalogue, track: str, version: str) -> None:
        self._database = database
        self._payments = payments
        self._about = {"track": track, "version": version}
        self._shops = len(catalogue)
        self._needed = migrate.newest()
        self._stripe: tuple[float, dict[str, Any]] | None = None

    def ready(self) -> tuple[bool, str]:
        """Say whether requests may come: Postgres answers, and its schema is at least what this version needs.

        Stripe is no part of it: taking every replica out of service would help no buyer.
        """
        try:
            version = self._database.look(_schema)
        except Unavailable as error:
            return False, f"database: {error}"
        if version < self._needed:
            return False, f"schema is at {version}, needed is {self._needed}; run the migration"
        return True, "ready"

    def report(self) -> dict[str, Any]:
        """Say how every neighbour is."""
        database, stripe = self._ask_database(), self._ask_stripe()
        catalogue = {"ok": self._shops > 0, "shops": self._shops}
        parts = {"database": database, "stripe": stripe, "catalogue": catalogue}
        return {"ok": all(part["ok"] for part in parts.values()), **parts, **self._about}

    def _ask_database(self) -> dict[str, Any]:
        started = time.monotonic()
        try:
            schema = self._database.look(_schema)
        except Unavailable as error:
            return {"ok": False, "latencyMs": _since(started), "error": str(error)}
        return {"ok": schema >= self._needed, "latencyMs": _since(started), "schema": schema}

    def _ask_stripe(self) -> dict[str, Any]:
        if self._stripe is None or time.monotonic() - self._stripe[0] > _KEEP_SECONDS:
            self._stripe = (time.monotonic(), self._probe())
        circuit = self._payments.breaker.state
        answer = self._stripe[1] | {"circuit": circuit}
        return answer if circuit is not Circuit.OPEN else answer | {"ok": False}

    def _probe(self) -> dict[str, Any]:
        started = time.monotonic()
        try:
            self._payments.probe()
        except NoStripe as error:
            return {"ok": False, "latencyMs": _since(started), "error": str(error)}
        return {"ok": True, "latencyMs": _since(started)}


def _since(started: float) -> float:
    return round((time.monotonic() - started) * 1000, 1)


def _schema(connection: Connection) -> int:
    known = connection.execute("SELECT to_regclass('schema_migrations') IS NOT NULL AS there").fetchone()
    if not known or not known["there"]:
        return 0
    row = connection.execute("SELECT coalesce(max(version), 0) AS version FROM schema_migrations").fetchone()
    return int(row["version"]) if row else 0
