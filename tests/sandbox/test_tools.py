from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path
from typing import Any

import pytest

from sandbox import places, tools
from sandbox.tools import TOOLS, Tool


@pytest.fixture
def pinned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Path) -> Tool:
    """Give a tool whose module is a copy that a test may change."""
    shutil.copytree(tools.MODULES / "etcd", tmp_path / "modules" / "etcd")
    monkeypatch.setattr(tools, "MODULES", tmp_path / "modules")
    return tools.ETCD


def test_every_tool_is_pinned_by_its_module_and_has_a_hash_there() -> None:
    for tool in (*TOOLS, tools.CRANE):
        assert tool.version.startswith("v")
        assert f"{tool.source} {tool.version} h1:" in (tool.folder / "go.sum").read_text()
        assert f"{tool.package}\n" in (tool.folder / "go.mod").read_text()


def test_the_version_is_stamped_into_what_reports_it() -> None:
    assert f"-X k8s.io/component-base/version.gitVersion={tools.KUBECTL.version}" in tools.KUBECTL.link_flags
    assert "-X k8s.io/component-base/version.gitMajor=1 " in tools.KUBECTL.link_flags
    assert f"-X sigs.k8s.io/kwok/pkg/consts.Version={tools.KWOK.version}" in tools.KWOK.link_flags


@pytest.mark.parametrize("name", ["go.mod", "go.sum"])
def test_a_changed_pin_is_another_place(pinned: Tool, name: str) -> None:
    before = pinned.path
    assert pinned.path == before
    with (pinned.folder / name).open("a") as file:
        file.write("\n")
    assert pinned.path != before


def test_changed_flags_are_another_place(pinned: Tool) -> None:
    assert dataclasses.replace(pinned, stamps=(("a.b", "c"),)).path.parent != pinned.path.parent


def test_tools_lie_in_the_users_cache_and_never_in_the_checkout(cache: Path) -> None:
    assert all(tool.path.is_relative_to(cache / "tools") for tool in TOOLS)


def test_a_relative_cache_home_is_ignored_as_the_specification_says(monkeypatch: Any) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "somewhere")
    assert places.cache() == Path.home() / ".cache" / "flotilla"


def test_a_module_that_does_not_pin_the_tool_is_named(pinned: Tool) -> None:
    (pinned.folder / "go.mod").write_text("module m\n")
    with pytest.raises(LookupError, match=r"go\.mod does not require go\.etcd\.io/etcd/server/v3"):
        _ = pinned.version
