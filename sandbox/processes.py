"""The processes of a cluster, found by what they are: every one of them names the cluster's state folder.

A list of pids would be lost or stale after a kill -9; a command line is neither.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fleet.errors import PlaceError

PROC = Path("/proc")
KILL_SECONDS = 20.0
"""How long a killed process may take to end; one that waits for a disk or a network mount may never do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A running process: its pid, the name of its program and its resident memory in bytes."""

    pid: int
    name: str
    resident_bytes: int


def of_folder(folder: Path, programs: Sequence[Path]) -> list[Process]:
    """Give the processes whose program lies under ``folder``, and those of ``programs`` with an argument under it.

    ``programs`` are files, or folders of programs. kwokctl links those it starts into the cluster's folder; kwokctl
    itself runs from elsewhere.
    """
    found = []
    for entry in PROC.iterdir():
        if not entry.name.isdigit():
            continue
        words = command_line(entry)
        if words and (is_under(words[0], folder) or (is_one(words[0], programs) and any_names(words, folder))):
            found.append(Process(pid=int(entry.name), name=Path(words[0]).name, resident_bytes=resident(entry)))
    return sorted(found, key=lambda process: process.name)


def is_one(word: str, programs: Sequence[Path]) -> bool:
    """Say whether a program is one of these files, or lies in one of these folders, links followed or not."""
    forms = {form for each in programs for form in (each, each.resolve())}
    return any(word == str(form) or is_under(word, form) for form in forms)


def is_under(word: str, folder: Path) -> bool:
    """Say whether a path lies under ``folder``."""
    return word.startswith(f"{folder}{os.sep}")


def any_names(words: Sequence[str], folder: Path) -> bool:
    """Say whether an argument, or an option's value, lies under ``folder``."""
    return any(is_under(word.partition("=")[2] or word, folder) for word in words)


def command_line(entry: Path) -> list[str]:
    """Give the words a process was started with; a process that has ended, or a zombie, has none."""
    try:
        return [word for word in (entry / "cmdline").read_text(errors="replace").split("\0") if word]
    except OSError:
        return []


def resident(entry: Path) -> int:
    """Give a process's resident memory in bytes (proc(5): statm counts pages)."""
    try:
        return int((entry / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def kill(folder: Path, programs: Sequence[Path], *, but: str = "", grace_seconds: float = 5.0) -> None:
    """End every process of ``folder`` ``but`` those of that name: asked first, killed after ``grace_seconds``.

    A program that is just being started has no command line for a moment: only two looks that find nothing count.
    Raises PlaceError naming what does not even end when it is killed.
    """
    deadline = time.monotonic() + grace_seconds
    empty_looks = 0
    while empty_looks < 2:
        running = [each for each in of_folder(folder, programs) if each.name != but]
        empty_looks = 0 if running else empty_looks + 1
        if running and time.monotonic() > deadline + KILL_SECONDS:
            stuck = ", ".join(f"{each.pid} ({each.name})" for each in running)
            raise PlaceError(
                f"process {stuck}: does not end though killed; see /proc/{running[0].pid}/stack, try again"
            )
        for process in running:
            send(process.pid, signal.SIGTERM if time.monotonic() < deadline else signal.SIGKILL)
        time.sleep(0.1)


def send(pid: int, what: signal.Signals) -> None:
    """Signal a process that may have ended meanwhile."""
    try:
        os.kill(pid, what)
    except ProcessLookupError:
        return
