"""Migrations: numbered SQL files, each applied once, in order, by one process at a time.

They only ever expand what an older version relies on (new tables, columns with defaults); what nobody uses any more
goes in a later release. So both versions of a canary run on one schema.
"""

from __future__ import annotations

import hashlib
import logging
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psycopg

from checkout.database import parameters
from checkout.settings import DatabaseSettings

LOG = logging.getLogger(__name__)
FOLDER = Path(__file__).parent / "migrations"
_PAUSE_SECONDS = 2.0
_LOCK_TIMEOUT = "2s"
"""How long a migration waits for a table: while it does, everything that comes later waits behind it."""
_LOCK = 0x666C6F74
"""Of pg_advisory_lock: two Jobs that start together take turns."""
_LEDGER = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    version integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now())
"""


class MigrationError(Exception):
    """A migration can't be applied; one line says which and why."""


@dataclass(frozen=True)
class Migration:
    """One file."""

    version: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """Tell a file that was changed after it had been applied."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations(folder: Path = FOLDER) -> list[Migration]:
    """Read the files in order; raises MigrationError when the numbers have a gap or a double."""
    found = []
    for path in sorted(folder.glob("*.sql")):
        name = re.fullmatch(r"(\d{4})_(\w+)\.sql", path.name)
        if name is None:
            raise MigrationError(f"{path.name}: a migration is named 0001_what_it_does.sql")
        found.append(Migration(int(name[1]), name[2], path.read_text(encoding="utf-8")))
    if [one.version for one in found] != list(range(1, len(found) + 1)):
        raise MigrationError(f"migrations are numbered {[one.version for one in found]}; they must count from 1")
    return found


def newest() -> int:
    """Give the version that this code needs at least."""
    return migrations()[-1].version


def migrate(
    settings: DatabaseSettings, wanted: Iterable[Migration] | None = None, *, patience_seconds: float = 0
) -> list[Migration]:
    """Apply what is missing and give it; safe to repeat and to run twice at once.

    Raises MigrationError, or, when nobody may sign in for ``patience_seconds``, what sign_in raises.
    """
    deadline = time.monotonic() + patience_seconds
    with sign_in(settings, patience_seconds) as connection:
        connection.execute("SET lock_timeout = '60s'; SET statement_timeout = '300s'")
        connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        connection.execute(f"SET lock_timeout = '{_LOCK_TIMEOUT}'".encode())
        connection.execute(_LEDGER)
        rows = connection.execute("SELECT version, checksum FROM schema_migrations").fetchall()
        applied = {int(version): str(checksum) for version, checksum in rows}
        return [one for one in wanted or migrations() if _apply(connection, one, applied.get(one.version), deadline)]


def sign_in(settings: DatabaseSettings, patience_seconds: float) -> psycopg.Connection:
    """Connect as soon as Postgres runs and takes the password: a new one reaches pods and database at times of its own.

    The password is read at each try; a file that is not there yet, or still empty, is waited for too. When
    ``patience_seconds`` are over, raises psycopg.OperationalError, or OSError when there was no password to read.
    """
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            return psycopg.connect(**parameters(settings, "checkout-migrate"), autocommit=True)
        except (psycopg.OperationalError, OSError) as error:
            if time.monotonic() >= deadline:
                raise
            LOG.warning("can't sign in yet", extra={"reason": str(error).strip().split("\n")[0]})
            time.sleep(_PAUSE_SECONDS)


def _apply(connection: psycopg.Connection, migration: Migration, known: str | None, deadline: float) -> bool:
    if known is not None:
        if known != migration.checksum:
            raise MigrationError(
                f"migration {migration.version} ({migration.name}) was changed after it had been applied; "
                "undo that and write a new one"
            )
        return False
    while not _applied(connection, migration, last=time.monotonic() >= deadline):
        LOG.warning("a table is locked, again", extra={"migration": migration.version})
        time.sleep(_PAUSE_SECONDS)
    LOG.info("migrated", extra={"migration": migration.version, "what": migration.name})
    return True


def _applied(connection: psycopg.Connection, migration: Migration, *, last: bool) -> bool:
    """Apply a migration in a transaction; gives False when a table is locked and this is not the last try."""
    try:
        with connection.transaction():
            connection.execute(migration.sql.encode())
            connection.execute(
                "INSERT INTO schema_migrations (version, name, checksum) VALUES (%s, %s, %s)",
                (migration.version, migration.name, migration.checksum),
            )
    except psycopg.Error as error:
        if isinstance(error, psycopg.errors.LockNotAvailable) and not last:
            return False
        reason = str(error).split("\n")[0]
        raise MigrationError(f"migration {migration.version} ({migration.name}): {reason}") from error
    return True
