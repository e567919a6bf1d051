"""``flotilla check``: the rules on any Kubernetes YAML, render, engine preview or state."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from policies.files import Reading
    from policies.reports import Located

CLEAN = 0
MANDATORY_FINDINGS = 1
BAD_INPUT = 2


class Format(StrEnum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    JUNIT = "junit"


def check(
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Files or folders; - reads standard input.")],
    *,
    output: Annotated[Format, typer.Option("--format", help="How findings are written.")] = Format.TEXT,
) -> None:
    """Judge resources by the rules: Kubernetes YAML, resources.json, `pulumi preview --json`, `pulumi stack export`.

    Exit code 0: clean; 1: mandatory findings; 2: input that cannot be read (the rest is judged all the same).
    """
    from policies.files import read_all  # noqa: PLC0415  (only this verb pays for YAML and the rules)
    from policies.judge import judge  # noqa: PLC0415
    from policies.reports import Located  # noqa: PLC0415

    reading = read_all(paths, stdin=sys.stdin.buffer)
    located = [Located(finding, reading.line(finding)) for finding in judge(reading.resources)]
    located.sort(key=lambda one: (one.file or "", one.line or 0, one.finding.sort_key))
    _write(output, located, reading)
    raise typer.Exit(_exit_code(located, reading))


def _write(output: Format, located: list[Located], reading: Reading) -> None:
    if output is Format.TEXT:
        _write_text(located, reading)
        return
    from policies import reports  # noqa: PLC0415

    write = {Format.JSON: reports.as_json, Format.SARIF: reports.as_sarif, Format.JUNIT: reports.as_junit}[output]
    sys.stdout.write(write(located, reading.problems) + "\n")
    for problem in reading.problems:
        sys.stderr.write(f"flotilla: {problem}\n")


def _write_text(located: Sequence[Located], reading: Reading) -> None:
    """Group by resource, in the order of the files: what is wrong, where, and what to do."""
    from rich.console import Console  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    out, err = Console(soft_wrap=True, highlight=False), Console(stderr=True, soft_wrap=True, highlight=False)
    last = None
    for one in located:
        finding = one.finding
        if (one.file, finding.resource.title) != last:
            last = (one.file, finding.resource.title)
            out.print(Text.assemble((finding.resource.title, "bold"), (f"  {one.file}" if one.file else "", "dim")))
        colour = "red" if finding.level == "mandatory" else "yellow"
        place = f" line {one.line}" if one.line else ""
        out.print(Text.assemble("  ", (finding.rule.code, colour), (place, "dim"), f" {finding.message}"))
        out.print(Text.assemble("    ", ("fix: ", "green"), finding.remediation))
    for problem in reading.problems:
        err.print(Text.assemble(("cannot be read ", "red"), str(problem)))
    out.print(_summary(located, reading))


def _summary(located: Sequence[Located], reading: Reading) -> str:
    mandatory = sum(one.finding.level == "mandatory" for one in located)
    counts = [f"{len(reading.resources)} resources judged", f"{mandatory} mandatory findings"]
    if advisory := len(located) - mandatory:
        counts.append(f"{advisory} advisory")
    if reading.problems:
        counts.append(f"{len(reading.problems)} inputs not read")
    return ", ".join(counts)


def _exit_code(located: Sequence[Located], reading: Reading) -> int:
    if reading.problems:
        return BAD_INPUT
    return MANDATORY_FINDINGS if any(one.finding.level == "mandatory" for one in located) else CLEAN
