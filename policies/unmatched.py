"""Selectors that select no pod, how sure that is, and what the nearest pods have instead."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from policies.inventory import ANYWHERE, Inventory
from policies.labels import service_selects
from policies.names import is_misspelt
from policies.notes import Notes
from policies.presence import SYSTEM
from policies.references import PODS, place
from policies.resources import Resource
from policies.selection import Selection, Template, lasting
from policies.services import SERVICE_KINDS
from policies.values import UNKNOWN, at, mapping
from policies.world import World

NOT_JUDGED: Final = (
    "not judged whether their selectors select pods, because pods may be in the cluster beside the input "
    "(--world closed judges it)"
)
_SET_BY_ITSELF: Final = re.compile(
    r"role|active|leader|primary|master|standby|sealed|initialized|ready|state", re.IGNORECASE
)
"""Labels that clustered databases and vaults put on their own pods, as Longhorn does with labels of its own domain."""
BUDGET_KINDS: Final = {"PodDisruptionBudget": frozenset({"policy"})}
POLICY_KINDS: Final = {"NetworkPolicy": frozenset({"networking.k8s.io", "extensions"})}
_SELECTING: Final = (
    (SERVICE_KINDS, "spec", "selector"),
    (BUDGET_KINDS, "spec", "selector", "matchLabels"),
    (POLICY_KINDS, "spec", "podSelector", "matchLabels"),
)
_MOST: Final = 50


@dataclass(frozen=True, slots=True)
class Unmatched:
    """An object whose selector (``pairs``) selects no pods, and in words what the nearest pods have instead."""

    owner: Resource
    path: tuple[str, ...]
    pairs: dict[str, Any]
    instead: str

    @property
    def selector(self) -> str:
        """The selector as people write it."""
        return ",".join(f"{key}={value}" for key, value in self.pairs.items())


@dataclass(frozen=True, slots=True)
class _Neighbour:
    """How near pods come to a selector: pairs in common, and whether the rest is a slip or set by the pods."""

    alike: int
    text: str = ""
    slip: bool = False
    may_be_set: bool = False


class Selectors:
    """The selectors of Services, PodDisruptionBudgets and NetworkPolicies against all pods."""

    def __init__(self, selection: Selection, inventory: Inventory, world: World, notes: Notes) -> None:
        self._selection, self._inventory, self._world, self._notes = selection, inventory, world, notes
        self._dangling = [one for resource in inventory.resources if (one := self._counted(resource))]

    def unmatched(self) -> Iterator[Unmatched]:
        """Give every selector that selects no pods, where that is sure."""
        for one in self._dangling if self._world is not World.OPEN else ():
            yield from self._graded(one)

    def _counted(self, owner: Resource) -> Unmatched | None:
        """Look for pods; count the selector as one that resolves or dangles; give it if it dangles."""
        if owner.is_a(SERVICE_KINDS):
            path: tuple[str, ...] = ("spec", "selector")
            pairs = lasting(mapping(owner.inputs, *path))
            external = at(owner.inputs, "spec", "type") == "ExternalName"
            none = bool(pairs) and not external and not self._serves(place(owner), pairs)
        elif owner.is_a(BUDGET_KINDS) or owner.is_a(POLICY_KINDS):
            path = ("spec", "selector" if owner.is_a(BUDGET_KINDS) else "podSelector")
            selector = at(owner.inputs, *path)
            pairs = lasting(mapping(selector, "matchLabels"))
            lasts = len(pairs) == len(mapping(selector, "matchLabels"))
            none = isinstance(selector, dict) and bool(selector) and (lasts or bool(pairs))
            rest = {**selector, "matchLabels": pairs} if none else {}
            none = none and next(self._selection.selected(place(owner), rest), None) is None
        else:
            return None
        names = (place(owner), *sorted(map(str, pairs.items())))
        self._inventory.tally.count(self._inventory.units.of(owner), owner.kind, names, resolved=not none)
        return Unmatched(owner, path, pairs, "") if none else None

    def _serves(self, namespace: Any, pairs: dict[str, Any]) -> bool:  # noqa: ANN401
        return any(service_selects(pairs, one.labels) is not False for one in self._selection.among(namespace, pairs))

    def _graded(self, one: Unmatched) -> Iterator[Unmatched]:
        nearest = self._nearest(one)
        if self._world is World.CLOSED or self._is_certain(one.owner, nearest):
            yield Unmatched(one.owner, one.path, one.pairs, nearest.text)
        else:
            self._notes.add(NOT_JUDGED, one.owner.title)

    def _is_certain(self, owner: Resource, nearest: _Neighbour) -> bool:
        where, inventory = place(owner), self._inventory
        if where in (SYSTEM, UNKNOWN) or nearest.may_be_set:
            return False
        if nearest.slip:
            return True
        if inventory.is_brought(where) or inventory.is_operated(where):
            return False
        whole = inventory.units.whole(owner)
        near = whole if isinstance(where, str) else inventory.units.of(owner)[:2]
        return any(
            unit in whole and inventory.holds(unit, where, PODS) and inventory.tally.agrees(unit, owner.kind)
            for unit in near
        )

    def _nearest(self, one: Unmatched) -> _Neighbour:
        """Find the pods that come nearest among those of the same application."""
        units = set(self._inventory.units.whole(one.owner))
        found = list(self._strays(one))
        found += [
            self._compared(one.owner, template, one.pairs)
            for template in self._neighbours(place(one.owner), one.pairs)
            if units.intersection(self._inventory.units.of(template.resource))
        ]
        return max(found, key=lambda it: (it.slip, it.alike, it.text), default=_Neighbour(-1))

    def _compared(self, owner: Resource, template: Template, pairs: dict[str, Any]) -> _Neighbour:
        had = template.pairs
        wrong = [key for key, value in pairs.items() if had.get(key) != value]
        shown = ", ".join(f"{key}={had[key]}" if key in had else f"no {key}" for key in wrong)
        text = f"{template.resource.title} has {shown}" if shown and had else ""
        if len(wrong) != 1:
            return _Neighbour(len(pairs) - len(wrong), text)
        key, wanted = wrong[0], pairs[wrong[0]]
        misspelt = is_misspelt(str(wanted), str(had.get(key))) or any(
            value == wanted and is_misspelt(key, str(label)) for label, value in had.items()
        )
        own_key = key not in self._selection.labels and "/" in key and "kubernetes.io/" not in key
        may_be_set = not misspelt and key not in had and (own_key or self._is_role(key, pairs))
        free = len(pairs) > 1 and not self._is_taken(owner, template)
        return _Neighbour(len(pairs) - 1, text, misspelt or free, may_be_set)

    @staticmethod
    def _is_role(key: str, pairs: dict[str, Any]) -> bool:
        return len(pairs) > 1 and bool(_SET_BY_ITSELF.search(key))

    def _neighbours(self, namespace: Any, pairs: dict[str, Any]) -> list[Template]:  # noqa: ANN401
        among = self._selection.among
        shared = [one for label, value in pairs.items() for one in among(namespace, {label: value})[:_MOST]]
        return shared + among(namespace, {})[:_MOST]

    def _strays(self, one: Unmatched) -> Iterator[_Neighbour]:
        """Give the pods of another namespace that the selector would select, and that nothing there selects."""
        where, units = place(one.owner), set(self._inventory.units.whole(one.owner))
        for template in self._selection.among(ANYWHERE, one.pairs) if one.pairs and isinstance(where, str) else ():
            near = units.intersection(self._inventory.units.of(template.resource))
            if near and service_selects(one.pairs, template.labels) is True and not self._is_taken(one.owner, template):
                there = place(template.resource)
                yield _Neighbour(len(one.pairs), f"{template.resource.title} is in namespace {there}", slip=True)

    def _is_taken(self, owner: Resource, template: Template) -> bool:
        return id(template) in self._taken[owner.kind]

    @cached_property
    def _taken(self) -> dict[str, set[int]]:
        """The pods that some object of a kind selects."""
        taken: dict[str, set[int]] = defaultdict(set)
        for resource in self._inventory.resources:
            for kinds, *path in _SELECTING:
                pairs = lasting(mapping(resource.inputs, *path)) if resource.is_a(kinds) else {}
                for one in self._selection.among(place(resource), pairs) if pairs else ():
                    if service_selects(pairs, one.labels) is not False:
                        taken[resource.kind].add(id(one))
        return taken
