from __future__ import annotations

import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from fleet.errors import PlaceError
from sandbox import ports
from sandbox.control_plane import ControlPlane
from sandbox.kwokctl import PORTS
from tests.waiting import LIMIT_SECONDS


def test_ports_are_free_and_different() -> None:
    chosen = ports.choose(PORTS)
    assert len(set(chosen.values())) == len(PORTS)
    assert all(ports.is_free(port) for port in chosen.values())


def test_a_port_that_somebody_listens_on_is_not_free() -> None:
    with socket.create_server((ports.LOOPBACK, 0)) as server:
        assert not ports.is_free(server.getsockname()[1])


def test_a_port_that_is_given_up_becomes_free_and_one_that_is_kept_does_not() -> None:
    with socket.create_server((ports.LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
        assert not ports.become_free([port], limit_seconds=0.2)
        threading.Timer(0.3, server.close).start()
        assert ports.become_free([port], limit_seconds=LIMIT_SECONDS)


def test_too_few_free_ports_are_a_problem_of_the_place(monkeypatch: Any) -> None:
    monkeypatch.setattr(ports, "is_free", lambda port: port < ports.RANGE.start + 2)
    with pytest.raises(PlaceError, match="fewer than 3 are free"):
        ports.choose(["a", "b", "c"])


def test_a_port_that_was_taken_is_named_with_the_line_that_fixes_it(tmp_path: Path) -> None:
    control_plane = ControlPlane(name="mine", folder=tmp_path)
    with socket.create_server((ports.LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
        line = control_plane.failure("bind: address already in use", {"etcd": port})
    assert line == f"sandbox mine: port {port} (etcd) is in use; `flotilla sandbox up` chooses another"


def test_what_kwokctl_logged_last_is_said(tmp_path: Path) -> None:
    control_plane = ControlPlane(name="mine", folder=tmp_path)
    logged = '{"level":"INFO","msg":"a"}\n{"level":"ERROR","msg":"Execute exit","err":"disk full"}\n'
    assert "did not start: disk full; run the command again" in control_plane.failure(logged, {})
