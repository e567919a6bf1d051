"""Postgres: a small pool whose connections read the password anew, and work that is repeated when one breaks."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

import psycopg
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool, PoolTimeout

from checkout.settings import DatabaseSettings

LOG = logging.getLogger(__name__)
Connection = psycopg.Connection[DictRow]
P = ParamSpec("P")
T = TypeVar("T")
_PATIENCE_SECONDS = 8.0
"""How long work is repeated: longer than a restart of Postgres, shorter than a buyer's or Stripe's patience."""
_PAUSE_SECONDS = 0.1
_OPTIONS = "-c statement_timeout=5s -c lock_timeout=3s -c idle_in_transaction_session_timeout=10s"


class Unavailable(Exception):  # noqa: N818  (a state of the world)
    """Postgres did not answer in time; ``kind`` names the error without what it tells of our inside."""

    def __init__(self, reason: str, *, kind: str = "Unavailable") -> None:
        super().__init__(reason)
        self.kind = kind


class TooSlow(Unavailable):
    """Postgres answers, and one statement took too long."""


def parameters(settings: DatabaseSettings, application: str) -> dict[str, Any]:
    """Give what a new connection is made with; reads the password now, so that a rotation needs no restart."""
    return {
        "host": settings.host,
        "port": settings.port,
        "dbname": settings.name,
        "user": settings.user,
        "password": settings.password.value(),
        "application_name": application,
        "connect_timeout": 3,
        "tcp_user_timeout": 5000,
        "options": _OPTIONS,
    }


class Database:
    """Runs units of work in transactions."""

    def __init__(self, settings: DatabaseSettings, application: str, *, connections: int = 8) -> None:
        # Eight replicas and a canary stay far below Postgres' default of 100 connections.
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            kwargs=lambda: {**parameters(settings, application), "row_factory": dict_row},
            connection_class=psycopg.Connection[DictRow],
            min_size=1,
            max_size=connections,
            timeout=2,
            max_lifetime=1800,
            # The pause between attempts doubles; starting over keeps it short after a long outage.
            reconnect_timeout=3,
            open=False,
        )

    def open(self) -> None:
        """Start the pool; does not wait for Postgres."""
        self._pool.open(wait=False)

    def close(self) -> None:
        """Close every connection."""
        self._pool.close(timeout=2)

    def run(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``work`` in one transaction; raises Unavailable when Postgres can't be had for 8 s.

        ``work`` must be safe to repeat: when a connection breaks at the commit, nobody knows whether it happened.
        """
        return self._run(lambda connection: work(connection, *args, **kwargs), _PATIENCE_SECONDS)

    def look(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``work`` as ``run`` does, but try only once: for whoever asks again by himself."""
        return self._run(lambda connection: work(connection, *args, **kwargs), 0)

    def _run(self, work: Callable[[Connection], T], patience_seconds: float) -> T:
        deadline = time.monotonic() + patience_seconds
        while True:
            try:
                with self._pool.connection() as connection, connection.transaction():
                    return work(connection)
            except psycopg.errors.QueryCanceled as error:
                raise TooSlow(f"statement took too long: {error}", kind=type(error).__name__) from error
            except (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout, OSError) as error:
                if time.monotonic() >= deadline:
                    reason = str(error).strip().split("\n")[0]
                    raise Unavailable(reason, kind=type(error).__name__) from error
                LOG.warning("database: again after %s", type(error).__name__)
                time.sleep(_PAUSE_SECONDS)
