"""Builds the sandbox's tools once, into the user's cache, where every later start finds them.

A tool appears under its final name only when it is whole, so a build killed at any point is simply done again.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from fleet.errors import PlaceError
from sandbox import go, lock, places, unused
from sandbox.progress import Progress, Stage
from sandbox.tools import FLAGS, TOOLS, Tool

REMEDY = "see that the Go module proxy can be reached and that the disk has 10 GB free, then run the command again"
GRACE_SECONDS = 5.0
TRIES = 3
PAUSE_SECONDS = 5.0
PASSING = re.compile(r'(?:\bGet "|\breading )https?://[^\s"]+"?: (?!4(?!08|29)\d\d )|connection reset by peer')
"""What the go command says of a proxy that can't be reached or fails just now, which it does not try again itself
(cmd/go/internal/web). A module that the proxy refuses, 403 or 404, is not among it."""


def missing(tools: Iterable[Tool] = TOOLS) -> list[Tool]:
    """Give the tools that are not built yet."""
    return [tool for tool in tools if not tool.path.exists()]


def build(progress: Progress, tools: Sequence[Tool] = TOOLS) -> None:
    """Build what is missing, one tool after the other; Go itself uses all cores.

    Two processes never build at once: the second waits and finds the tools there. Raises PlaceError naming the tool,
    the compiler's last line and the remedy. Tools that nothing has used for a month go after a build.
    """
    unused.touch(*(tool.path for tool in tools))
    if not missing(tools):
        return
    with lock.held(
        "tools", waiting=lambda: progress.console.print("waiting for another process that builds the tools")
    ):
        wanted = missing(tools)
        if not wanted:
            return
        compiler = go.find(go.required_version(tool.folder / "go.mod" for tool in wanted), progress)
        for number, tool in enumerate(wanted, start=1):
            with progress.stage(f"build {tool.name} {tool.version} ({number} of {len(wanted)})") as stage:
                compile_tool(compiler, tool, stage)
        for folder in (places.cache() / "tools").iterdir():
            unused.remove(folder)


def compile_tool(compiler: Path, tool: Tool, stage: Stage) -> None:
    """Compile one tool and move it to its place in a single step; again, where the module proxy failed meanwhile."""
    tool.path.parent.mkdir(parents=True, exist_ok=True)
    for abandoned in tool.path.parent.glob(".building-*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=tool.path.parent, prefix=".building-", ignore_cleanup_errors=True) as folder:
        output = Path(folder) / tool.name
        for tried in range(1, TRIES + 1):
            said = _compile(compiler, tool, output, stage)
            if output.exists():
                output.rename(tool.path)
                return
            if tried == TRIES or not PASSING.search(said):
                raise PlaceError(failure(tool, said))
            stage.update("the module proxy failed, again")
            time.sleep(PAUSE_SECONDS)


def _compile(compiler: Path, tool: Tool, output: Path, stage: Stage) -> str:
    """Run the compiler once and give what it said; the output is there when it succeeded, and only then."""
    arguments = [str(compiler), "build", *FLAGS, "-ldflags", tool.link_flags, "-o", str(output), tool.package]
    log = output.with_name("log")
    environment = {**go.environment(), "GOTMPDIR": str(output.parent)}
    with log.open("w") as file:
        # The compiler starts many others: as a group they can be ended together.
        process = subprocess.Popen(
            arguments, cwd=tool.folder, env=environment, stdout=file, stderr=file, process_group=0
        )
        wait(process, stage)
    if process.returncode != 0:
        output.unlink(missing_ok=True)
    return log.read_text(encoding="utf-8", errors="replace")


def wait(process: subprocess.Popen[bytes], stage: Stage) -> None:
    """Wait for the compiler, showing the time; nothing it started outlives us when we are interrupted."""
    try:
        while process.poll() is None:
            stage.update()
            try:
                process.wait(timeout=1)
            except subprocess.TimeoutExpired:
                continue
    finally:
        if process.poll() is None:
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process and its whole group, asked first."""
    os.killpg(process.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=GRACE_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def failure(tool: Tool, output: str) -> str:
    """Give the one line that says which tool can't be built, why, and what to do."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    reason = lines[-1] if lines else "the compiler was stopped"
    return f"tool {tool.name} {tool.version}: can't be built: {reason}; {REMEDY}"
