"""A cache of the test's own, programs that answer as told, and a progress that nobody reads."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from sandbox.progress import Progress

Script = Callable[[str, str], Path]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty user's cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "flotilla"


@pytest.fixture
def script(tmp_path: Path) -> Script:
    """Give what writes an executable shell script into a folder of programs."""

    def write(name: str, body: str) -> Path:
        path = tmp_path / "programs" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        return path

    return write


@pytest.fixture
def printed() -> io.StringIO:
    """Give where a plain progress prints."""
    return io.StringIO()


@pytest.fixture
def progress(printed: io.StringIO) -> Progress:
    """Give a progress that is no terminal."""
    return Progress(Console(file=printed, width=200))
