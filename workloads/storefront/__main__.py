"""``python -m storefront``: serve one shop as the environment says.

PORT (8080), TRACK (stable) and VERSION (0.0.0) are what the release is; SHOP_FILE is the shop, and without it the
built-in sample shop is served; IMPRINT is who sells, one line of it a line; HOST (all addresses), LOG_LEVEL (info).
A shop that can't be read ends the process with status 2 and one line that says what is wrong.
"""

from __future__ import annotations

import logging
import os
import signal
import sys

import uvicorn

from storefront import app
from storefront.journal import Journal
from storefront.shop import ShopError
from storefront.site import Release

DRAIN_SECONDS = 20
"""How long requests may still take after SIGTERM: with the pod's pause before it, less than its 30 s of grace."""


def main() -> int:
    """Serve until told to stop; then finish what was begun."""
    environment = os.environ
    journal = Journal(sys.stdout, level=environment.get("LOG_LEVEL", "info"))
    release = Release(track=environment.get("TRACK", "stable"), version=environment.get("VERSION", "0.0.0"))
    try:
        shop_app = app.make(environment.get("SHOP_FILE"), release, environment.get("IMPRINT"), journal)
    except ShopError as error:
        journal.write("error", "the shop can't be read", error=str(error))
        return 2
    # uvicorn drains, then raises the signal anew: a pod that was told to stop has not failed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    logging.getLogger("uvicorn.error").addHandler(journal.handler())
    host = environment.get("HOST", "0.0.0.0")  # noqa: S104  (a container listens on all its addresses)
    uvicorn.run(
        shop_app,
        host=host,
        port=int(environment.get("PORT", "8080")),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
