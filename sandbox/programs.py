"""Programs of others, run to their end: what they print, or the one line that says why they failed."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from fleet.errors import PlaceError

LIMIT_SECONDS = 900.0
"""Of what fetches, loads or pushes: long enough for a slow line, and no CI job hangs for ever."""


def last_line(text: str) -> str:
    """Give the last line that says something, where programs tell what went wrong."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "no message")


def run(
    command: Sequence[str | Path],
    *,
    remedy: str,
    subject: str = "",
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    limit_seconds: float = LIMIT_SECONDS,
) -> str:
    """Run a program and give what it printed.

    Raises PlaceError when it can't be run, fails or takes too long: ``subject`` (else the program), the reason and the
    remedy.
    """
    named = subject or Path(command[0]).name
    try:
        answer = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=limit_seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise PlaceError(f"{named}: not done after {limit_seconds:.0f} s; {remedy}") from None
    except OSError as error:
        raise PlaceError(f"{named}: {command[0]} can't be run: {error.strerror}; {remedy}") from None
    if answer.returncode != 0:
        raise PlaceError(f"{named}: {last_line(answer.stderr)}; {remedy}")
    return answer.stdout
