"""Wheels from PyPI, pinned by version and hash, put into a folder: nothing is installed into any Python."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from sandbox import programs

REMEDY = "see that PyPI can be reached, or pip's configuration"
PREFIX = ".installing-"


def install(requirements: Path, target: Path, *options: str, subject: str = "", remedy: str = REMEDY) -> None:
    """Put what a requirements file pins by hash into the folder ``target``; ``options`` are pip's.

    Raises PlaceError with ``subject`` (else the file), pip's last line and the remedy.
    """
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *options]
    checked = ["--require-hashes", "--only-binary=:all:", "--target", str(target), "-r", str(requirements)]
    programs.run([*pip, *checked], subject=f"{subject or requirements}: pip can't install it", remedy=remedy)


def keep(pins: Sequence[str], folder: Path, *, subject: str, remedy: str = REMEDY) -> None:
    """Make ``folder`` of the pinned wheels: it appears whole or not at all, and what a killed start left goes.

    Whoever calls holds the lock of that folder's parent. Raises as ``install`` does.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    for abandoned in folder.parent.glob(f"{PREFIX}*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=PREFIX, ignore_cleanup_errors=True) as temporary:
        requirements, target = Path(temporary) / "requirements.txt", Path(temporary) / "target"
        requirements.write_text("\n".join(pins), encoding="utf-8")
        install(requirements, target, subject=subject, remedy=remedy)
        target.rename(folder)
