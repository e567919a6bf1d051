"""What render writes, given to check as a whole folder, has no finding: everything stands in it twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops.cli import application
from tests.conftest import ROOT

STACKS = sorted(path.name.split(".")[1] for path in ROOT.glob("Pulumi.*.yaml"))


@pytest.mark.parametrize("stack", STACKS)
def test_the_whole_folder_of_a_stack_has_no_finding(stack: str, tmp_path: Path) -> None:
    runner = CliRunner()
    assert runner.invoke(application("render"), ["render", stack, "--out", str(tmp_path)]).exit_code == 0
    answer = runner.invoke(application("check"), ["check", str(tmp_path)])
    assert answer.exit_code == 0, answer.output
    assert "0 mandatory findings" in answer.output
