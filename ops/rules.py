"""``flotilla rules``: what is judged, and why; one rule with a bad and a good example."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from policies.findings import Rule


class Format(StrEnum):
    """How rules are written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


def rules(
    code: Annotated[str | None, typer.Argument(metavar="[CODE]", help="A rule's code or name; all without it.")] = None,
    *,
    output: Annotated[Format, typer.Option("--format", help="How rules are written.")] = Format.TEXT,
) -> None:
    """List the rules, or explain one: why it is there, what to do, a bad and a good example.

    Exit code 0: shown; 2: there is no such rule.
    """
    from policies import catalogue  # noqa: PLC0415  (only this verb pays for the rules)

    chosen = [rule for _, family in catalogue.listed() for rule in family]
    if code is not None:
        chosen = [_found(code)]
    if output is Format.JSON:
        sys.stdout.write(json.dumps({"rules": [_entry(rule) for rule in chosen]}, indent=2, ensure_ascii=False) + "\n")
    elif output is Format.MARKDOWN:
        sys.stdout.write(catalogue.as_markdown())
    elif code is None:
        _list()
    else:
        _explain(chosen[0])


def _found(code: str) -> Rule:
    from difflib import get_close_matches  # noqa: PLC0415

    from fleet.errors import UsageError  # noqa: PLC0415
    from policies import catalogue  # noqa: PLC0415
    from policies.judge import NAMES  # noqa: PLC0415

    rule = catalogue.find(code)
    if rule is None:
        close = get_close_matches(code.upper(), NAMES, 1) or get_close_matches(code.lower(), NAMES, 1)
        meant = f"did you mean {close[0]}? " if close else ""
        raise UsageError(f"rules: {code!r}: no rule has that code or name; {meant}`flotilla rules` lists them")
    return rule


def _entry(rule: Rule) -> dict[str, object]:
    from policies.examples import example  # noqa: PLC0415

    keys = ("code", "name", "title", "why", "source", "remediation")
    examples = {which: found.text for which in ("bad", "good") if (found := example(rule.code, which))}
    record = {key: getattr(rule, key) for key in keys}
    return {**record, "level": rule.level.value, "scope": rule.scope.value, "examples": examples}


def _console() -> Console:
    from rich.console import Console  # noqa: PLC0415

    return Console(highlight=False)


def _list() -> None:
    from rich.table import Table  # noqa: PLC0415

    from ops.check_text import COLOURS  # noqa: PLC0415
    from policies import catalogue  # noqa: PLC0415

    out = _console()
    for title, family in catalogue.listed():
        table = Table(
            title=title, title_justify="left", title_style="bold", box=None, show_header=False, pad_edge=False
        )
        table.add_column(no_wrap=True, min_width=17)
        table.add_column(no_wrap=True, min_width=9)
        table.add_column()
        for rule in family:
            table.add_row(rule.code, f"[{COLOURS.get(rule.level, 'dim')}]{rule.level}[/]", rule.title)
        out.print(table, "")
    out.print("`flotilla rules CODE` explains one; docs/rules.md has them all on one page.", soft_wrap=True)


def _explain(rule: Rule) -> None:
    from rich.syntax import Syntax  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    from policies import catalogue  # noqa: PLC0415
    from policies.examples import example  # noqa: PLC0415

    out = _console()
    out.print(Text.assemble((rule.code, "bold"), f" {rule.title}"))
    rows = [
        ("name", rule.name),
        ("level", f"{rule.level}; looks at {catalogue.subject(rule)}"),
        ("why", rule.why),
        ("fix", rule.remediation),
        ("source", rule.source),
    ]
    facts = Table.grid(padding=(0, 1))
    for label, text in rows:
        facts.add_row(Text(f"  {label}", "dim"), Text(text, overflow="fold"))
    out.print(facts)
    for which, colour in (("bad", "red"), ("good", "green")):
        if found := example(rule.code, which):
            out.print(Text.assemble("\n  ", (which, f"bold {colour}")))
            language = found.path.suffix.removeprefix(".")
            out.print(Syntax(found.text.rstrip("\n"), language, theme="ansi_dark", background_color="default"))
