"""A Chromium to buy with: the machine's own, else Debian's headless one, unpacked into the cache and not installed."""

from __future__ import annotations

import ctypes.util
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fleet.errors import PlaceError
from sandbox import debian
from sandbox.progress import Progress
from verify.chromium import NAMES, REMEDY, VARIABLE

PACKAGES = ("chromium-headless-shell", "chromium-common", "fonts-dejavu-core")
HEADLESS = "usr/lib/chromium/chromium-headless-shell"
DRIVER = ("libatomic1",)
"""What playwright's own driver, a Node.js, needs and a minimal Debian lacks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """A program that is Chromium, and the environment that it and playwright's driver need."""

    program: Path
    environment: Mapping[str, str]


def chromium(progress: Progress) -> Browser:
    """Give a Chromium, fetched once where the machine has none. Raises PlaceError when there is none to be had."""
    if named := os.environ.get(VARIABLE):
        if not os.access(named, os.X_OK):
            raise PlaceError(f"{VARIABLE}: {named} is no program; name Chromium's")
        return Browser(program=Path(named), environment=_with_driver(progress))
    for name in NAMES:
        if found := shutil.which(name):
            return Browser(program=Path(found), environment=_with_driver(progress))
    return _unpacked(progress)


def _with_driver(progress: Progress) -> dict[str, str]:
    if ctypes.util.find_library("atomic"):
        return dict(os.environ)
    root = debian.unpacked(DRIVER, progress).root
    return dict(os.environ) if root is None else {**os.environ, "LD_LIBRARY_PATH": debian.library_path(root)}


def _unpacked(progress: Progress) -> Browser:
    root = debian.unpacked((*PACKAGES, *DRIVER), progress).root
    if root is None or not (root / HEADLESS).exists():
        raise PlaceError(f"chromium: not on PATH, and there is no apt-get to fetch it with; {REMEDY}")
    changed = {"LD_LIBRARY_PATH": debian.library_path(root), "FONTCONFIG_FILE": str(_fonts(root))}
    return Browser(program=root / HEADLESS, environment={**os.environ, **changed})


def _fonts(root: Path) -> Path:
    """Write where the unpacked fonts lie: fontconfig's own configuration names /usr/share, which may have none."""
    file = root / "fonts.conf"
    folders = "".join(f"<dir>{folder}</dir>" for folder in (root / "usr/share/fonts", "/usr/share/fonts"))
    text = f'<?xml version="1.0"?><fontconfig>{folders}<cachedir prefix="xdg">fontconfig</cachedir></fontconfig>\n'
    if not file.exists() or file.read_text(encoding="utf-8") != text:
        file.write_text(text, encoding="utf-8")
    return file
