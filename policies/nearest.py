"""The name that was probably meant: the nearest by spelling, or the same name where it belongs."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any, Final

from policies.trees import Node
from policies.values import Path, dotted

_DEPTH: Final = 8
_SAME = re.compile(r"[-_\s]")


def nearest(written: str, names: Iterable[str]) -> str | None:
    """Give the name that ``written`` is probably a misspelling of; None when none is near enough."""
    plain = _plain(written)
    best: tuple[int, str] | None = None
    for name in sorted(names):
        own = _plain(name)
        if own == plain:
            return name
        allowed = min(2, max(len(own), len(plain)) // 4)
        if abs(len(own) - len(plain)) <= allowed:
            far = distance(plain, own, allowed)
            if far <= allowed and (best is None or far < best[0]):
                best = far, name
    return best[1] if best else None


def distance(left: str, right: str, limit: int) -> int:
    """Count the letters to insert, delete, replace or swap with a neighbour; ``limit`` + 1 stands for any more."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, letter in enumerate(left, start=1):
        previous, before, row = before, row, [i]
        for j, other in enumerate(right, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == right[j - 2] and left[i - 2] == other:
                cost = min(cost, previous[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return row[-1]


def home(root: Node, key: str, item: Any, path: Path) -> str | None:  # noqa: ANN401
    """Say where a field of that name stands in a tree, nearest to ``path`` where it was written; None: nowhere."""
    found = sorted(_homes(root, key, item), key=lambda one: (-_shared(one, path), len(one), one))
    return (dotted(found[0][:-1]) or "the top of the object") if found else None


def _homes(root: Node, key: str, item: Any) -> Iterator[Path]:  # noqa: ANN401
    """Give where a field of that name, which could hold that value, stands in a tree; ``[]`` is any entry of a list."""
    waiting: deque[tuple[Path, Node]] = deque([((), root)])
    seen: set[tuple[str, str]] = set()
    while waiting:
        path, node = waiting.popleft()
        for name, child in (node.fields or {}).items():
            here = (*path, name)
            if name == key and _could_hold(child, item):
                yield here
            inner = child
            while inner.items is not None:
                here, inner = (*here[:-1], f"{here[-1]}[]"), inner.items
            if inner.fields and len(here) < _DEPTH and (inner.name, name) not in seen:
                seen.add((inner.name, name))
                waiting.append((here, inner))


def _could_hold(node: Node, item: Any) -> bool:  # noqa: ANN401
    if isinstance(item, dict):
        return node.fields is not None or node.values is not None or dict in node.plain
    return (isinstance(item, list) and node.items is not None) or type(item) in node.plain | node.judged


def _shared(home: Path, path: Path) -> int:
    steps = [step for step in path if isinstance(step, str)]
    ways = [str(step).removesuffix("[]") for step in home]
    return next(
        (count for count, (a, b) in enumerate(zip(ways, steps, strict=False)) if a != b), min(len(ways), len(steps))
    )


def _plain(name: str) -> str:
    return _SAME.sub("", name.lower())
