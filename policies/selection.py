"""Which pods a selector selects, whoever makes them: one index of pods by label."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from policies.inventory import ANYWHERE, Inventory
from policies.labels import Answer, selects
from policies.pods import POD_KINDS
from policies.references import place
from policies.resources import Resource
from policies.values import UNKNOWN, mapping

_SET_AT_RUN_TIME: Final = re.compile(
    r"statefulset\.kubernetes\.io/.*|apps\.kubernetes\.io/.*|batch\.kubernetes\.io/.*|job-name|controller-uid"
    r"|pod-template-(?:hash|generation)|controller-revision-hash|topology\.kubernetes\.io/.*"
)
"""Labels that controllers put on pods, which no template shows."""


@dataclass(frozen=True, slots=True)
class Template:
    """Labels that pods will carry, and the object that makes those pods."""

    resource: Resource
    labels: Any

    @property
    def pairs(self) -> dict[str, Any]:
        """The labels; none where they are unknown."""
        return self.labels if isinstance(self.labels, dict) else {}


class Selection:
    """An index of pods by label."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self.templates = tuple(self._templates())
        self._by_label: dict[tuple[Any, str, str], list[Template]] = defaultdict(list)
        self.labels: set[str] = set()
        self._by_place: dict[Any, list[Template]] = defaultdict(list)
        for template in self.templates:
            where = place(template.resource)
            for key in (where if isinstance(where, str) else None, ANYWHERE):
                self._by_place[key].append(template)
                for label, value in (template.pairs or {"": UNKNOWN}).items():
                    self._by_label[key, label, str(value)].append(template)
                    self.labels.add(label)

    def _templates(self) -> Iterator[Template]:
        for pods in self._inventory.pods:
            yield Template(pods.resource, pods.labels)
        for resource in self._inventory.resources:
            if resource.api[0] and not resource.is_a(POD_KINDS):
                yield from (Template(resource, labels) for labels in _nested(resource.inputs.get("spec"), 4))

    def among(self, namespace: Any, pairs: dict[str, Any]) -> list[Template]:  # noqa: ANN401
        """Give the pods that can carry all of ``pairs``: those of the rarest one, and all where there is no pair."""
        keys = [namespace, None] if isinstance(namespace, str) else [ANYWHERE]
        known = [(label, str(value)) for label, value in pairs.items() if value is not UNKNOWN]
        if not known:
            return [one for key in keys for one in self._by_place.get(key, ())]
        lists = (
            [self._by_label.get((key, label, said), ()) for key in keys for said in (value, str(UNKNOWN))]
            for label, value in known
        )
        rarest = min(lists, key=lambda parts: sum(map(len, parts)))
        unlabelled = [one for key in keys for one in self._by_label.get((key, "", str(UNKNOWN)), ())]
        return [*chain.from_iterable(rarest), *(one for one in unlabelled if one.labels is UNKNOWN)]

    def selected(self, namespace: Any, selector: Any) -> Iterator[tuple[Template, Answer]]:  # noqa: ANN401
        """Give the pods that a LabelSelector selects, or may select (then with UNKNOWN)."""
        for template in self.among(namespace, mapping(selector, "matchLabels")):
            answer = selects(selector, template.labels)
            if answer is not False:
                yield template, answer


def lasting(pairs: dict[str, Any]) -> dict[str, Any]:
    """Give the pairs of a selector that a template can carry: labels set at run time are left out."""
    return {key: value for key, value in pairs.items() if not _SET_AT_RUN_TIME.fullmatch(key)}


def _nested(value: Any, depth: int) -> Iterator[Any]:  # noqa: ANN401
    """Give the labels of pod templates in an object of a kind that is not known: any labels in it."""
    if isinstance(value, list):
        for item in value:
            yield from _nested(item, depth)
    elif isinstance(value, dict) and depth:
        if labels := mapping(value, "metadata", "labels"):
            yield labels
        for item in value.values():
            yield from _nested(item, depth - 1)
