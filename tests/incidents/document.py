"""docs/incidents.md: written from what really happened, and held against what happens now."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2

from tests.incidents.judged import Judged
from tests.incidents.lasting import in_terminal, shortened
from tests.incidents.museum.incident import Incident
from tests.incidents.museum.rooms import INCIDENTS, ROOMS
from tests.incidents.proved import Proved
from tests.incidents.status import Status
from verify.results import Outcome, Picture

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "incidents.md"
PICTURES = DOCUMENT.with_suffix("")
TEMPLATE = Path(__file__).parent / "incidents.md.j2"
RENEW = "FLOTILLA_INCIDENTS=renew pytest tests/incidents"
WIDTH = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What verify said: the command, its text and its exit code, and a picture of what its browser showed."""

    typed: str
    verify: str
    code: int
    picture: Picture | None
    name: str

    @classmethod
    def of(cls, proved: Proved, name: str, *, check: str) -> Told:
        """Keep of a run what the document shows; the picture is that of a check, the last where it made several."""
        run = proved.run
        shown = [picture for one in run.results if one.check == check for picture in one.pictures]
        said = proved.text if run.outcome is Outcome.PASS else shortened(proved.text)
        return cls(typed=proved.typed, verify=said, code=proved.code, picture=shown[-1] if shown else None, name=name)

    @property
    def shown(self) -> str:
        """The command, what it said, and its exit code, as a terminal shows them."""
        return in_terminal(self.typed, self.verify, self.code)

    @property
    def file(self) -> str:
        """The picture's file, empty where there is none."""
        return f"{self.name}.jpg" if self.picture else ""

    @property
    def caption(self) -> str:
        """What the picture shows, empty where there is none."""
        return self.picture.title if self.picture else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """One incident as it happened."""

    incident: Incident
    heard: str
    status: Status
    told: Told
    judged: Judged


def is_renewed() -> bool:
    """Say whether this run writes the document instead of comparing it."""
    return os.environ.get("FLOTILLA_INCIDENTS") == "renew"


def write(healthy: Told, exhibits: Sequence[Exhibit]) -> None:
    """Write the document and its pictures; every incident must have happened."""
    assert [one.incident for one in exhibits] == list(INCIDENTS), "only a run of the whole museum can be written down"
    environment = jinja2.Environment(autoescape=False, undefined=jinja2.StrictUndefined)
    environment.filters |= {"indented": indented, "filled": filled}
    rooms = [
        (number, {"name": name, "exhibits": [_values(one) for one in exhibits if one.incident.room == number]})
        for number, name in ROOMS.items()
    ]
    rendered = environment.from_string(TEMPLATE.read_text()).render(healthy=_told(healthy), rooms=rooms)
    DOCUMENT.write_text(rendered.rstrip() + "\n")
    PICTURES.mkdir(exist_ok=True)
    for old in PICTURES.glob("*.jpg"):
        old.unlink()
    for told in (healthy, *(one.told for one in exhibits)):
        if told.picture is not None:
            (PICTURES / told.file).write_bytes(told.picture.jpeg)


def section(incident: Incident) -> str:
    """Give what the document says of an incident; raises AssertionError where it says nothing."""
    return _below(f"### {incident.title}\n")


def beginning() -> str:
    """Give what the document says of the fleet before anything happens to it."""
    return _below("## Before anything happens\n")


def _below(heading: str) -> str:
    _, found, rest = DOCUMENT.read_text().partition(heading)
    assert found, f"docs/incidents.md has no {heading.strip()!r}: {RENEW}"
    return rest.split("\n## ")[0].split("\n### ")[0]


def filled(prose: str) -> str:
    """Break prose into lines as long as those of other documents; code is kept whole."""
    return textwrap.fill(prose, WIDTH, break_long_words=False, break_on_hyphens=False)


def indented(output: str) -> str:
    """Indent output, as Markdown has code."""
    return textwrap.indent(output.rstrip("\n"), "    ")


def _values(exhibit: Exhibit) -> dict[str, object]:
    own = {"incident": exhibit.incident, "heard": exhibit.heard, "status": str(exhibit.status)}
    judged = {"check": exhibit.judged.lines, "check_code": exhibit.judged.code}
    return own | judged | _told(exhibit.told)


def _told(told: Told) -> dict[str, object]:
    return {"verify": told.shown, "picture": told.file, "caption": told.caption}
