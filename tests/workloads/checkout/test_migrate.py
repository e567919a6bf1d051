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
from tests.waiting import wait
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


@pytest.mark.parametrize(
    ("before", "refusal"),
    [
        ("not yet", "password authentication failed"),
        ("", "is empty; it must hold a secret"),
        (None, "No such file"),
    ],
)
def test_it_waits_until_it_may_sign_in_and_not_for_ever(
    database: DatabaseSettings,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    before: str | None,
    refusal: str,
) -> None:
    file = tmp_path / "password"
    if before is not None:
        file.write_text(before)
    new = replace(database, password=SecretFile(file))
    with pytest.raises((psycopg.OperationalError, OSError), match=refusal):
        migrate.migrate(new, patience_seconds=0.1)
    caplog.clear()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(migrate.migrate, new, patience_seconds=60)
        wait(lambda: "can't sign in yet" in caplog.messages or waiting.done(), "the first refusal")
        file.write_text(database.password.value())
        assert len(waiting.result()) == migrate.newest()


def test_a_locked_table_holds_nobody_up_and_the_migration_comes_again(
    server: Server, database: DatabaseSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dump reads a table for minutes; whoever waits for it meanwhile makes all that come later wait too."""
    monkeypatch.setattr(migrate, "_PAUSE_SECONDS", 0.1)
    monkeypatch.setattr(migrate, "_LOCK_TIMEOUT", "50ms")
    first = Migration(1, "table", "CREATE TABLE a (x int)")
    wanted = [first, Migration(2, "column", "ALTER TABLE a ADD COLUMN y int")]
    migrate.migrate(database, [first])
    with server.connect(database.name) as dump, ThreadPoolExecutor(1) as pool:
        with dump.transaction():
            dump.execute("SELECT FROM a")
            with pytest.raises(
                MigrationError, match=r"migration 2 \(column\): canceling statement due to lock timeout"
            ):
                migrate.migrate(database, wanted)
            coming = pool.submit(migrate.migrate, database, wanted, patience_seconds=60)
            with server.connect(database.name) as shop:
                shop.execute("SET statement_timeout = '20s'")
                for _ in range(20):
                    assert shop.execute("SELECT count(*) FROM a").fetchall() == [(0,)]
        assert [one.version for one in coming.result()] == [2]


def test_another_migration_is_waited_for_longer_than_a_table(server: Server, database: DatabaseSettings) -> None:
    """Three seconds are more than a table gets."""
    with server.connect(database.name) as other, ThreadPoolExecutor(1) as pool:
        other.execute("SELECT pg_advisory_lock(%s)", (migrate._LOCK,))
        coming = pool.submit(migrate.migrate, database)
        while not other.execute("SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted").fetchall():
            assert not coming.done()
        assert migrate._LOCK_TIMEOUT == "2s"
        other.execute("SELECT pg_sleep(3)")
        assert not coming.done()
        other.execute("SELECT pg_advisory_unlock(%s)", (migrate._LOCK,))
        assert len(coming.result()) == migrate.newest()
