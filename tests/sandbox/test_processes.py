from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fleet.errors import PlaceError
from sandbox import processes

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Give what starts a program, and end all that were started."""
    started = []

    def begin(*words: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        started.append(process)
        while not processes.command_line(Path(f"/proc/{process.pid}")):
            time.sleep(0.01)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def sleeper(tmp_path: Path) -> Path:
    """Give a program in a cluster's folder."""
    path = tmp_path / "cluster" / "bin" / "etcd"
    path.parent.mkdir(parents=True)
    shutil.copy("/bin/sleep", path)
    return path


def test_a_process_is_found_by_the_folder_its_program_lies_in(start: Start, sleeper: Path, tmp_path: Path) -> None:
    process = start(str(sleeper), "60")
    (found,) = processes.of_folder(tmp_path / "cluster", [])
    assert (found.pid, found.name) == (process.pid, "etcd")
    assert found.resident_bytes > 0


def test_a_cluster_whose_name_begins_like_another_is_another(start: Start, sleeper: Path, tmp_path: Path) -> None:
    start(str(sleeper), "60")
    assert processes.of_folder(tmp_path / "clust", []) == []


def test_a_tool_counts_only_with_the_folder_in_its_arguments(start: Start, sleeper: Path, tmp_path: Path) -> None:
    start(str(sleeper), "60")
    assert processes.of_folder(tmp_path / "other", [sleeper]) == []
    tool = "/usr/bin/tail"
    starting = start(tool, "-f", "--pid=1", "/dev/null", f"{tmp_path}/other/config")
    assert [each.pid for each in processes.of_folder(tmp_path / "other", [Path(tool)])] == [starting.pid]


def test_a_tool_of_an_earlier_version_is_found_by_the_folder_of_all_tools(
    start: Start, sleeper: Path, tmp_path: Path
) -> None:
    tool = tmp_path / "tools" / "of-an-earlier-version" / "tail"
    tool.parent.mkdir(parents=True)
    shutil.copy("/usr/bin/tail", tool)
    running = start(str(tool), "-f", "--pid=1", "/dev/null", f"{tmp_path}/other/config")
    assert [each.pid for each in processes.of_folder(tmp_path / "other", [tmp_path / "tools"])] == [running.pid]
    processes.kill(tmp_path / "other", [tmp_path / "tools"], but="tail", grace_seconds=0)
    assert running.poll() is None


def test_whoever_merely_reads_a_file_of_the_cluster_is_left_alone(start: Start, tmp_path: Path) -> None:
    log = tmp_path / "cluster" / "log"
    log.parent.mkdir()
    log.touch()
    reader = start("/usr/bin/tail", "-f", str(log))
    processes.kill(tmp_path / "cluster", [Path("/bin/sh")])
    assert reader.poll() is None


def test_a_process_that_ignores_being_asked_is_killed(start: Start, tmp_path: Path) -> None:
    stubborn = start("/bin/sh", "-c", "trap '' TERM; echo; while :; do sleep 1; done", f"{tmp_path}/cluster/x")
    assert stubborn.stdout is not None
    assert stubborn.stdout.readline() == b"\n", "it has begun to ignore"
    processes.kill(tmp_path / "cluster", [Path("/bin/sh")], grace_seconds=0.5)
    assert stubborn.wait(timeout=60) == -signal.SIGKILL


def test_a_process_that_not_even_a_kill_ends_is_named(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that waits for a disk or a network mount can't be had in a test, but one that no signal reaches."""
    # No shell: what that forks looks like a second one until it has become another program.
    stuck = start("/usr/bin/tail", "-f", "--pid=1", "/dev/null", f"{tmp_path}/cluster/x")
    monkeypatch.setattr(processes, "send", lambda _pid, _what: None)
    monkeypatch.setattr(processes, "KILL_SECONDS", 0.2)
    with pytest.raises(PlaceError, match=rf"^process {stuck.pid} \(tail\): does not end though killed; see /proc"):
        processes.kill(tmp_path / "cluster", [Path("/usr/bin/tail")], grace_seconds=0)
