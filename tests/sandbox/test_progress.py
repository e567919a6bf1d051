"""What a log shows of a stage that waits."""

from __future__ import annotations

import io
import time

import pytest

from sandbox import progress as module
from sandbox.progress import Progress


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the longest silence a short one."""
    monkeypatch.setattr(module, "QUIET_SECONDS", 0.05)
    monkeypatch.setattr(module, "TICK_SECONDS", 0.01)


@pytest.mark.usefixtures("impatient")
def test_a_stage_that_waits_for_a_silent_program_says_so_itself(progress: Progress, printed: io.StringIO) -> None:
    with progress.stage("fetch containerd") as stage:
        stage.update("about 30 MB")
        deadline = time.monotonic() + 60
        while printed.getvalue().count("  fetch containerd: about 30 MB (0 s)") < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
    assert printed.getvalue().count("  fetch containerd: about 30 MB (") >= 3


@pytest.mark.usefixtures("impatient")
def test_a_stage_that_has_ended_or_failed_says_nothing_more(progress: Progress, printed: io.StringIO) -> None:
    with pytest.raises(ValueError, match="so it is"), progress.stage("fetch"):
        raise ValueError("so it is")
    said = printed.getvalue()
    time.sleep(0.2)
    assert printed.getvalue() == said


def test_a_stage_that_is_quick_is_two_lines(progress: Progress, printed: io.StringIO) -> None:
    with progress.stage("fetch") as stage:
        stage.update("something")
    assert [line.split()[0] for line in printed.getvalue().splitlines()] == ["fetch", "done"]
