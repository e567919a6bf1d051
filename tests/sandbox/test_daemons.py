from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from fleet.errors import PlaceError
from sandbox.node import daemons
from sandbox.node.daemons import Daemon, answers
from tests.waiting import LIMIT_SECONDS

SHELL = Path("/bin/sh")
PROGRAMS = {SHELL.resolve(), Path("/bin/sleep").resolve()}


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    """Give a program that says a word and then waits, not started; it is ended and buried after the test."""
    script = 'echo "$WORD"; exec sleep 60'
    words = ("-c", script, str(tmp_path / "config"))
    made = Daemon(
        name="waiter", program=SHELL, arguments=words, log=tmp_path / "logs" / "log", environment={"WORD": "here"}
    )
    yield made
    for pid in children():
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def children() -> list[int]:
    """Give the children of this process that run the daemon's program.

    They are known by its file: while the shell becomes another program it has no command line.
    """
    mine = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return [int(pid) for pid in mine if file_of(pid) in PROGRAMS]


def file_of(pid: str) -> Path | None:
    """Give the file that a process runs; one that has ended runs none."""
    try:
        return Path(f"/proc/{pid}/exe").readlink()
    except OSError:
        return None


def test_it_runs_in_a_session_of_its_own_and_its_words_are_in_its_log(daemon: Daemon) -> None:
    daemon.start()
    daemon.await_until(lambda: daemon.last_words() == "here", runs=lambda: True, limit_seconds=LIMIT_SECONDS)
    (pid,) = children()
    assert os.getsid(pid) == pid


def test_it_keeps_no_pipe_open_that_this_process_was_given(daemon: Daemon) -> None:
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)
    daemon.start()
    os.close(writing)
    os.set_blocking(reading, False)
    assert os.read(reading, 1) == b""
    os.close(reading)


def test_one_that_ends_is_named_with_its_last_words(daemon: Daemon) -> None:
    daemon.start()
    daemon.await_until(lambda: daemon.last_words() == "here", runs=lambda: True, limit_seconds=LIMIT_SECONDS)
    with pytest.raises(PlaceError, match="waiter: stopped: here; the whole log is "):
        daemon.await_until(lambda: False, runs=lambda: False, limit_seconds=LIMIT_SECONDS)


def test_one_that_begins_may_not_be_seen_for_a_moment(daemon: Daemon) -> None:
    ready, seen = iter([False] * 4 + [True]), iter([False, False, True, False])
    daemon.await_until(lambda: next(ready), runs=lambda: next(seen), limit_seconds=LIMIT_SECONDS)


def test_one_that_takes_too_long_is_named_too(daemon: Daemon) -> None:
    with pytest.raises(PlaceError, match="waiter: not ready after 0 s: no message; the whole log is "):
        daemon.await_until(lambda: False, runs=lambda: True, limit_seconds=0)


@contextmanager
def serving(status: int) -> Iterator[str]:
    """Serve one status on loopback and give its URL."""

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/health"
        server.shutdown()


def test_only_a_200_of_this_machine_itself_means_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daemons, "ANSWER_SECONDS", LIMIT_SECONDS)
    with serving(503) as nobody_to_ask:
        monkeypatch.setenv("http_proxy", nobody_to_ask)
        assert not answers(nobody_to_ask)
        with serving(200) as url:
            assert answers(url)
    assert not answers(url), "nobody listens there any more"
