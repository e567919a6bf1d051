"""Structured logs: one JSON object a line on standard output, each with the correlation id of what it is part of."""

from __future__ import annotations

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime

CORRELATION: ContextVar[str] = ContextVar("correlation", default="")
"""The id that one click keeps through shop, checkout, order, Stripe's metadata and the webhooks that follow."""
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "taskName", "asctime", "color_message"}


class JsonFormatter(logging.Formatter):
    """Writes a record and whatever ``extra`` it carries."""

    def __init__(self, **always: str) -> None:
        super().__init__()
        self._always = always

    def format(self, record: logging.LogRecord) -> str:
        """Give the line."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            "logger": record.name,
            **self._always,
        }
        if CORRELATION.get():
            line["correlationId"] = CORRELATION.get()
        line |= {name: value for name, value in vars(record).items() if name not in _OWN}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def set_up(*, track: str, version: str) -> None:
    """Send every logger's records to standard output as JSON."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter(track=track, version=version))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # Stripe's own client names whole URLs at this level, and the pool every reconnection.
    for noisy in ("stripe", "urllib3", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
