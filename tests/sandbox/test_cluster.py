"""What a start keeps and what it makes anew, told by a cluster of which nothing runs."""

from __future__ import annotations

import io
import socket
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from fleet.errors import PlaceError
from sandbox import builder, cluster, crds, ports, record
from sandbox.cluster import Cluster
from sandbox.control_plane import UNREADABLE, ControlPlane, LostError
from sandbox.progress import Progress
from sandbox.record import Record


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give what collects each cluster that is made anew instead of making it."""
    made: list[str] = []
    monkeypatch.setattr(builder, "build", lambda *_: None)
    monkeypatch.setattr(crds, "files", lambda _: [])
    monkeypatch.setattr(Cluster, "create", lambda self, _: made.append(self.name))
    monkeypatch.setattr(Cluster, "complete", lambda _: None)
    return made


@pytest.fixture
def mine(cache: Path, progress: Progress) -> Cluster:
    """Give a cluster that was started whole by these tools, and has data."""
    mine = Cluster("mine", progress=progress)
    (mine.control_plane.folder / "volumes").mkdir(parents=True)
    Record.now({}).write(mine.control_plane.folder)
    return mine


def heal(monkeypatch: pytest.MonkeyPatch, error: PlaceError | None) -> None:
    def as_told(*_: object) -> None:
        if error is not None:
            raise error

    monkeypatch.setattr(Cluster, "heal", as_told)


def test_one_that_can_be_healed_keeps_its_data(
    mine: Cluster, made: list[str], monkeypatch: pytest.MonkeyPatch, printed: io.StringIO
) -> None:
    heal(monkeypatch, None)
    mine.start()
    assert (made, printed.getvalue()) == ([], "")


def test_one_that_is_only_slow_is_not_thrown_away(
    mine: Cluster, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    heal(monkeypatch, PlaceError("the control plane did not start in 120 s"))
    with pytest.raises(PlaceError, match="did not start in 120 s"):
        mine.start()
    assert made == []
    assert mine.record is not None


def test_who_loses_data_is_told_why(
    mine: Cluster, made: list[str], monkeypatch: pytest.MonkeyPatch, printed: io.StringIO
) -> None:
    heal(monkeypatch, LostError("port 20001 (etcd) was taken meanwhile"))
    mine.start()
    assert made == ["mine"]
    line = "sandbox mine: made anew because port 20001 (etcd) was taken meanwhile; its data is gone\n"
    assert printed.getvalue() == line


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ("tools", "this Flotilla brings other versions of what it runs"),
        ("nodes", "its nodes were simulated"),
        ("record", "its record can't be read"),
    ],
)
def test_who_loses_data_by_an_own_change_is_told_so(
    mine: Cluster, made: list[str], monkeypatch: pytest.MonkeyPatch, printed: io.StringIO, what: str, why: str
) -> None:
    if what == "tools":
        monkeypatch.setattr(record, "tools_digest", lambda: "another")
    elif what == "nodes":
        mine.real = True
        monkeypatch.setattr(type(mine.node), "admit", lambda _: None)
    else:
        (mine.control_plane.folder / record.FILE).write_text("{")
    mine.start()
    assert made == ["mine"]
    assert printed.getvalue() == f"sandbox mine: made anew because {why}; its data is gone\n"


def test_who_never_had_a_whole_one_loses_nothing(
    cache: Path, made: list[str], progress: Progress, printed: io.StringIO
) -> None:
    Cluster("mine", progress=progress).start()
    assert (made, printed.getvalue()) == (["mine"], "")


class Ailing:
    """A control plane of which as many things run as ``running`` has, and which is well after so many restarts."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, running: list[str], needed: int) -> None:
        self.tries: list[bool] = []
        monkeypatch.setattr(ControlPlane, "processes", lambda _: running)
        monkeypatch.setattr(ControlPlane, "restart", lambda _, __, *, everything: self.tries.append(everything))
        monkeypatch.setattr(ControlPlane, "is_healthy", lambda _: len(self.tries) >= needed)


@pytest.mark.parametrize(
    ("running", "tries"),
    [
        ([], [True]),
        ([], [True, False]),
        (["etcd"], [False]),
        (["etcd"], [False, True]),
        (["etcd"], [False, True, False]),
    ],
)
def test_what_gave_up_while_a_slow_api_server_was_restarted_is_started_again(
    mine: Cluster, monkeypatch: pytest.MonkeyPatch, running: list[str], tries: list[bool]
) -> None:
    ailing = Ailing(monkeypatch, running=running, needed=len(tries))
    mine.restart(Record.now({}))
    assert ailing.tries == tries
    assert mine.control_plane.is_healthy()


class Failing:
    """A control plane that does not come up, on whatever ports."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.tries = 0
        monkeypatch.setattr(ControlPlane, "create", self.create)

    def create(self, *_: Any, **__: Any) -> None:
        self.tries += 1
        raise PlaceError("disk full")


def test_a_start_that_fails_by_itself_is_not_tried_again(mine: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    failing = Failing(monkeypatch)
    with mine.progress.stage("start") as stage, pytest.raises(PlaceError, match="disk full"):
        mine.create_on_free_ports(stage)
    assert failing.tries == 1


def test_a_start_whose_port_was_taken_is_tried_on_others_and_says_so(
    mine: Cluster, monkeypatch: pytest.MonkeyPatch, printed: io.StringIO
) -> None:
    failing = Failing(monkeypatch)
    with socket.create_server((ports.LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
        monkeypatch.setattr(ports, "choose", lambda _: {"etcd": port})
        monkeypatch.setattr(ports, "taken", partial(ports.taken, limit_seconds=0.1))
        with mine.progress.stage("start") as stage, pytest.raises(PlaceError, match="disk full"):
            mine.create_on_free_ports(stage)
    assert failing.tries == cluster.ATTEMPTS
    note = f"  port {port} (etcd) was taken meanwhile, others are tried\n"
    assert printed.getvalue().count(note) == cluster.ATTEMPTS - 1


@pytest.mark.parametrize(
    ("said", "unreadable"),
    [
        ("panic: cannot use none as id", True),
        ('{"level":"fatal","msg":"failed to recover v3 backend from snapshot","error":"snap: no available"}', True),
        ('{"level":"panic","msg":"failed to open database","error":"invalid database"}', True),
        ('{"level":"fatal","msg":"failed to open WAL","error":"open 0.wal: no space left on device"}', False),
        ('{"level":"fatal","msg":"discovery failed","error":"listen tcp: bind: address already in use"}', False),
        ("no message", False),
    ],
)
def test_only_data_that_can_not_be_read_is_given_up(said: str, *, unreadable: bool) -> None:
    assert (UNREADABLE.match(said) is not None) is unreadable
