"""Structured logs: one JSON object a line."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import TextIO

_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


class Journal:
    """Writes what happened to a stream, for machines to read."""

    def __init__(self, stream: TextIO, *, level: str = "info") -> None:
        """Write to ``stream`` what is at least as serious as ``level``."""
        self._stream = stream
        self._least = _LEVELS.get(level.lower(), _LEVELS["info"])

    def write(self, level: str, message: str, **fields: object) -> None:
        """Write one event."""
        if _LEVELS[level] < self._least:
            return
        time = datetime.now(UTC).isoformat(timespec="milliseconds")
        event = {"time": time, "level": level, "message": message, **fields}
        # A single write: lines of two requests never mix.
        self._stream.write(json.dumps(event, default=str) + "\n")
        self._stream.flush()

    def handler(self) -> logging.Handler:
        """Give a handler that writes what libraries log."""
        journal = self

        class _Handler(logging.Handler):
            def emit(self, record: logging.LogRecord) -> None:
                level = record.levelname.lower()
                known = level if level in _LEVELS else "error"
                error = {"error": self.format(record)} if record.exc_info else {}
                journal.write(known, record.getMessage(), logger=record.name, **error)

        return _Handler()
