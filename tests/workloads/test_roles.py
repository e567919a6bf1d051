"""The keeper of the database's roles, its own script against a real server: what the files say is true of the roles."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest

from manifests.roles import KEEP
from sandbox import postgres
from sandbox.progress import Progress
from tests.waiting import LIMIT_SECONDS, wait
from tests.workloads.postgres import Server

FIRST, SECOND = "it's-the-\\first", "the-second"


@dataclass
class Kept:
    """A server with a keeper beside it, and the files that say what the passwords are."""

    server: Server
    folder: Path
    let_in_before: bool
    """Whether the superuser could sign in with a password, before the keeper began."""
    keeper: subprocess.Popen[bytes]

    def write(self, letter: str, password: str) -> None:
        (self.folder / letter).write_text(password)

    def connect(self, role: str, password: str) -> psycopg.Connection:
        return sign_in(self.server, role, password)

    def by_socket(self, *statements: LiteralString) -> tuple[object, ...] | None:
        """Do something as the superuser, the way that stays open to it; give the first row of the last answer."""
        where: dict[str, Any] = {
            "host": str(self.server.folder / "data"),
            "port": self.server.port,
            "dbname": "postgres",
        }
        with psycopg.connect(**where, user="postgres", autocommit=True) as connection:
            *before, last = statements
            for statement in before:
                connection.execute(statement)
            answer = connection.execute(last)
            return answer.fetchone() if answer.description else None

    def may_sign_in(self, role: str, password: str) -> bool:
        return lets_in(self.server, role, password)

    def await_sign_in(self, role: str, password: str) -> None:
        wait(lambda: self.may_sign_in(role, password), f"{role} to sign in; {self.said()}")

    def said(self) -> str:
        return (self.folder / "said").read_text()


def sign_in(server: Server, role: str, password: str) -> psycopg.Connection:
    where: dict[str, Any] = {"host": "127.0.0.1", "port": server.port, "dbname": "checkout"}
    return psycopg.connect(**where, user=role, password=password, autocommit=True, connect_timeout=int(LIMIT_SECONDS))


def lets_in(server: Server, role: str, password: str) -> bool:
    try:
        sign_in(server, role, password).close()
    except psycopg.OperationalError:
        return False
    return True


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    """Give a fresh server whose superuser made an empty database ``checkout``, and a keeper that has just begun."""
    server = Server(postgres.find(Progress()), superuser="postgres", open_socket=True)
    try:
        server.create()
        server.make_database("checkout")
        let_in_before = lets_in(server, "postgres", server.password)
        keeper = begin(server, tmp_path)
        try:
            yield Kept(server, tmp_path, let_in_before, keeper)
        finally:
            keeper.send_signal(signal.SIGTERM)
            assert keeper.wait(LIMIT_SECONDS) == 0, "a keeper that is told to stop ends at once, and well"
    finally:
        server.destroy()


def begin(server: Server, folder: Path) -> subprocess.Popen[bytes]:
    for letter, password in (("a", FIRST), ("b", SECOND)):
        (folder / letter).write_text(password)
    environment = {
        "PATH": f"{server.folder / 'postgres' / 'bin'}:{os.environ['PATH']}",
        "DATABASE": "checkout",
        "OWNER": "checkout",
        "PGCONNECT_TIMEOUT": "5",
        "PGPORT": str(server.port),
        "POD_IP": "127.0.0.1",
        "ROLES": f"checkout_a={folder / 'a'} checkout_b={folder / 'b'}",
        "SOCKETS": str(server.folder / "data"),
        "SUPERUSER": "postgres",
    }
    with (folder / "said").open("wb") as said:
        return subprocess.Popen(["/bin/sh", "-c", KEEP], env=environment, stdout=said, stderr=said)


def test_both_roles_sign_in_and_what_one_makes_is_the_others_too(kept: Kept) -> None:
    kept.await_sign_in("checkout_a", FIRST)
    kept.await_sign_in("checkout_b", SECOND)
    with kept.connect("checkout_a", FIRST) as one, kept.connect("checkout_b", SECOND) as other:
        one.execute("CREATE TABLE made (x int)")
        other.execute("ALTER TABLE made ADD y int")
        other.execute("DROP TABLE made")
        facts = "SELECT current_user, session_user, rolsuper FROM pg_roles WHERE rolname = current_user"
        assert other.execute(facts).fetchone() == ("checkout", "checkout_b", False)


def test_nobody_signs_in_as_the_superuser_any_more_or_as_the_owner(kept: Kept) -> None:
    assert kept.let_in_before
    kept.await_sign_in("checkout_b", SECOND)
    for password in (kept.server.password, FIRST, ""):
        assert not kept.may_sign_in("postgres", password)
        assert not kept.may_sign_in("checkout", password)


def test_a_file_that_changes_changes_its_role_and_no_other(kept: Kept) -> None:
    kept.await_sign_in("checkout_a", FIRST)
    kept.await_sign_in("checkout_b", SECOND)
    with kept.connect("checkout_b", SECOND) as signed_in:
        kept.write("b", "changed")
        kept.await_sign_in("checkout_b", "changed")
        assert signed_in.execute("SELECT 1").fetchone() == (1,), "who is signed in stays so"
    assert not kept.may_sign_in("checkout_b", SECOND)
    assert kept.may_sign_in("checkout_a", FIRST)


def test_a_password_that_somebody_changed_by_hand_is_put_right(kept: Kept) -> None:
    kept.await_sign_in("checkout_a", FIRST)
    kept.by_socket("ALTER ROLE checkout_a PASSWORD 'by hand'")
    kept.await_sign_in("checkout_a", FIRST)
    wait(lambda: kept.said().count("checkout_a: has the password of its Secret now") >= 2, "a second change")


def test_it_outlives_a_server_that_is_away(kept: Kept) -> None:
    kept.await_sign_in("checkout_b", SECOND)
    kept.server.kill()
    kept.write("b", "new meanwhile")
    time.sleep(4)
    assert kept.keeper.poll() is None
    kept.server.password, kept.server.superuser = FIRST, "checkout_a"
    kept.server.start()
    kept.await_sign_in("checkout_b", "new meanwhile")


def test_no_password_is_printed_or_logged_even_where_every_statement_is(kept: Kept) -> None:
    kept.await_sign_in("checkout_b", SECOND)
    everything = ("ALTER SYSTEM SET log_statement = 'all'", "ALTER SYSTEM SET log_min_duration_statement = 0")
    kept.by_socket(*everything, "SELECT pg_reload_conf()")
    wait(lambda: kept.by_socket("SHOW log_statement") == ("all",), "all statements to be logged")
    kept.by_socket("ALTER ROLE checkout_b PASSWORD 'by hand'")
    kept.write("a", "secret-of-a")
    kept.await_sign_in("checkout_a", "secret-of-a")
    kept.await_sign_in("checkout_b", SECOND)
    log = (kept.server.folder / "log").read_text()
    assert "ALTER ROLE checkout_b PASSWORD 'by hand'" in log, "anybody else's password would be seen"
    for text in (log, kept.said()):
        assert SECOND not in text
        assert "secret-of-a" not in text
    assert "checkout_a: has the password of its Secret now" in kept.said()
