"""What stands at Cloudflare, looked up by type, by name and by id."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

from policies import cloudflare
from policies.resources import Resource


class Account:
    """The Cloudflare resources of a stack, indexed once."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._by_type: dict[str, list[Resource]] = defaultdict(list)
        for resource in resources:
            if resource.type.startswith("cloudflare:"):
                self._by_type[cloudflare.type_of(resource)].append(resource)

    def of(self, *types: str) -> list[Resource]:
        """Give the resources of some types."""
        return [resource for one in types for resource in self._by_type.get(one, ())]

    def named(self, types: tuple[str, ...], name: str) -> list[Resource]:
        """Give the resources of some types under one name."""
        return [resource for one in types for resource in self._by_name.get((one, name), ())]

    def identified(self, token: str, identifier: str) -> list[Resource]:
        """Give the resources of a type under one id."""
        return self._by_id.get((token, identifier), [])

    @cached_property
    def workers(self) -> frozenset[str]:
        """The known names of all Workers."""
        return frozenset(name for one in self.of(*cloudflare.WORKERS) if isinstance(name := _name(one), str))

    @cached_property
    def _by_name(self) -> dict[tuple[str, str], list[Resource]]:
        index: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        for token in cloudflare.NAME_FIELDS:
            for resource in self.of(token):
                name = _name(resource)
                if isinstance(name, str):
                    index[token, name].append(resource)
        return index

    @cached_property
    def _by_id(self) -> dict[tuple[str, str], list[Resource]]:
        index: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        for token, resources in self._by_type.items():
            for resource in resources:
                identifier = cloudflare.identifier_of(resource)
                if identifier is not None:
                    index[token, identifier].append(resource)
        return index


def _name(resource: Resource) -> object:
    return cloudflare.name_of(resource)[1]
