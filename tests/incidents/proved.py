"""What `flotilla verify` says of the museum: the real command, on its stack file as an incident's release has it."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from ops import verify as command
from ops.cli import application
from tests.incidents.museum.incident import Config
from tests.incidents.plan import STACK, STACK_FILE
from verify.results import Run


@dataclass(frozen=True, slots=True)
class Proved:
    """The command as it was typed, its exit code and text, and the run behind them."""

    typed: str
    code: int
    text: str
    run: Run


def prove(config: Config, *, buy: bool, shops: Sequence[str] = ()) -> Proved:
    """Verify these shops, all without any, in the folder of the stack file."""
    chosen = [word for shop in shops for word in ("--shop", shop)]
    words = ["verify", STACK, "--config", STACK_FILE.name, *chosen, *([] if buy else ["--no-purchase"])]
    runs: list[Run] = []

    def keeping(*args: Any, **options: Any) -> Run:
        runs.append(original(*args, **options))
        return runs[-1]

    original = command.prove
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), pytest.MonkeyPatch.context() as patch:
        Path(STACK_FILE.name).write_text(yaml.safe_dump({"config": {"flotilla:fleet": config}}))
        patch.setattr(command, "prove", keeping)
        answer = CliRunner().invoke(application("verify"), words)
    assert runs, answer.output
    return Proved(f"flotilla {' '.join(words)}", answer.exit_code, answer.stdout, runs[0])
