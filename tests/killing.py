"""How tests kill what a cluster runs, and what starts it."""

from __future__ import annotations

import os
import signal
from contextlib import suppress

from sandbox.cluster import Cluster
from tests.waiting import wait

ENDLESS = "import time; from sandbox.record import Record; Record.write = lambda *_: time.sleep(600); "
"""What makes a start in another process one that never ends: nobody who waits to kill it comes too late."""


def kill(cluster: Cluster, *named: str) -> None:
    """Kill the parts named, or all processes when none is, until none is left; those of pods are not among them."""
    # Whatever was forked after one look is met by the next.
    wait(lambda: not struck(cluster, named), f"{' and '.join(named) or 'everything'} to end")


def struck(cluster: Cluster, named: tuple[str, ...]) -> list[str]:
    """Kill what of it runs now, and give its names."""
    running = [process for process in cluster.processes() if not named or process.name in named]
    for process in running:
        with suppress(ProcessLookupError):  # runc ends by itself
            os.kill(process.pid, signal.SIGKILL)
    return [process.name for process in running]
