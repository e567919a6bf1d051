"""Misbehaviour on demand: what a test may make a double do, read from the file named in FLOTILLA_DOUBLE_FAULTS.

The file is read at each creation, so a test can change its mind between two runs. Counts start with each process.
"""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

FAULTS = "FLOTILLA_DOUBLE_FAULTS"


class RefusedError(Exception):
    """The double answers this call with an error, as the real provider does when its API refuses."""


class Faults:
    """The faults of one provider process.

    ``fail_after`` and ``kill_engine_after`` are numbers of creations that still succeed, ``hang`` is a part of a URN
    whose creation never returns. Killing comes after the object was made and before the engine hears of it: the worst
    moment, since the object exists and the state does not know it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._begun = 0
        self._made = 0

    def before_create(self, urn: str) -> None:
        """Fail or hang as told; raises RefusedError."""
        told = _told()
        with self._lock:
            self._begun += 1
            begun = self._begun
        if begun > told.get("fail_after", begun):
            raise RefusedError(f"{urn.rsplit('::', 1)[-1]}: refused on demand after {told['fail_after']} creations")
        if (part := told.get("hang")) and part in urn:
            time.sleep(3600)

    def after_create(self) -> None:
        """Kill the engine (our parent) with SIGKILL when enough objects have been made."""
        told = _told()
        with self._lock:
            self._made += 1
            if self._made > told.get("kill_engine_after", self._made):
                os.kill(os.getppid(), signal.SIGKILL)
                os._exit(1)


def _told() -> dict[str, Any]:
    path = Path(os.environ.get(FAULTS, ""))
    told: dict[str, Any] = json.loads(path.read_text()) if path.is_file() else {}
    return told
