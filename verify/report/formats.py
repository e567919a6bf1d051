"""Which formats there are, what their files are called, and how a run is written in them."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from verify.report import json_, junit, text
from verify.results import Run


class Format(StrEnum):
    """How a report is written."""

    TEXT = "text"
    JSON = "json"
    JUNIT = "junit"
    HTML = "html"


FILES = {
    Format.TEXT: "report.txt",
    Format.JSON: "report.json",
    Format.JUNIT: "junit.xml",
    Format.HTML: "report.html",
}
"""What each is called in a folder."""


def render(run: Run, chosen: Format) -> str:
    """Give the run in a format."""
    if chosen is Format.HTML:
        # Only this one pays for templates.
        from verify.report import html  # noqa: PLC0415

        return html.render(run)
    return {Format.TEXT: text.render, Format.JSON: json_.render, Format.JUNIT: junit.render}[chosen](run)


def write(run: Run, chosen: Sequence[Format], out: Path) -> list[Path]:
    """Write the formats and give the files: into the folder ``out``, or one alone into the file of that name.

    ``out`` is a folder when it is one, or when there are several formats, or when its name has no suffix; it is made
    where it is missing. Raises OSError.
    """
    folder = out.is_dir() or len(chosen) > 1 or not out.suffix
    files = [out / FILES[one] for one in chosen] if folder else [out]
    files[0].parent.mkdir(parents=True, exist_ok=True)
    for one, file in zip(chosen, files, strict=True):
        file.write_text(render(run, one), encoding="utf-8")
    return files
