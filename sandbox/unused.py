"""What lies in the cache and has not been used for a month goes: versions change, and disks are not endless."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress
from pathlib import Path

AFTER_SECONDS = 30 * 24 * 3600


def touch(*files: Path) -> None:
    """Note that files are used now; in a cache that can't be written nothing is removed either."""
    for file in files:
        with suppress(OSError):
            os.utime(file)


def remove(path: Path) -> None:
    """Remove a file, or a folder with all in it, unless something of it has been used of late."""
    try:
        last = max(each.lstat().st_mtime for each in (path, *path.rglob("*")))
    except FileNotFoundError:
        return
    if time.time() - last < AFTER_SECONDS:
        return
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
