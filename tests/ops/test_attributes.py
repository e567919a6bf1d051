from __future__ import annotations

from pathlib import Path

import pytest

from ops import attributes

WHOLE = '{"user.content_type":"text/plain; charset=utf-8","md5":"oeheBAH6LSZ97tdyDwXVHg=="}'


@pytest.fixture
def stacks(tmp_path: Path) -> Path:
    """Give a backend's folder of stacks: two that are well, one whose attributes are cut short, one without any."""
    folder = tmp_path / ".pulumi" / "stacks" / "flotilla"
    folder.mkdir(parents=True)
    for name in ("dev", "prod", "cut", "bare"):
        (folder / f"{name}.json").write_text("{}")
    for name in ("dev", "prod"):
        (folder / f"{name}.json.attrs").write_text(WHOLE)
    return folder


@pytest.mark.parametrize("left", ["", WHOLE[:40]])
@pytest.mark.parametrize("query", ["", "?no_tmp_dir=true"])
def test_only_what_is_cut_short_is_removed(stacks: Path, tmp_path: Path, left: str, query: str) -> None:
    before = set(stacks.iterdir())
    (stacks / "cut.json.attrs").write_text(left)
    assert attributes.mend(f"file://{tmp_path}{query}") == [stacks / "cut.json.attrs"]
    assert set(stacks.iterdir()) == before
    assert attributes.mend(f"file://{tmp_path}{query}") == []


def test_a_folder_may_be_named_by_the_home(stacks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (stacks / "cut.json.attrs").touch()
    assert attributes.mend("file://~") == [stacks / "cut.json.attrs"]


@pytest.mark.parametrize("backend", ["https://api.pulumi.com", "s3://states?region=eu-west-1", "file:///nowhere"])
def test_other_backends_have_none(backend: str) -> None:
    assert attributes.mend(backend) == []
