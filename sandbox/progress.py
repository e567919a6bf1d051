"""What the user sees while the sandbox works: the stage, what it waits for, and how long it has taken.

A terminal gets a live line; anything else (CI, a pipe) gets plain lines, and one at least every 15 seconds.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.markup import escape
from rich.status import Status

QUIET_SECONDS = 15.0
"""The longest silence of a plain log: CI systems and people take longer ones for a hang."""
TICK_SECONDS = 1.0
"""How often a stage that waits for a program is looked at."""


@dataclass(slots=True)
class Stage:
    """One running stage; ``update`` says what it is doing now."""

    title: str
    console: Console
    live: Status | None
    detail: str = ""
    started: float = field(default_factory=time.monotonic)
    spoke: float = field(default_factory=time.monotonic)
    speaking: threading.Lock = field(default_factory=threading.Lock)

    @property
    def seconds(self) -> float:
        """How long the stage has run."""
        return time.monotonic() - self.started

    def update(self, detail: str = "") -> None:
        """Show ``detail`` and the time taken so far; call it as often as you like."""
        self.detail = detail
        self.show()

    def show(self) -> None:
        """Show what the stage is doing, where that is due."""
        text = f"{self.title}: {self.detail}" if self.detail else self.title
        with self.speaking:
            if self.live is not None:
                self.live.update(f"{escape(text)} [dim]{self.seconds:.0f} s[/dim]")
            elif time.monotonic() - self.spoke >= QUIET_SECONDS:
                self.spoke = time.monotonic()
                self.console.print(f"  {escape(text)} ({self.seconds:.0f} s)", highlight=False, soft_wrap=True)

    def note(self, text: str) -> None:
        """Print a line that stays."""
        self.console.print(f"  {escape(text)}", highlight=False, soft_wrap=True)

    @contextmanager
    def ticking(self) -> Iterator[None]:
        """Show the stage all through the block, also while whoever runs it waits for a program and says nothing."""
        ended = threading.Event()

        def tick() -> None:
            while not ended.wait(TICK_SECONDS):
                self.show()

        ticker = threading.Thread(target=tick, daemon=True)
        ticker.start()
        try:
            yield
        finally:
            ended.set()
            ticker.join()


class Progress:
    """The stages of one command, in order, each with the time it took."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True)

    @contextmanager
    def stage(self, title: str) -> Iterator[Stage]:
        """Show ``title`` for the length of the block, then the line that it is done and how long it took."""
        live = Status(escape(title), console=self.console) if self.console.is_terminal else None
        stage = Stage(title, self.console, live)
        if live is None:
            self.console.print(f"{escape(title)} ...", highlight=False, soft_wrap=True)
            with stage.ticking():
                yield stage
        else:
            with live, stage.ticking():
                yield stage
        self.console.print(f"[green]done[/green] {escape(title)} [dim]{stage.seconds:.1f} s[/dim]", highlight=False)
