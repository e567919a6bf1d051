"""What `flotilla check` says of manifests: the real command, on files as `flotilla render` writes them."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from manifests.render import KUBERNETES_FOLDER, render
from ops.cli import application
from tests.incidents.museum.manifests import Manifests

_FINDING = re.compile(r"^  (FLT-[A-Z]+-\d+) (?:\S+:\d+ )?(advice: )?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Judged:
    """The command's exit code and text."""

    code: int
    text: str

    @property
    def mandatory(self) -> list[str]:
        """The codes of the mandatory findings, each once."""
        return sorted({code for code, advice in _FINDING.findall(self.text) if not advice})

    @property
    def lines(self) -> str:
        """The lines that say what stops it: without advice and without notes."""
        kept, skipping = [], False
        for line in self.text.splitlines():
            skipping = "advice: " in line or line.startswith("note ") or (skipping and line.startswith("    fix: "))
            if not skipping:
                kept.append(line)
        return "\n".join(_without_empty(kept))


def check(manifests: Manifests, folder: Path) -> Judged:
    """Write manifests into ``folder`` and judge them there, so that findings name files by short paths."""
    render(manifests.components(), folder)
    with contextlib.chdir(folder):
        answer = CliRunner().invoke(application("check"), ["check", KUBERNETES_FOLDER])
    assert answer.exception is None or isinstance(answer.exception, SystemExit), answer.exception
    return Judged(answer.exit_code, answer.output)


def _without_empty(lines: list[str]) -> list[str]:
    """Leave out the heading of a resource of which nothing is left."""
    following = [*lines[1:], ""]
    return [
        line for line, after in zip(lines, following, strict=True)
        if line.startswith(" ") or after.startswith(" ") or line is lines[-1]
    ]  # fmt: skip
