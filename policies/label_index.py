"""Things by the labels they carry, so that a LabelSelector looks at few of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Generic, TypeVar

from policies.labels import selects
from policies.values import at, mapping

T = TypeVar("T")
Entry = tuple[Any, Any, T]
"""A namespace, labels (they may be unknown) and the thing that carries them."""


class LabelIndex(Generic[T]):
    """An index over labelled things, by namespace and by each label."""

    def __init__(self, entries: Iterable[Entry[T]]) -> None:
        self._by_namespace: dict[Any, list[Entry[T]]] = defaultdict(list)
        self._by_label: dict[tuple[str, str], list[Entry[T]]] = defaultdict(list)
        self._all: list[Entry[T]] = []
        for entry in entries:
            self._all.append(entry)
            self._by_namespace[entry[0]].append(entry)
            for key, value in entry[1].items() if isinstance(entry[1], dict) else ():
                self._by_label[key, str(value)].append(entry)

    def selected(self, selector: Any, namespaces: frozenset[Any] | None) -> Iterator[T]:  # noqa: ANN401
        """Give what a selector surely selects in some namespaces, or in any; an empty selector selects everything."""
        for namespace, labels, thing in self._candidates(selector, namespaces):
            if (namespaces is None or namespace in namespaces) and selects(selector, labels) is True:
                yield thing

    def _candidates(self, selector: Any, namespaces: frozenset[Any] | None) -> list[Entry[T]]:  # noqa: ANN401
        """Narrow by the selector's rarest pair; without one, by namespace."""
        pairs = mapping(selector, "matchLabels").items()
        if pairs:
            return min((self._by_label.get((key, str(value)), []) for key, value in pairs), key=len)
        if namespaces is None:
            return self._all
        return [entry for namespace in namespaces for entry in self._by_namespace.get(namespace, [])]


def namespaces_of(selector: Any, own: Any) -> frozenset[Any] | None:  # noqa: ANN401  (a monitor's namespaceSelector)
    """Give the namespaces that a monitor looks at: those it lists, every one (None), or its own."""
    if at(selector, "any") is True:
        return None
    listed = at(selector, "matchNames")
    names = frozenset(name for name in listed if isinstance(name, str)) if isinstance(listed, list) else frozenset()
    return names or frozenset({own})
