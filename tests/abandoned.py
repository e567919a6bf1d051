"""What a test run starts bears the number of its process, so that the next run can end what a killed one left."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from sandbox import places
from sandbox.cluster import Cluster
from sandbox.node import device

CLUSTER = re.compile(r"(?:tests|mortal|engine)-(\d+)")
"""A cluster in the user's cache."""
CACHE = re.compile(r"flotilla-(?:node|command)(?:-tests)?-(\d+)(?:-\d+)?")
"""A cache of its own, with the sandbox in it that ``flotilla sandbox`` speaks to there."""
OURS: set[Path] = set()
"""What this process has made."""


def own_cluster(kind: str) -> Cluster:
    """Give a cluster of this process alone in the user's cache, not started and with nothing left in it."""
    remove_abandoned()
    cluster = Cluster(f"{kind}-{os.getpid()}")
    OURS.add(cluster.control_plane.folder)
    return cluster


def own_cache(kind: str) -> Path:
    """Make an empty cache of this process alone; whoever asks for it removes it."""
    remove_abandoned()
    # A short name: the kubelet's sockets lie deep in it, and their paths may have 107 characters (unix(7)).
    for number in itertools.count(1):
        folder = Path(tempfile.gettempdir()).resolve() / f"flotilla-{kind}-{os.getpid()}-{number}"
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            break
    OURS.add(folder)
    return folder


def remove_abandoned() -> None:
    """End the clusters of runs that were killed, and remove their files."""
    for folder in places.state("any").parent.glob("*"):
        if is_abandoned(folder, CLUSTER):
            Cluster(folder.name).stop()
    for folder in {*caches()}:
        if is_abandoned(folder, CACHE):
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("XDG_CACHE_HOME", str(folder))
                Cluster().stop()
            shutil.rmtree(folder, ignore_errors=True)


def caches() -> Iterator[Path]:
    """Give what may be such caches: our user's, and that of this machine's node, which may outlive its files."""
    for folder in Path(tempfile.gettempdir()).resolve().glob("flotilla-*"):
        with suppress(FileNotFoundError):  # whoever made it has removed it meanwhile
            if folder.stat().st_uid == os.geteuid():
                yield folder
    holder = device.holder()
    if holder is not None:
        yield from holder.parents


def is_abandoned(folder: Path, form: re.Pattern[str]) -> bool:
    """Say whether the process that a folder is named after is gone.

    This one too only has the number of an earlier one, as a container's first has at each start, where it has made no
    such folder.
    """
    named = form.fullmatch(folder.name)
    if named is None or folder in OURS:
        return False
    return int(named[1]) == os.getpid() or not Path(f"/proc/{named[1]}").exists()
