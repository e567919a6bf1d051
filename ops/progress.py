"""What a person sees while the engine works: what it does now, what it has done, and the sum at the end.

A terminal gets a live list of the steps under way; anything else (CI, a pipe) gets one plain line a finished step, and
at least one line every 15 seconds.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from ops.events import QUIET, Event, Outcome, Step, step_of

QUIET_SECONDS = 15.0
SIGNS = {"create": "[green]+[/]", "update": "[yellow]~[/]", "delete": "[red]-[/]", "replace": "[magenta]±[/]"}
WORDS = {
    "create": "created",
    "update": "updated",
    "delete": "deleted",
    "replace": "replaced",
    "create-replacement": "made anew",
    "delete-replaced": "deleted to be made anew",
    "refresh": "read",
    "same": "unchanged",
}


class Progress:
    """Shows the events of one run; use it as a context and hand ``hear`` to the run."""

    def __init__(self, console: Console, title: str, *, planning: bool) -> None:
        self._console = console
        self._title = title
        self._planning = planning
        self._begun: dict[str, tuple[Step, float]] = {}
        self._lock = threading.Lock()
        self._spoke = self._started = time.monotonic()
        self._done = 0
        self._live = Live(console=console, get_renderable=self._now, transient=True) if console.is_terminal else None

    def __enter__(self) -> Self:
        if self._live is None:
            self._say(f"{self._title} ...")
        else:
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._live is not None:
            self._live.stop()

    def hear(self, event: Event) -> None:
        """Take one event of the engine."""
        step = step_of(event)
        # A line waits for the lock under which the terminal is drawn, and who draws waits for ours: it is said without.
        text = "" if step is None else self._take(step)
        if text:
            self._say(text)
        if self._live is None and time.monotonic() - self._spoke >= QUIET_SECONDS:
            waiting = ", ".join(begun.name for begun, _ in list(self._begun.values())[:3]) or "the engine"
            self._say(f"{self._title}: {self._done} done, waiting for {waiting} ({self._seconds(self._started)} s)")

    def _take(self, step: Step) -> str:
        """Note a step, and give the line that is to be said of it, if any."""
        with self._lock:
            if step.state == "begun":
                self._begun[step.urn] = (step, time.monotonic())
                return ""
            self._begun.pop(step.urn, None)
            self._done += 1
        if step.state == "failed":
            return f"[red]failed[/] {_titled(step)}"
        if step.op in QUIET or self._planning:
            return ""
        return f"{_sign(step)} {_titled(step)} [dim]{WORDS.get(step.op, step.op)}[/]"

    def _say(self, text: str) -> None:
        self._spoke = time.monotonic()
        self._console.print(text, highlight=False, soft_wrap=True)

    def _now(self) -> Table:
        table = Table.grid(padding=(0, 1))
        table.add_row("", f"{self._title} [dim]{self._done} done, {self._seconds(self._started)} s[/]")
        with self._lock:
            for step, since in list(self._begun.values())[-10:]:
                table.add_row(_sign(step), f"{_titled(step)} [dim]{self._seconds(since)} s[/]")
        return table

    @staticmethod
    def _seconds(since: float) -> int:
        return int(time.monotonic() - since)


def show_plan(console: Console, outcome: Outcome) -> None:
    """List what an update would do, with the fields it would change."""
    for step in {step.urn: step for step in outcome.steps}.values():
        if step.op not in QUIET and not step.op.endswith(("-replacement", "-replaced")):
            fields = f" [dim]{escape(', '.join(step.changed[:4]))}[/]" if step.changed else ""
            console.print(f"{_sign(step)} {_titled(step)}{fields}", highlight=False, soft_wrap=True)


def summed(counts: Mapping[str, int]) -> str:
    """Give counts in words: ``12 created, 3 updated, 90 unchanged``."""
    return ", ".join(f"{count} {WORDS.get(op, op)}" for op, count in sorted(counts.items())) or "nothing"


def _sign(step: Step) -> str:
    return SIGNS.get(step.op.split("-")[0], " ")


def _titled(step: Step) -> str:
    return f"{escape(step.type)} [bold]{escape(step.name)}[/]"
