"""What every stack of the repository renders to, for a reviewer to read.

After an intended change: ``FLOTILLA_GOLDEN=renew pytest tests/manifests/test_golden.py``, then read the diff.
"""

from __future__ import annotations

import difflib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fleet.load import load
from manifests.fleet import plan
from manifests.render import render

GOLDEN = Path(__file__).parent / "golden"
RENEW = "FLOTILLA_GOLDEN=renew pytest tests/manifests/test_golden.py"
_DIFF_LINES = 60


def contents(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()}


def difference(golden: dict[str, str], fresh: dict[str, str]) -> list[str]:
    lines: list[str] = []
    for name in sorted(golden.keys() | fresh.keys()):
        before, after = golden.get(name, ""), fresh.get(name, "")
        if before != after:
            pair = (before.splitlines(), after.splitlines())
            lines += difflib.unified_diff(*pair, f"golden/{name}", f"rendered/{name}", lineterm="", n=2)
    return lines


def test_every_stack_renders_to_its_golden_files(
    stack_name: str, stack_config: Callable[[str], dict[str, Any]], tmp_path: Path
) -> None:
    render(plan(load(stack_config(stack_name), stack=stack_name)), tmp_path)
    golden = GOLDEN / stack_name
    if os.environ.get("FLOTILLA_GOLDEN") == "renew":
        shutil.rmtree(golden, ignore_errors=True)
        shutil.copytree(tmp_path, golden)
    lines = difference(contents(golden), contents(tmp_path))
    shown = "\n".join(lines[:_DIFF_LINES])
    if lines:
        pytest.fail(f"{len(lines)} lines of difference; if they are meant: {RENEW}\n{shown}", pytrace=False)


def test_no_golden_folder_is_left_over() -> None:
    stacks = {path.name.split(".")[1] for path in Path(__file__).resolve().parents[2].glob("Pulumi.*.yaml")}
    assert {path.name for path in GOLDEN.iterdir()} == stacks


def test_a_difference_shows_the_line_that_changed() -> None:
    lines = difference({"a.yaml": "x: 1\ny: 2\n", "b.yaml": "z: 1\n"}, {"a.yaml": "x: 1\ny: 3\n", "b.yaml": "z: 1\n"})
    assert lines[:2] == ["--- golden/a.yaml", "+++ rendered/a.yaml"]
    assert {"-y: 2", "+y: 3"} < set(lines)
