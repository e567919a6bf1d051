"""What ``flotilla check`` shows to people: findings by resource in the order of the files, each with its fix."""

from __future__ import annotations

from itertools import groupby

from rich.console import Console
from rich.text import Text

from policies.findings import Level
from policies.reports import Located, Report

COLOURS = {Level.MANDATORY: "red", Level.ADVISORY: "yellow"}


def write(report: Report) -> None:
    """Write a report to standard output, and what could not be read to standard error."""
    out, err = Console(soft_wrap=True, highlight=False), Console(stderr=True, soft_wrap=True, highlight=False)
    for (_, title), group in groupby(report.located, key=lambda one: (one.file, one.finding.resource.title)):
        out.print(Text(_shown(title), "bold"))
        _write_group(out, list(group))
    for note in report.judgement.notes:
        out.print(Text.assemble(("note ", "cyan"), note))
    for finding, exemption in report.judgement.exempted:
        out.print(Text.assemble(("exempted ", "cyan"), f"{finding.rule.code} {finding.resource.title}: {exemption}"))
    for problem in report.problems:
        err.print(Text.assemble(("cannot be read ", "red"), str(problem)))
    out.print(summary(report))


def _write_group(out: Console, located: list[Located]) -> None:
    """Write one resource's findings; the fix stands once under those of one rule."""
    for position, one in enumerate(located):
        finding = one.finding
        place = f"{one.file}:{one.line} " if one.file else ""
        mark = "" if finding.level is Level.MANDATORY else "advice: "
        out.print(
            Text.assemble(
                "  ", (finding.rule.code, COLOURS[finding.level]), " ", (place, "dim"), mark, _shown(finding.message)
            )
        )
        if position + 1 == len(located) or located[position + 1].finding.rule is not finding.rule:
            out.print(Text.assemble("    ", ("fix: ", "green"), finding.remediation))


def summary(report: Report) -> str:
    """Say in one line how much was judged and what came of it."""
    advisory = len(report.located) - report.mandatory
    counts = [
        _count(report.judged, "resource judged", "resources judged"),
        _count(report.mandatory, "mandatory finding", "mandatory findings"),
    ]
    if advisory:
        counts.append(f"{advisory} advisory")
    if report.judgement.exempted:
        counts.append(f"{len(report.judgement.exempted)} exempted")
    if report.problems:
        counts.append(_count(len(report.problems), "input not read", "inputs not read"))
    return ", ".join(counts)


def _shown(text: str) -> str:
    """Replace what a terminal would obey rather than show: names in a file may hold any character."""
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
