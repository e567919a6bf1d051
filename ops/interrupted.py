"""Ctrl-C and SIGTERM in a verb that can be run again: whatever it started ends, and one line says that all is well."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

import typer

INTERRUPTED = 130
"""128 + SIGINT, as shells have it."""


@contextmanager
def interruptible() -> Iterator[None]:
    """Turn SIGTERM into what Ctrl-C does, so that either ends the tools we started, and say that all is well."""
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    except KeyboardInterrupt:
        typer.echo("flotilla: interrupted; run the same command again, it goes on where this one stopped", err=True)
        raise typer.Exit(INTERRUPTED) from None
    finally:
        signal.signal(signal.SIGTERM, before)


def interrupt(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001  (signal's own signature)
    """Stop as Ctrl-C would."""
    raise KeyboardInterrupt
