"""The backup's own script against a real server: what it dumps is restored, and tells the same of every order."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from manifests.backup import _DUMP
from tests.workloads.stage import Stage

_ALL = "SELECT id, status, amount FROM orders JOIN fulfilments ON order_id = id ORDER BY id"


def test_a_backup_restored_holds_every_order(stage: Stage, tmp_path: Path) -> None:
    stage.sell(10)
    stage.settle()
    programs = stage.server.folder / "postgres" / "bin"
    environment = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "FOLDER": str(tmp_path),
        "KEEP": "2",
        "PGDATABASE": stage.database,
        "PGHOST": "127.0.0.1",
        "PGPASSWORD_FILE": str(stage.server.password_file),
        "PGPORT": str(stage.server.port),
        "PGUSER": stage.server.environment["DATABASE_USER"],
    }
    (tmp_path / "20000101T000000Z.dump").touch()
    (tmp_path / "20000102T000000Z.dump").touch()
    subprocess.run(["/bin/sh", "-c", _DUMP], env=environment, check=True, timeout=60)
    dumps = sorted(path.name for path in tmp_path.glob("*.dump"))
    assert len(dumps) == 2
    assert "20000101T000000Z.dump" not in dumps

    restored = f"{stage.database}r"
    stage.server.make_database(restored)
    password = {"PGPASSWORD": stage.server.password}
    words = ["pg_restore", "--exit-on-error", f"--dbname={restored}", str(tmp_path / dumps[-1])]
    subprocess.run(words, env=environment | password, check=True, timeout=60)
    with stage.server.connect(restored) as connection:
        found = connection.execute(_ALL).fetchall()
    assert len(found) == 10
    assert found == stage.rows(_ALL)
