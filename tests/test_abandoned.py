"""A test run that was killed leaves clusters; the next one ends them, and nobody else's."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import places
from sandbox.node import device
from tests import abandoned


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty folder for temporary files, an empty user's cache, and a machine without a node."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setattr(abandoned, "OURS", set())
    monkeypatch.setattr(device, "holder", lambda: None)
    return folder


@pytest.fixture(scope="module")
def gone() -> int:
    """Give the number of a process that has ended."""
    process = subprocess.Popen(["/bin/true"])
    process.wait()
    return process.pid


@pytest.fixture
def left() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Give the processes that a test has left running."""
    running: list[subprocess.Popen[bytes]] = []
    yield running
    for process in running:
        process.kill()
        process.wait()


def etcd(folder: Path) -> subprocess.Popen[bytes]:
    """Start what looks like a part of the cluster in ``folder``."""
    program = folder / "bin" / "etcd"
    program.parent.mkdir(parents=True)
    shutil.copy("/bin/sleep", program)
    return subprocess.Popen([program, "600"])


@pytest.mark.parametrize("kind", ["tests", "mortal", "engine"])
def test_a_cluster_of_a_process_that_is_gone_is_ended_and_removed(
    kind: str, gone: int, left: list[subprocess.Popen[bytes]]
) -> None:
    folder = places.state(f"{kind}-{gone}")
    left.append(etcd(folder))
    abandoned.remove_abandoned()
    assert left[0].wait(timeout=30) < 0
    assert not folder.exists()


@pytest.mark.parametrize("kind", ["node", "command"])
def test_so_is_the_sandbox_in_a_cache_of_its_own(
    kind: str, gone: int, temporary: Path, left: list[subprocess.Popen[bytes]]
) -> None:
    cache = temporary / f"flotilla-{kind}-{gone}-2"
    left.append(etcd(cache / "flotilla" / "sandbox" / "flotilla"))
    abandoned.remove_abandoned()
    assert left[0].wait(timeout=30) < 0
    assert not cache.exists()


def test_what_belongs_to_a_process_that_runs_or_to_a_user_is_left_alone(
    temporary: Path, left: list[subprocess.Popen[bytes]]
) -> None:
    parent = os.getppid()
    folders = [places.state(f"tests-{parent}"), places.state("flotilla"), temporary / f"flotilla-node-{parent}-1"]
    left.extend(etcd(folder) for folder in folders)
    abandoned.remove_abandoned()
    assert [process.poll() for process in left] == [None, None, None]


def test_an_earlier_process_of_the_same_number_leaves_nothing_in_our_cluster() -> None:
    old = places.state(f"tests-{os.getpid()}") / "kwok"
    old.mkdir(parents=True)
    cluster = abandoned.own_cluster("tests")
    assert not old.exists()
    old.mkdir(parents=True)
    assert abandoned.own_cluster("tests").name == cluster.name
    assert old.exists(), "by now it is ours"


def test_a_cache_is_empty_whatever_an_earlier_process_of_the_same_number_left(temporary: Path) -> None:
    old = temporary / f"flotilla-node-{os.getpid()}-1" / "flotilla"
    old.mkdir(parents=True)
    first, second = abandoned.own_cache("node"), abandoned.own_cache("node")
    assert not old.exists()
    assert first != second
    assert list(first.iterdir()) == []
