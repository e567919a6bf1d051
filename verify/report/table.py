"""The catalogue as a Markdown table: ``python -m verify.report.table`` renews the one in docs/verifying.md."""

from __future__ import annotations

import sys
from pathlib import Path

from verify.catalog import CHECKS, PARTS

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "verifying.md"
BEGIN, END = "<!-- checks: begin -->\n", "<!-- checks: end -->\n"


def table() -> str:
    """Give the table of all checks; a mandatory one is in bold."""
    rows = [
        f"| {f'**{one.id}**' if one.mandatory else one.id} | {one.part.value} | {one.weight} | {one.stands_for} |"
        f" {one.proves} | {one.causes} |"
        for one in CHECKS
    ]
    parts = ", ".join(f"{part.value} {weight}" for part, weight in PARTS.items())
    head = "| check | part | weight | systems | proves | usual causes |\n|---|---|---|---|---|---|"
    return f"Of the score's 100: {parts}.\n\n" + "\n".join([head, *rows]) + "\n"


def renewed(document: str) -> str:
    """Give the document with the table as it is now; raises ValueError where its marks are missing."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{DOCUMENT.name}: has no marks {BEGIN.strip()} and {END.strip()}; put them around the table")
    return f"{before}{BEGIN}{table()}{END}{after}"


if __name__ == "__main__":
    DOCUMENT.write_text(renewed(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"{DOCUMENT}\n")
