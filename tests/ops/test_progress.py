"""What a person sees of a run, from recorded logs."""

from __future__ import annotations

import io
import threading
from typing import TYPE_CHECKING, Any

from rich.console import Console

from ops import events, progress
from tests.waiting import LIMIT_SECONDS

if TYPE_CHECKING:
    import pytest

    from tests.ops.conftest import Recorded


def plain(*, terminal: bool = False) -> tuple[Console, io.StringIO]:
    """Give a console and where its text goes."""
    text = io.StringIO()
    return Console(file=text, force_terminal=terminal, width=200, color_system=None), text


def test_a_pipe_gets_one_line_for_each_finished_change_and_none_for_the_rest(recorded: Recorded) -> None:
    console, text = plain()
    log = recorded("image-up")
    with progress.Progress(console, "up dev", planning=False) as shown:
        for event in log:
            shown.hear(event)
    lines = text.getvalue().splitlines()
    assert lines[0] == "up dev ..."
    changes = sum(events.read(log).changes.values())
    assert len(lines) == 1 + changes
    assert any("Deployment storefront-" in line and line.endswith("updated") for line in lines)


def test_a_failed_step_is_named_at_once(recorded: Recorded) -> None:
    console, text = plain()
    with progress.Progress(console, "up dev", planning=False) as shown:
        for event in recorded("failed-up"):
            shown.hear(event)
    assert "failed kubernetes:" in text.getvalue()


def test_a_terminal_shows_the_steps_under_way(recorded: Recorded) -> None:
    console, text = plain(terminal=True)
    log = recorded("first-up")
    begun = next(at for at, event in enumerate(log) if (step := events.step_of(event)) and step.state == "begun")
    with progress.Progress(console, "up dev", planning=False) as shown:
        for event in log[: begun + 1]:
            shown.hear(event)
        console.print(shown._now())
    step = events.step_of(log[begun])
    assert step is not None
    assert step.name in text.getvalue()


def test_a_line_is_never_said_under_the_lock_that_drawing_needs(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else each could wait for the other for ever: who draws holds the terminal's lock, which a line needs too."""
    console, _ = plain()
    drawn: list[bool] = []

    def draw(*_: Any, **__: Any) -> None:
        drawing = threading.Thread(target=shown._now, daemon=True)
        drawing.start()
        drawing.join(LIMIT_SECONDS)
        drawn.append(not drawing.is_alive())

    with progress.Progress(console, "up dev", planning=False) as shown:
        monkeypatch.setattr(console, "print", draw)
        for event in recorded("image-up"):
            shown.hear(event)
    assert set(drawn) == {True}


def test_a_plan_lists_each_changed_resource_once_with_its_fields(recorded: Recorded) -> None:
    console, text = plain()
    progress.show_plan(console, events.read(recorded("step-up")))
    lines = text.getvalue().splitlines()
    assert len(lines) == len(set(lines))
    assert any("TraefikService" in line and "spec.weighted.services[0].weight" in line for line in lines)


def test_counts_are_told_in_words() -> None:
    assert progress.summed({"create": 2, "same": 90}) == "2 created, 90 unchanged"
    assert progress.summed({}) == "nothing"
