"""Points, ticks and words on a round dial: the geometry that every drawing of a watch shares."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Iterator

CENTRE = (120.0, 180.0)


def point(angle: float, radius: float, around: tuple[float, float] = CENTRE) -> tuple[float, float]:
    """Give the point ``radius`` away, ``angle`` degrees clockwise from twelve o'clock."""
    turn = math.radians(angle)
    return around[0] + radius * math.sin(turn), around[1] - radius * math.cos(turn)


def ticks(
    count: int,
    inner: float,
    outer: float,
    css: str,
    *,
    around: tuple[float, float] = CENTRE,
    keep: Callable[[int], bool] = lambda _: True,
) -> Iterator[str]:
    """Give the marks of a scale as one path: from ``inner`` to ``outer``, ``count`` to the circle, those to keep."""
    lines = []
    for one in filter(keep, range(count)):
        (x1, y1), (x2, y2) = (point(one * 360 / count, radius, around) for radius in (inner, outer))
        lines.append(f"M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}")
    yield f'<path class="{css}" d="{"".join(lines)}"/>'


def numerals(words: list[str], radius: float, css: str, *, first: int) -> Iterator[str]:
    """Give words at equal distances on a circle, the first at ``first`` degrees; an empty word leaves a gap."""
    step = 360 / len(words)
    for index, word in enumerate(words):
        x, y = point(first + index * step, radius)
        if word:
            yield text(x, y, word, css, middle=True)


def text(x: float, y: float, word: str, css: str, *, middle: bool = False) -> str:
    """Give a word centred on a point: its baseline there, or its middle."""
    baseline = ' dominant-baseline="central"' if middle else ""
    return f'<text class="{css}" x="{x:.1f}" y="{y:.1f}" text-anchor="middle"{baseline}>{html.escape(word)}</text>'


def turned(angle: float, x: float, y: float) -> str:
    """Give the attribute that turns a shape about a point."""
    return f'transform="rotate({angle} {x:.1f} {y:.1f})"'
