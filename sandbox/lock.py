"""One process at a time: a lock that dies with its holder, so that a killed one never has to be cleaned up after."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sandbox import places


@contextmanager
def held(name: str, *, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold the lock ``name`` for the length of the block; ``waiting`` is called once when another process has it.

    The kernel frees an flock when its holder ends, however that happens (flock(2)); child processes don't inherit it.
    Raises PlaceError where the cache can't be written.
    """
    folder = places.cache() / "locks"
    with places.usable():
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / f"{name}.lock").open("w")
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
