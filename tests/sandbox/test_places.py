"""A cache that can't be written is a line with the remedy, not a traceback."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from fleet.errors import PlaceError
from sandbox import lock, places


@pytest.mark.parametrize("number", sorted(places.UNUSABLE))
def test_a_disk_that_is_full_or_closed_is_named_with_the_remedy(cache: Path, number: int) -> None:
    with pytest.raises(PlaceError) as refused, places.usable():
        raise OSError(number, os.strerror(number), str(cache / "tools"))
    assert str(refused.value) == (
        f"{cache}/tools: {os.strerror(number)}; see that {cache} is yours and its disk has room, or set XDG_CACHE_HOME "
        "to another folder"
    )


def test_a_full_disk_that_names_no_file_is_the_caches(cache: Path) -> None:
    with pytest.raises(PlaceError, match=rf"^{cache}: No space left on device; "), places.usable():
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize(
    "error",
    [
        PermissionError(errno.EPERM, "no", "/proc/sys/x"),
        PermissionError(errno.EPERM, "no process of yours"),
        FileNotFoundError(errno.ENOENT, "no", "x"),
    ],
)
def test_any_other_failure_stays_a_defect(error: OSError) -> None:
    with pytest.raises(type(error)), places.usable():
        raise error


def test_a_lock_in_a_cache_that_can_not_be_made_says_so(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(cache / "locks"))

    monkeypatch.setattr(Path, "mkdir", closed)
    with pytest.raises(PlaceError, match=rf"^{cache}/locks: Permission denied; "), lock.held("x"):
        pytest.fail("held")
