"""A real Postgres for tests: on a random loopback port, as a user that is not root, gone afterwards."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from sandbox import postgres
from sandbox.progress import Progress
from tests.waiting import LIMIT_SECONDS

NOBODY = 65534
"""Whom Postgres runs as when root runs the tests: initdb and postgres refuse root."""
USER = "checkout"


_GIVEN: set[int] = set()


def free_port() -> int:
    """Give a port of the loopback address that nobody uses now, and never one twice: the first may not be bound yet."""
    while True:
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            port = int(one.getsockname()[1])
        if port not in _GIVEN:
            _GIVEN.add(port)
            return port


def _link(source: str, target: str) -> str:
    # Root's home is closed to other users, so the binaries must appear elsewhere: as links where one file system
    # holds both.
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


@dataclass
class Server:
    """A server that tests may kill and start again; ``password`` is what its file says now."""

    installed: Path
    password: str = "first-password"
    superuser: str = USER
    open_socket: bool = False
    """Whether whoever reaches the socket in ``folder`` is believed, as in the official image."""
    port: int = field(default_factory=free_port)
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="flotilla-postgres-")))
    process: subprocess.Popen[bytes] | None = None

    def create(self) -> None:
        """Make the cluster and start it."""
        self.folder.chmod(0o755)
        shutil.copytree(self.installed, self.folder / "postgres", copy_function=_link, symlinks=True)
        self.password_file.write_text(self.password)
        self.password_file.chmod(0o644)
        data = self.folder / "data"
        data.mkdir()
        if os.getuid() == 0:
            os.chown(data, NOBODY, NOBODY)
        words = [
            "-D",
            str(data),
            "-U",
            self.superuser,
            "--pwfile",
            str(self.password_file),
            "--auth=scram-sha-256",
            "-E",
            "UTF8",
        ]
        words += ["--auth-local=trust"] if self.open_socket else []
        subprocess.run([*self._as_user("initdb"), *words, "--no-sync", "--locale=C"], check=True, capture_output=True)
        self.start()

    @property
    def password_file(self) -> Path:
        """The file that the checkout reads."""
        return self.folder / "password"

    @property
    def environment(self) -> dict[str, str]:
        """What the checkout is told about its database; the name is added by ``database``."""
        return {
            "DATABASE_HOST": "127.0.0.1",
            "DATABASE_PORT": str(self.port),
            "DATABASE_USER": self.superuser,
            "DATABASE_PASSWORD_FILE": str(self.password_file),
        }

    def start(self) -> None:
        """Start the server and wait until it answers."""
        # Only the machine's end, which no test brings about, could lose what was not synced.
        settings = [
            "fsync=off",
            f"port={self.port}",
            "listen_addresses=127.0.0.1",
            f"unix_socket_directories={self.folder / 'data' if self.open_socket else ''}",
            "max_connections=60",
        ]
        options: list[str] = [word for setting in settings for word in ("-c", setting)]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*self._as_user("postgres"), "-D", str(self.folder / "data"), *options], stdout=log, stderr=log
            )
        deadline = time.monotonic() + LIMIT_SECONDS
        while time.monotonic() < deadline:
            with suppress(psycopg.OperationalError):
                self.connect("postgres").close()
                return
            time.sleep(0.05)
        raise TimeoutError((self.folder / "log").read_text()[-2000:])

    def connect(self, database: str) -> psycopg.Connection:
        """Open a connection of the test's own, in autocommit mode."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=self.superuser,
            password=self.password,
            dbname=database,
            autocommit=True,
            connect_timeout=int(LIMIT_SECONDS),
        )

    def make_database(self, name: str) -> None:
        """Make an empty database."""
        with self.connect("postgres") as connection:
            connection.execute(f'CREATE DATABASE "{name}"')

    def set_password(self, password: str, *, write: bool) -> None:
        """Change the user's password, and the file that says it if ``write``."""
        with self.connect("postgres") as connection:
            connection.execute(f"ALTER ROLE {self.superuser} PASSWORD '{password}'".encode())
        self.password = password
        if write:
            self.password_file.write_text(password)

    def disconnect(self, database: str) -> None:
        """Cut every connection to a database, as a fail-over does."""
        with self.connect("postgres") as connection:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (database,))

    def kill(self) -> None:
        """Kill the server as a crash would: SIGKILL to the postmaster, whose children then end by themselves."""
        self._end(signal.SIGKILL)
        # The next start refuses while an orphan still holds the shared memory.
        with suppress(FileNotFoundError):
            while _children_left(self.folder / "data"):
                time.sleep(0.02)

    def destroy(self) -> None:
        """Stop the server and remove what it left."""
        self._end(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _end(self, what: signal.Signals) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(what)
            self.process.wait(LIMIT_SECONDS)

    def _as_user(self, program: str) -> list[str]:
        path = str(self.folder / "postgres" / "bin" / program)
        if os.getuid() != 0:
            return [path]
        return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", path]


def _children_left(data: Path) -> bool:
    """Say whether a process of this cluster still runs: every one of them works in its data folder."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                if (entry / "cwd").readlink() == data:
                    return True
    return False


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Give a real Postgres, fetched into the user's cache the first time; there is one for all tests."""
    running = Server(postgres.find(Progress()))
    try:
        running.create()
        yield running
    finally:
        running.destroy()
