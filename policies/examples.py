"""The bad and the good example of each rule: files, so that people can run them and tests do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).with_name("examples")
SUFFIXES: Final = (".yaml", ".json")
"""Kubernetes objects are written as YAML, Pulumi's resources as the JSON of ``resources.json``."""


@dataclass(frozen=True, slots=True)
class Example:
    """One example: its file, and what stands in it."""

    path: Path

    @property
    def text(self) -> str:
        """The file as it is written."""
        return self.path.read_text(encoding="utf-8")


def example(code: str, which: str) -> Example | None:
    """Give the ``bad`` or the ``good`` example of a rule; None where there is none."""
    paths = [FOLDER / code / f"{which}{suffix}" for suffix in SUFFIXES]
    return next((Example(path) for path in paths if path.exists()), None)
