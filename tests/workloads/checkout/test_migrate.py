from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from checkout import migrate, settings
from checkout.migrate import Migration, MigrationError
from checkout.settings import DatabaseSettings, SecretFile
from tests.workloads.postgres import Server


@pytest.fixture
def database(server: Server) -> DatabaseSettings:
    name = f"m{uuid.uuid4().hex[:12]}"
    server.make_database(name)
    return settings.database({**server.environment, "DATABASE_NAME": name})


def test_it_is_safe_to_repeat(database: DatabaseSettings) -> None:
    assert [one.version for one in migrate.migrate(database)] == list(range(1, migrate.newest() + 1))
    assert migrate.migrate(database) == []


def test_two_at_once_take_turns(database: DatabaseSettings) -> None:
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: migrate.migrate(database), range(4)))
    assert sorted(len(one) for one in done) == [0, 0, 0, migrate.newest()]


def test_a_migration_that_fails_leaves_nothing_and_stops_those_after_it(
    server: Server, database: DatabaseSettings
) -> None:
    broken = [Migration(1, "fine", "CREATE TABLE a (x int)"), Migration(2, "bad", "CREATE TABLE b (x int); SELECT 1/0")]
    with pytest.raises(MigrationError, match=r"migration 2 \(bad\): division by zero"):
        migrate.migrate(database, [*broken, Migration(3, "later", "CREATE TABLE c (x int)")])
    with server.connect(database.name) as connection:
        tables = connection.execute("SELECT relname FROM pg_class WHERE relname IN ('a', 'b', 'c')").fetchall()
    assert tables == [("a",)]


def test_a_file_changed_after_it_was_applied_is_refused(database: DatabaseSettings) -> None:
    first = migrate.migrations()[0]
    migrate.migrate(database)
    with pytest.raises(MigrationError, match="was changed after it had been applied"):
        migrate.migrate(database, [replace(first, sql=first.sql + "-- more")])


def test_the_version_before_runs_on_the_schema_of_the_version_after(server: Server, database: DatabaseSettings) -> None:
    """A canary's migration runs while stable serves: what 0001 wrote must still be written."""
    migrate.migrate(database)
    with server.connect(database.name) as connection:
        connection.execute(
            "INSERT INTO orders (id, client_key, variant, sku, product, quantity, amount, currency, origin,"
            " correlation_id, test, stripe_key, expires_at) VALUES (gen_random_uuid(), 'k', 'v', 's', 'p', 1, 1, 'usd',"
            " 'o', 'c', false, 'sk', now())"
        )
        assert connection.execute("SELECT status FROM orders").fetchall() == [("created",)]


def test_numbers_with_a_gap_are_refused(tmp_path: Path) -> None:
    (tmp_path / "0001_a.sql").touch()
    (tmp_path / "0003_b.sql").touch()
    with pytest.raises(MigrationError, match=r"numbered \[1, 3\]"):
        migrate.migrations(tmp_path)


def test_it_waits_until_it_may_sign_in_and_not_for_ever(database: DatabaseSettings, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("not yet")
    new = replace(database, password=SecretFile(file))
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        migrate.migrate(new, patience_seconds=0.1)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(migrate.migrate, new, patience_seconds=60)
        file.write_text(database.password.value())
        assert len(waiting.result()) == migrate.newest()
