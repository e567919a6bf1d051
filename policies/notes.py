"""What was not judged, and why: an answer that leaves something out has to say so."""

from __future__ import annotations

from collections import defaultdict

_SHOWN = 3


class Notes:
    """Topics, each with the things it concerns, in an order that does not depend on the order of input."""

    def __init__(self) -> None:
        self._things: dict[str, set[str]] = defaultdict(set)

    def add(self, topic: str, thing: str) -> None:
        """Note that ``thing`` belongs to ``topic``, a sentence without its end, such as ``not judged: no purpose``."""
        self._things[topic].add(thing)

    def lines(self) -> list[str]:
        """Give a line a topic: the sentence, how many things, and the first of them by name."""
        return [self._line(topic, sorted(things)) for topic, things in sorted(self._things.items())]

    @staticmethod
    def _line(topic: str, things: list[str]) -> str:
        rest = f" and {len(things) - _SHOWN} more" if len(things) > _SHOWN else ""
        return f"{topic}: {', '.join(things[:_SHOWN])}{rest}"
