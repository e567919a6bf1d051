"""Which resources belong to one application: those of a file, of its folder, of the folders above."""

from __future__ import annotations

import os.path
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from typing import Any, Final

from policies.references import place
from policies.resources import Resource

STACK: Final = ""
"""The unit of resources that come from no file: a stack's."""
_REPEATED: Final = frozenset({"Namespace"})


class Units:
    """The units that each resource is part of, smallest first: its file, the file's folder and the folders above.

    A folder in which two files define the same object holds alternatives (examples, a base and its overlays), not one
    application; it is a ``heap``, and nothing can be missing from it.
    """

    def __init__(self, resources: Iterable[Resource]) -> None:
        known = list(resources)
        folders = {os.path.dirname(one.file) for one in known if one.file}  # noqa: PTH120  (text, never a file)
        self._root = _shared(folders)
        self._chains: dict[str, tuple[str, ...]] = {}
        self.heaps = self._heaps(known)

    def of(self, resource: Resource) -> tuple[str, ...]:
        """Give the units of a resource, the smallest first."""
        file = resource.file
        if not file:
            return (STACK,)
        if file not in self._chains:  # a thousand objects of one file share its chain
            self._chains[file] = (file, *self._folders(file))
        return self._chains[file]

    def whole(self, resource: Resource) -> tuple[str, ...]:
        """Give the units of a resource that are no heaps."""
        return tuple(unit for unit in self.of(resource) if unit not in self.heaps)

    def _folders(self, file: str) -> Iterator[str]:
        folder = os.path.dirname(file)  # noqa: PTH120
        while True:
            yield folder + "/"
            above = os.path.dirname(folder)  # noqa: PTH120
            if folder in (self._root, above):
                return
            folder = above

    def _heaps(self, resources: list[Resource]) -> frozenset[str]:
        """Find folders with an object in two files: by the objects' kind, namespace and name."""
        files: dict[Hashable, set[str]] = defaultdict(set)
        for one in resources:
            if one.kind and one.file and isinstance(one.physical_name, str) and one.kind not in _REPEATED:
                files[one.kind, place(one), one.physical_name].add(one.file)
        return frozenset(unit for found in files.values() if len(found) > 1 for unit in self._twice(found))

    def _twice(self, files: set[str]) -> Iterator[str]:
        seen: set[str] = set()
        for file in files:
            folders = set(self._folders(file))
            yield from folders & seen
            seen |= folders


class Tally:
    """How many names resolve, and how many dangle, in each unit: more that dangle tell a part of something larger."""

    def __init__(self) -> None:
        self._names: dict[Hashable, tuple[set[Hashable], set[Hashable]]] = defaultdict(lambda: (set(), set()))

    def count(self, units: Iterable[str], topic: Hashable, name: Hashable, *, resolved: bool) -> None:
        """Count a name in every unit of the object that uses it, by its topic and among all."""
        for unit in units:
            self._names[unit, topic][not resolved].add(name)
            self._names[unit, None][not resolved].add((topic, name))

    def agrees(self, unit: str, topic: Hashable) -> bool:
        """Say whether a unit is complete but for a slip: as many names resolve as dangle, or a single one dangles.

        A file is asked about the topic alone; a folder must be complete in everything else too.
        """
        topics = (topic, None) if unit.endswith("/") else (topic,)
        return all(len(dangling) <= max(1, len(resolved)) for resolved, dangling in map(self._of, topics, (unit,) * 2))

    def is_habit(self, unit: str, topic: Hashable) -> bool:
        """Say whether a unit brings such targets itself as a rule: two or more resolve, and a single one dangles."""
        resolved, dangling = self._of(topic, unit)
        return len(resolved) > 1 and len(dangling) == 1

    def _of(self, topic: Hashable, unit: str) -> tuple[set[Hashable], set[Hashable]]:
        return self._names[unit, topic]


def _shared(folders: set[str]) -> str:
    try:
        return os.path.commonpath(folders) if folders else ""
    except ValueError:
        return ""


def meets(one: Any, other: Any) -> bool:  # noqa: ANN401  (places: text, None or unknown)
    """Say whether two objects can be in one namespace: one that names none goes wherever the other is."""
    return one == other or not isinstance(one, str) or not isinstance(other, str)
