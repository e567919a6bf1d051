"""A circuit breaker: after failures in a row, fail at once for a while instead of letting every buyer wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from enum import StrEnum


class Circuit(StrEnum):
    """Closed lets calls through, open refuses them, half-open lets one try."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class Breaker:
    """Counts failures in a row: opens after ``threshold``, tries again after ``pause_seconds``. Thread-safe."""

    def __init__(
        self, *, threshold: int = 5, pause_seconds: float = 10, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._threshold = threshold
        self._pause_seconds = pause_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._retry_at = 0.0

    @property
    def state(self) -> Circuit:
        """Say where the circuit stands now."""
        if self._failures < self._threshold:
            return Circuit.CLOSED
        return Circuit.HALF_OPEN if self._clock() >= self._retry_at else Circuit.OPEN

    def admit(self) -> bool:
        """Say whether a call may be made; of the callers that ask while it is half-open, the first may."""
        with self._lock:
            state = self.state
            if state is Circuit.HALF_OPEN:
                self._retry_at = self._clock() + self._pause_seconds
            return state is not Circuit.OPEN

    def succeeded(self) -> None:
        """Note a call that was answered."""
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        """Note a call that was not."""
        with self._lock:
            self._failures += 1
            self._retry_at = self._clock() + self._pause_seconds
