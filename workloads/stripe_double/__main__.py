"""``python -m stripe_double``: serve the double as the environment says.

PORT (8080), STATE_FILE (what it remembers; memory alone without it), STRIPE_SECRET_KEY_FILE (the keys it takes, one a
line; any test key without it), WEBHOOK_URL with STRIPE_WEBHOOK_SECRET_FILE (its first line signs) and
WEBHOOK_EVENTS (``*``), WEBHOOK_AUTHORITY_FILE (whom to trust there), RETRY_SECONDS (``1,5,30,120,600,3600``),
PUBLIC_URL (where buyers find it), SEED (0), LOG_LEVEL (``WARNING``; ``INFO`` tells of every delivery), and HOST (all
addresses).
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

import uvicorn

from stripe_double import app
from stripe_double.delivery import RETRY_SECONDS


def main() -> None:
    """Serve until told to stop."""
    logging.basicConfig(level=os.environ.get("LOG_LEVEL", "WARNING"), format="%(asctime)s %(message)s")
    retries = os.environ.get("RETRY_SECONDS")
    events = os.environ.get("WEBHOOK_EVENTS", "*").split(",")
    double = app.make(
        path=os.environ.get("STATE_FILE", ":memory:"),
        keys=_lines("STRIPE_SECRET_KEY_FILE"),
        webhooks=[(os.environ["WEBHOOK_URL"], _lines("STRIPE_WEBHOOK_SECRET_FILE")[0], events)]
        if "WEBHOOK_URL" in os.environ
        else [],
        retry_seconds=[float(word) for word in retries.split(",")] if retries else RETRY_SECONDS,
        webhook_authority=Path(os.environ["WEBHOOK_AUTHORITY_FILE"])
        if "WEBHOOK_AUTHORITY_FILE" in os.environ
        else None,
        public_url=os.environ.get("PUBLIC_URL", ""),
        seed=int(os.environ.get("SEED", "0")),
    )
    host = os.environ.get("HOST", "0.0.0.0")  # noqa: S104  (a container listens on all its addresses)
    uvicorn.run(double, host=host, port=int(os.environ.get("PORT", "8080")), log_config=None, access_log=False)


def _lines(variable: str) -> list[str]:
    path = os.environ.get(variable)
    return Path(path).read_text(encoding="utf-8").split() if path else []


if __name__ == "__main__":
    main()
