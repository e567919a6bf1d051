"""Small programs of the node, and places they can't wait in."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from fleet.errors import PlaceError
from sandbox import places
from sandbox.debian import Unpacked
from sandbox.node import commands
from sandbox.node.containerd import Containerd

Script = Callable[[str, str], Path]


@pytest.fixture
def tools(script: Script, monkeypatch: pytest.MonkeyPatch) -> Unpacked:
    """Give programs of which `ctr` never ends."""
    folder = script("ctr", "exec sleep 600").parent
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return Unpacked(root=None)


def test_a_program_that_does_not_end_is_named_with_what_it_was_told(tools: Unpacked) -> None:
    with pytest.raises(PlaceError, match="ctr --address x version: no end after 0 s; see what it waits for"):
        commands.run(tools, "ctr", "--address", "x", "version", limit_seconds=0.2)


def test_a_container_runtime_that_does_not_answer_is_not_ready(
    tools: Unpacked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.node.containerd.ANSWER_SECONDS", 0.2)
    assert not Containerd(folder=tmp_path, tools=tools).is_ready()


def test_a_folder_that_can_not_be_removed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "state"
    (folder / "etcd").mkdir(parents=True)
    places.remove(folder)
    places.remove(folder)
    folder.mkdir()

    def busy(path: Path, *, ignore_errors: bool = False) -> None:
        if not ignore_errors:
            raise OSError(errno.EBUSY, "Device or resource busy", f"{path}/mounted")

    monkeypatch.setattr(shutil, "rmtree", busy)
    with pytest.raises(PlaceError, match=f"^{folder}/mounted: can't be removed: Device or resource busy; remove "):
        places.remove(folder)
