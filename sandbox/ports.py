"""The ports of a private control plane: chosen free, so that nothing of the user's is ever in the way."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Collection, Iterable, Mapping

from fleet.errors import PlaceError

RANGE = range(20000, 32000)
"""Below the range Linux takes outgoing connections from (32768-60999, ip_local_port_range), above well-known ports."""
LOOPBACK = "127.0.0.1"


def is_free(port: int) -> bool:
    """Say whether nothing listens on ``port`` of any address of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True


def become_free(wanted: Collection[int], *, limit_seconds: float = 5.0) -> bool:
    """Say whether all these ports are free, or become so in time: a killed process keeps its own for a moment."""
    deadline = time.monotonic() + limit_seconds
    while not (free := all(is_free(port) for port in wanted)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return free


def taken(wanted: Mapping[str, int], *, limit_seconds: float = 5.0) -> str:
    """Give which of these ports stay taken, with their names, empty when all are free or become so in time."""
    if become_free(wanted.values(), limit_seconds=limit_seconds):
        return ""
    return ", ".join(f"{port} ({name})" for name, port in wanted.items() if not is_free(port))


def choose(names: Iterable[str]) -> dict[str, int]:
    """Give each name a free port of its own. Raises PlaceError when the range has too few."""
    wanted = list(names)
    candidates = (port for port in random.sample(RANGE, len(RANGE)) if is_free(port))
    chosen = dict(zip(wanted, candidates, strict=False))
    if len(chosen) < len(wanted):
        raise PlaceError(
            f"ports {RANGE.start}-{RANGE.stop}: fewer than {len(wanted)} are free; stop what listens there"
        )
    return chosen
