"""What containers left outside their folder, found whatever it is called, and nobody else's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fleet.errors import PlaceError
from sandbox.node import remains

LINE = "36 35 98:0 / {} rw,noatime master:1 - ext3 /dev/root rw,errors=continue\n"


@pytest.fixture
def mounted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the file that says what is mounted, still without a line."""
    monkeypatch.setattr(remains, "MOUNTS", tmp_path / "mountinfo")
    return tmp_path / "mountinfo"


@pytest.mark.parametrize("name", ["/home/josé", "/home/two words", "/home/back\\slash", "/home/日本", "/home/a\\040b"])
def test_a_mount_is_found_whatever_its_folder_is_called(mounted: Path, name: str) -> None:
    """(proc(5): mountinfo writes space, tab, newline and backslash in octal, and all other bytes as they are.)"""
    written = name.replace("\\", "\\134").replace(" ", "\\040")
    mounted.write_text(LINE.format("/proc") + LINE.format(written) + LINE.format(f"{written}/inner"))
    assert remains.mounts(Path(name)) == [Path(f"{name}/inner"), Path(name)]


def test_a_name_in_another_encoding_is_found_too(mounted: Path) -> None:
    mounted.write_bytes(LINE.format("/home/jos").encode().replace(b"jos", b"jos\xe9"))
    assert remains.mounts(Path(os.fsdecode(b"/home/jos\xe9"))) == [Path(os.fsdecode(b"/home/jos\xe9"))]


def test_what_is_not_mounted_any_more_is_no_problem(mounted: Path, tmp_path: Path) -> None:
    mounted.write_text(LINE.format(tmp_path / "gone"))
    remains.unmount(tmp_path)


def test_what_can_not_be_unmounted_is_named_in_one_line(mounted: Path, tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    mounted.write_text(LINE.format(loop))
    with pytest.raises(PlaceError, match=f"^{loop}: can't be unmounted: .+; run `flotilla sandbox down` again$"):
        remains.unmount(tmp_path)


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder of CNI's results, with one of our network in it."""
    for name in ("CNI_RESULTS", "SHIM_SOCKETS", "DEVICE_PLUGINS", "POD_LINKS", "RUN"):
        monkeypatch.setattr(remains, name, tmp_path / name / "inner")
    folder = tmp_path / "CNI_RESULTS" / "inner"
    folder.mkdir(parents=True)
    (folder / "flotilla-0123-eth0").touch()
    return folder


def test_results_of_the_network_stay_while_another_node_has_the_machine(results: Path, tmp_path: Path) -> None:
    remains.remove_files(tmp_path, results=False)
    assert [each.name for each in results.iterdir()] == ["flotilla-0123-eth0"]


def test_results_and_the_folders_that_held_nothing_else_go_with_the_node(results: Path, tmp_path: Path) -> None:
    remains.remove_files(tmp_path, results=True)
    assert not results.parent.exists()
