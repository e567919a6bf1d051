"""The run as one HTML file that needs nothing else: pictures, style and all."""

from __future__ import annotations

import base64
import math
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from verify.report import story
from verify.report.order import is_consequence
from verify.report.story import ShopStory
from verify.results import Outcome, Picture, Run
from verify.score import GATES

_TEMPLATES = Path(__file__).parent / "templates"
_RADIUS = 52
"""Of the ring around the score, in the template's units."""
_WORDS = {Outcome.PASS: "pass", Outcome.FAIL: "fail", Outcome.UNKNOWN: "could not tell"}
_SIGNS = {Outcome.PASS: "✓", Outcome.FAIL: "✕", Outcome.UNKNOWN: "?"}
"""So that nobody needs to tell colours apart."""
_ADVICE = {Outcome.FAIL: "not to be released", Outcome.UNKNOWN: "not yet to be released"}
"""Whatever the score: a failed mandatory check stops a release, and could not tell is never a pass."""
_CLASSES = {Outcome.PASS: "ok", Outcome.FAIL: "bad", Outcome.UNKNOWN: "unk"}


def render(run: Run) -> str:
    """Give the whole page."""
    shops = story.shops(run)
    return (
        _environment()
        .get_template("report.html")
        .render(
            run=run,
            headline=headline(shops),
            shops=shops,
            longest=max((shop.seconds for shop in shops), default=0) or 1,
            parts=story.parts(run),
            failures=story.failures(run),
            untold=story.untold(run, elsewhere=False),
            elsewhere=story.untold(run, elsewhere=True),
            slowest=story.slowest(run),
            advice=_ADVICE.get(run.outcome, ""),
            gates=sorted(least for least, _ in GATES if least),
            ring=ring(run.score.points),
            Outcome=Outcome,
            style=Markup((_TEMPLATES / "report.css").read_text(encoding="utf-8")),  # noqa: S704  (our own file)
            script=Markup((_TEMPLATES / "report.js").read_text(encoding="utf-8")),  # noqa: S704  (our own file)
        )
    )


def headline(shops: tuple[ShopStory, ...]) -> str:
    """Give the run in one sentence: whether customers can buy."""
    tried = [shop for shop in shops if shop.steps]
    bought = [shop for shop in tried if shop.sells]
    if not tried:
        return "Nobody bought anything: the purchase was left out."
    if len(bought) == len(tried):
        return f"A browser bought from {'the shop' if len(tried) == 1 else f'all {len(tried)} shops'}."
    failed = [shop.name for shop in tried if story.worst(shop.steps) is Outcome.FAIL]
    if not failed:
        return f"Whether all can sell could not be told: {len(bought)} of {len(tried)} shops were bought from."
    names = ", ".join(failed[:3]) + (f" and {len(failed) - 3} more" if len(failed) > 3 else "")
    return f"A browser bought from {len(bought)} of {len(tried)} shops; not from {names}."


def level(points: float | None) -> str:
    """Give the class of a part's points, by the gates: deploy, not at once, stop."""
    if points is None:
        return ""
    return "ok" if points >= GATES[0][0] else "unk" if points >= GATES[2][0] else "bad"


def sentence(text: str) -> str:
    """Begin with a capital; whatever else is written in capitals stays."""
    return text[:1].upper() + text[1:]


def ring(points: int) -> str:
    """Give the ring's dashes: as much of its circumference as the score has points."""
    around = 2 * math.pi * _RADIUS
    return f"{around * points / 100:.1f} {around:.1f}"


def data_uri(picture: Picture) -> str:
    """Give a picture as an address that holds it."""
    return f"data:image/jpeg;base64,{base64.b64encode(picture.jpeg).decode()}"


def seconds(value: float) -> str:
    """Give a time as people say it."""
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.1f} s"


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,  # what a page says may be markup
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "uri": data_uri,
        "seconds": seconds,
        "level": level,
        "follows": is_consequence,
        "sentence": sentence,
        "word": _WORDS.__getitem__,
        "sign": _SIGNS.__getitem__,
        "kind": _CLASSES.__getitem__,
    }
    return made
