"""What a machine may lack: such tests are skipped, saying so, but never where the README promises what they need."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from fleet.errors import PlaceError


@contextmanager
def skipping(what: str) -> Iterator[None]:
    """Skip the tests of ``what`` when the machine can't have what the block makes.

    A Debian has everything from the package registries (README.md), so there the same obstacle is an error: a tool
    that no longer builds must not look like a machine that can't build it.
    """
    try:
        yield
    except PlaceError as error:
        if is_promised():
            raise
        pytest.skip(f"{what}: not run, {error}")


def is_promised() -> bool:
    """Say whether this is a machine on which everything can be had."""
    return sys.platform == "linux" and shutil.which("apt-get") is not None
