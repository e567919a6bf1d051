"""Backup and restoring by their own scripts against a real server: every row comes back, or nothing is touched."""

from __future__ import annotations

import os
import subprocess
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from manifests.backup import DUMP
from manifests.dumps import NEWEST
from manifests.restore import RESTORE
from tests.waiting import LIMIT_SECONDS
from tests.workloads.books import books
from tests.workloads.stage import Stage

Script = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def sold(stage: Stage) -> Stage:
    """Give a stage on whose books ten orders stand, reconciled."""
    stage.sell(10)
    stage.settle()
    stage.reconcile()
    return stage


@pytest.fixture
def script(sold: Stage, tmp_path: Path) -> Script:
    """Run a script as the container does that it is planned for; a variable more may be given."""
    programs = sold.server.folder / "postgres" / "bin"
    environment = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "FOLDER": str(tmp_path),
        "DUMP": NEWEST,
        "KEEP": "2",
        "PGDATABASE": sold.database,
        "PGHOST": "127.0.0.1",
        "PGPASSWORD_FILE": str(sold.server.password_file),
        "PGPORT": str(sold.server.port),
        "PGUSER": sold.server.environment["DATABASE_USER"],
    }

    def run(text: str, **more: str) -> subprocess.CompletedProcess[str]:
        words = ["/bin/sh", "-c", text]
        return subprocess.run(
            words, env=environment | more, timeout=LIMIT_SECONDS, capture_output=True, text=True, check=False
        )

    return run


def books_of(stage: Stage, database: str) -> dict[str, list[Any]]:
    with stage.server.connect(database) as connection:
        return books(lambda query: connection.execute(query.encode()).fetchall())


@pytest.fixture
def copy(sold: Stage) -> str:
    """Give the name of an empty database to restore into."""
    name = f"r{uuid.uuid4().hex[:12]}"
    sold.server.make_database(name)
    # As the role that owns it, and not as the superuser of this server, who owns the system's own tables too.
    with sold.server.connect("postgres") as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{sold.server.password}'".encode())
        connection.execute(f"ALTER DATABASE {name} OWNER TO {name}".encode())
    return name


def test_only_so_many_dumps_are_kept(script: Script, tmp_path: Path) -> None:
    (tmp_path / "20000101T000000Z.dump").touch()
    (tmp_path / "20000102T000000Z.dump").touch()
    assert script(DUMP).returncode == 0
    dumps = sorted(path.name for path in tmp_path.glob("*.dump"))
    assert len(dumps) == 2
    assert "20000101T000000Z.dump" not in dumps


def test_a_backup_restored_holds_every_row_and_nothing_else(
    sold: Stage, script: Script, copy: str, tmp_path: Path
) -> None:
    assert script(DUMP).returncode == 0
    before = books_of(sold, sold.database)
    assert [len(before[name]) for name in ("orders", "fulfilments")] == [10, 10]
    with sold.server.connect(copy) as connection:
        connection.execute(f"SET ROLE {copy}".encode())
        connection.execute("CREATE TABLE orders (of_another text)")
        connection.execute("CREATE TABLE of_a_newer_schema AS SELECT 1 AS x")
    (tmp_path / "20000101T000000Z.dump").write_text("an older one, and no dump at all")
    done = script(RESTORE, PGDATABASE=copy, PGUSER=copy)
    assert done.returncode == 0, done.stderr
    assert books_of(sold, copy) == before
    with sold.server.connect(copy) as connection:
        assert connection.execute("SELECT to_regclass('of_a_newer_schema')").fetchone() == (None,)


@pytest.mark.parametrize("share", [0.05, 0.5, 0.95, 0.999])
def test_a_truncated_dump_is_refused_and_leaves_the_old_data(
    sold: Stage, script: Script, copy: str, tmp_path: Path, share: float
) -> None:
    assert script(DUMP).returncode == 0
    assert script(RESTORE, PGDATABASE=copy, PGUSER=copy).returncode == 0
    before = books_of(sold, copy)
    (dump,) = tmp_path.glob("*.dump")
    whole = dump.read_bytes()
    dump.write_bytes(whole[: int(len(whole) * share)])
    refused = script(RESTORE, PGDATABASE=copy, PGUSER=copy)
    assert (refused.returncode, "nothing was changed" in refused.stderr) == (1, True)
    assert books_of(sold, copy) == before


def test_a_restore_that_fails_half_way_leaves_the_old_data(sold: Stage, script: Script, copy: str) -> None:
    assert script(DUMP).returncode == 0
    assert script(RESTORE, PGDATABASE=copy, PGUSER=copy).returncode == 0
    before = books_of(sold, copy)
    # The dump is whole, and the server refuses the last statement.
    broken = RESTORE.replace("COMMIT;", "SELECT 1/0; COMMIT;")
    assert broken != RESTORE
    refused = script(broken, PGDATABASE=copy, PGUSER=copy)
    assert (refused.returncode, "nothing was changed" in refused.stderr) == (1, True)
    assert books_of(sold, copy) == before


def test_a_dump_that_is_not_there_is_named(script: Script) -> None:
    for asked in (NEWEST, "20010101T000000Z.dump"):
        refused = script(RESTORE, DUMP=asked)
        assert refused.returncode == 1
        assert f"{asked}: there is no such dump; nothing was changed" in refused.stderr
