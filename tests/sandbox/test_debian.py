"""What a node needs where there is no apt-get to fetch it with, and what is told of it before anything is built."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fleet.errors import PlaceError
from ops import doctor_machine
from sandbox import debian
from sandbox.debian import CNI, NEEDED, Unpacked, lacking_here, unpacked
from sandbox.node import machine
from sandbox.node.node import PACKAGES
from sandbox.progress import Progress

PROGRAMS = [program for programs in NEEDED.values() for program in programs]


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: Any) -> Path:
    """Give the root of a machine that is no Debian and has all that a node needs."""
    for program in PROGRAMS:
        folder = script(program, "true").parent
    (tmp_path / "root" / CNI[1]).mkdir(parents=True)
    monkeypatch.setattr(debian, "ROOT", tmp_path / "root")
    monkeypatch.setenv("PATH", str(folder))
    return tmp_path


def test_every_package_of_a_node_is_looked_for() -> None:
    assert {*NEEDED, debian.PLUGINS} == set(PACKAGES)


def test_a_machine_that_has_everything_needs_no_apt_get(elsewhere: Path, progress: Progress) -> None:
    assert unpacked(PACKAGES, progress) == Unpacked(root=None)


def test_what_is_missing_is_said_in_one_line_and_by_the_names_of_packages(elsewhere: Path, progress: Progress) -> None:
    for program in ("ctr", "runc", "iptables-save"):
        (elsewhere / "programs" / program).unlink()
    (elsewhere / "root" / CNI[1]).rmdir()
    with pytest.raises(PlaceError) as refused:
        unpacked(PACKAGES, progress)
    assert str(refused.value) == (
        "containerd, runc, iptables, containernetworking-plugins: not on this machine, and there is no apt-get to "
        "fetch them with; install them, or use --simulated"
    )


def test_the_doctor_says_so_too(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "obstacle", lambda: None)
    assert not doctor_machine._node().failed
    (elsewhere / "programs" / "ip").unlink()
    found = doctor_machine._node()
    assert (found.state, found.failed) == ("no iproute2, and no apt-get to fetch them with", True)


def test_where_there_is_apt_get_nothing_is_missing(elsewhere: Path, script: Any) -> None:
    for program in (*PROGRAMS, "apt-get", "dpkg"):
        script(program, "true")
    (elsewhere / "programs" / "runc").unlink()
    assert lacking_here(PACKAGES) == []


def test_the_folders_of_libraries_are_looked_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "usr/lib/x86_64-linux-gnu").mkdir(parents=True)
    (tmp_path / "usr/lib/x86_64-linux-gnu/libx.so.1").touch()
    tools = Unpacked(root=tmp_path)
    first = tools.environment
    assert first["LD_LIBRARY_PATH"] == str(tmp_path / "usr/lib/x86_64-linux-gnu")
    monkeypatch.setattr(debian, "library_path", lambda root: pytest.fail("looked again"))
    assert tools.environment == first
