"""Where the sandbox keeps what it makes: everything lies in one folder of the user's cache.

Tools stay there for the next start; a cluster's state goes with the cluster. Beside it Go fills caches of its own while
it builds (about 8 GB, ``go env GOMODCACHE GOCACHE``), and whoever calls sudo gets a folder to read from.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fleet.errors import PlaceError

FULL = {errno.ENOSPC, errno.EDQUOT}
UNUSABLE = {*FULL, errno.EACCES, errno.EPERM, errno.EROFS}
"""What says that a disk is full, or closed to this user (errno(3))."""
HANDED = Path("/run/flotilla")
"""Only root can write there, anybody can read, and a restart clears it (file-system hierarchy, /run)."""


def cache() -> Path:
    """Give Flotilla's folder in the user's cache (XDG Base Directory Specification: XDG_CACHE_HOME, else ~/.cache).

    Links are followed, because the kernel and containerd name files and mounts without them.
    """
    home = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(home) if Path(home).is_absolute() else Path.home() / ".cache"
    return (base / "flotilla").resolve()


def state(cluster: str) -> Path:
    """Give the folder that holds everything of one cluster."""
    return cache() / "sandbox" / cluster


@contextmanager
def usable() -> Iterator[None]:
    """Raise PlaceError with the remedy when the cache's disk is full or closed to this user, instead of OSError."""
    try:
        yield
    except OSError as error:
        # A write to a full disk names no file; an act that is not permitted may be about anything then.
        named = isinstance(error.filename, str | bytes)
        place = Path(os.fsdecode(error.filename)) if named else cache()
        if error.errno not in (UNUSABLE if named else FULL) or not place.is_relative_to(cache()):
            raise
        raise PlaceError(
            f"{place}: {error.strerror}; see that {cache()} is yours and its disk has room, or set XDG_CACHE_HOME to "
            "another folder"
        ) from None


def behind_sudo() -> str | None:
    """Give who called sudo, since root's own cache is closed to them; None where nobody did (sudo(8), SUDO_USER)."""
    caller = os.environ.get("SUDO_USER", "")
    return caller if os.geteuid() == 0 and caller not in {"", "root"} else None


def handed(own: Path) -> Path:
    """Give where the person at the terminal finds what lies in ``own``: there, or with sudo in a folder of its own."""
    return HANDED / own.name if behind_sudo() and HANDED.parent.is_dir() else own


def take_back() -> None:
    """Remove what was handed out."""
    if behind_sudo():
        shutil.rmtree(HANDED, ignore_errors=True)


def remove(folder: Path) -> None:
    """Remove a folder with all that is in it, if it is there. Raises PlaceError naming what can't be removed."""
    shutil.rmtree(folder, ignore_errors=True)
    if not folder.exists():
        return
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise PlaceError(
            f"{error.filename}: can't be removed: {error.strerror}; remove {folder} by hand, or try again"
        ) from None
