"""``flotilla check``: the rules on any Kubernetes YAML, render, engine preview or state."""

from __future__ import annotations

import gc
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from policies.reports import Report
    from policies.settings import Settings

CLEAN = 0
MANDATORY_FINDINGS = 1
BAD_INPUT = 2


class Format(StrEnum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    JUNIT = "junit"


class Completeness(StrEnum):
    """How much of a cluster the input is (policies/world.py, which this verb alone loads)."""

    AUTO = "auto"
    OPEN = "open"
    CLOSED = "closed"


class For(StrEnum):
    """What the input is there for, where no Namespace says it (policies/purpose.py)."""

    PRODUCTION = "production"
    TEST = "test"
    DISPOSABLE = "disposable"


def check(
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Files or folders; - reads standard input.")],
    *,
    output: Annotated[Format, typer.Option("--format", help="How findings are written.")] = Format.TEXT,
    world: Annotated[
        Completeness | None,
        typer.Option(help="Is the input all there is (closed), a part (open), or whatever it evidently holds (auto)?"),
    ] = None,
    purpose: Annotated[
        For | None, typer.Option(help="What the input is for, where no Namespace carries flotilla.dev/purpose.")
    ] = None,
    settings: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Levels and exemptions; policies/settings.yaml where none is named."),
    ] = None,
) -> None:
    """Judge resources by the rules: Kubernetes YAML, resources.json, `pulumi preview --json`, `pulumi stack export`.

    `helm template . | flotilla check -` and `kustomize build . | flotilla check -` work as they are. What a finding
    means is told by `flotilla rules CODE`. Exit code 0: clean or advice only; 1: mandatory findings; 2: input or
    settings that cannot be read (the rest is judged all the same).
    """
    from policies.files import read_all  # noqa: PLC0415  (only this verb pays for YAML and the rules)
    from policies.judge import examine  # noqa: PLC0415
    from policies.reports import Report  # noqa: PLC0415

    # What is read and found lives to the end, as in __main__.py: the collector would walk all of it again and again.
    gc.set_threshold(100_000, 50, 100)
    chosen = _settings(settings, world, purpose)
    reading = read_all(paths, stdin=sys.stdin.buffer)
    _write(output, Report.of(examine(reading.resources, settings=chosen), reading))


def _settings(file: Path | None, world: Completeness | None, purpose: For | None) -> Settings:
    from fleet.errors import UsageError  # noqa: PLC0415
    from policies import settings  # noqa: PLC0415
    from policies.judge import NAMES  # noqa: PLC0415

    try:
        below = settings.load(file, known=NAMES) if file else settings.beside_the_pack(NAMES)
    except settings.SettingsError as error:
        raise UsageError(str(error)) from error
    options = {key: value.value for key, value in (("world", world), ("purpose", purpose)) if value}
    return settings.merged(below, settings.parse(options, where="options", known=NAMES))


def _write(output: Format, report: Report) -> None:
    if output is Format.TEXT:
        from ops.check_text import write  # noqa: PLC0415

        write(report)
    else:
        from policies import reports  # noqa: PLC0415

        machine = {Format.JSON: reports.as_json, Format.SARIF: reports.as_sarif, Format.JUNIT: reports.as_junit}
        sys.stdout.write(machine[output](report) + "\n")
        for problem in report.problems:
            sys.stderr.write(f"flotilla: {problem}\n")
    if report.problems:
        raise typer.Exit(BAD_INPUT)
    raise typer.Exit(MANDATORY_FINDINGS if report.mandatory else CLEAN)
