"""Keys that stand in one mapping twice, which YAML forbids and most readers pass over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import yaml

from policies.values import Path


@dataclass(frozen=True, slots=True)
class Repeat:
    """A key that stands twice in one mapping: its path, its two lines, and whether the two values differ."""

    path: Path
    line: int
    again: int
    differs: bool

    def within(self, prefix: Path) -> Repeat | None:
        """Give it as seen from ``prefix``; None where it stands elsewhere."""
        if self.path[: len(prefix)] != prefix:
            return None
        return Repeat(self.path[len(prefix) :], self.line, self.again, self.differs)


def path_to(wanted: Any, node: Any) -> Path | None:  # noqa: ANN401
    """Give the path of a node in another one that holds it."""
    if node is wanted:
        return ()
    steps: Iterable[tuple[Any, Any]] = ()
    if isinstance(node, yaml.MappingNode):
        steps = ((key.value, value) for key, value in node.value)
    elif isinstance(node, yaml.SequenceNode):
        steps = enumerate(node.value)
    return next(((step, *rest) for step, value in steps if (rest := path_to(wanted, value)) is not None), None)
