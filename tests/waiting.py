"""How tests wait: for what they need, and with a limit that only a failure reaches."""

from __future__ import annotations

import time
from collections.abc import Callable

LIMIT_SECONDS = 120.0
"""The slowest of all: a kubelet looks at a pod's Secrets each 60 to 90 seconds (Kubernetes, podWorkers)."""


def wait(ready: Callable[[], object], what: str, limit_seconds: float = LIMIT_SECONDS) -> None:
    """Ask again and again until the answer is true; fails saying ``what`` was waited for."""
    end = time.monotonic() + limit_seconds
    while not ready():
        assert time.monotonic() < end, f"waited {limit_seconds} s for {what}"
        time.sleep(0.1)
