"""Runs the small programs of the node's packages (ip, iptables, ctr), none of which may keep anybody waiting."""

from __future__ import annotations

import subprocess

from fleet.errors import PlaceError
from sandbox import programs
from sandbox.debian import Unpacked

LIMIT_SECONDS = 30.0
"""They take milliseconds; longer than this they wait for something that does not come."""

Answer = subprocess.CompletedProcess[str]


def run(
    tools: Unpacked, program: str, *arguments: str, stdin: str | None = None, limit_seconds: float = LIMIT_SECONDS
) -> Answer:
    """Run one of them to its end. Raises PlaceError naming the command when that does not come in time."""
    try:
        return subprocess.run(
            [str(tools.program(program)), *arguments],
            input=stdin,
            env=tools.environment,
            capture_output=True,
            text=True,
            timeout=limit_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        words = " ".join([program, *arguments])
        raise PlaceError(f"{words}: no end after {limit_seconds:.0f} s; see what it waits for, and try again") from None


def last_line(answer: Answer) -> str:
    """Give a program's last word of why it failed."""
    return programs.last_line(answer.stderr)
