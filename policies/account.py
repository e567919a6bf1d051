"""What stands at Cloudflare, looked up by type and by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from policies import cloudflare
from policies.resources import Resource


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of all resources of some types: how many there are, their names and ids, and how many lack one."""

    count: int
    names: frozenset[str]
    identifiers: frozenset[str]
    unnamed: int
    unidentified: int


class Account:
    """The Cloudflare resources of a stack, indexed once; what it only reads is known to exist and judged by no rule."""

    def __init__(self, resources: Iterable[Resource], external: Iterable[Resource] = ()) -> None:
        self._known: dict[tuple[str, ...], Known] = {}
        self._by_type = _by_type(resources)
        self._external = _by_type(external)

    def of(self, *types: str) -> list[Resource]:
        """Give the resources of some types."""
        return [resource for one in types for resource in self._by_type.get(one, ())]

    def named(self, types: tuple[str, ...], name: str) -> list[Resource]:
        """Give the resources of some types under one name."""
        return [resource for one in types for resource in self._by_name.get((one, name), ())]

    def known(self, types: tuple[str, ...]) -> Known:
        """Give what is known of the resources of some types; worked out once for each such question."""
        if types not in self._known:
            read = [resource for one in types for resource in self._external.get(one, ())]
            self._known[types] = _known([*self.of(*types), *read])
        return self._known[types]

    @cached_property
    def _by_name(self) -> dict[tuple[str, str], list[Resource]]:
        index: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        for token in cloudflare.NAME_FIELDS:
            for resource in self.of(token):
                name = _name(resource)
                if isinstance(name, str):
                    index[token, name].append(resource)
        return index


def _by_type(resources: Iterable[Resource]) -> dict[str, list[Resource]]:
    index: dict[str, list[Resource]] = defaultdict(list)
    for resource in resources:
        if resource.type.startswith("cloudflare:"):
            index[cloudflare.type_of(resource)].append(resource)
    return index


def _known(resources: list[Resource]) -> Known:
    names = [name for one in resources if isinstance(name := _name(one), str)]
    identifiers = [found for one in resources if (found := cloudflare.identifier_of(one)) is not None]
    return Known(
        len(resources),
        frozenset(names),
        frozenset(identifiers),
        len(resources) - len(names),
        len(resources) - len(identifiers),
    )


def _name(resource: Resource) -> object:
    return cloudflare.name_of(resource)[1]
