"""What containers ask for: requests and limits, with what the API server and a namespace's LimitRange fill in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from policies.pods import Container, Pods
from policies.resources import Resource
from policies.values import UNKNOWN, Path, at, each, mapping

RESOURCES: Final[Path] = ("resources",)
POD_RESOURCES: Final[Path] = ("spec", "resources")
LIMIT_RANGE_KINDS: Final = {"LimitRange": frozenset({""})}
QUOTA_KINDS: Final = {"ResourceQuota": frozenset({""})}


@dataclass(frozen=True, slots=True)
class Amount:
    """A request or limit: of what, how much as written, and where within the resource."""

    bound: str
    name: str
    value: Any
    path: Path


def amounts(holder: Any, path: Path) -> Iterator[Amount]:  # noqa: ANN401
    """Give the requests and limits that stand in a ``resources`` field at ``path``."""
    for bound in ("requests", "limits"):
        for name, value in mapping(holder, bound).items():
            yield Amount(bound, name, value, (*path, bound, name))


@dataclass(frozen=True)
class Defaults:
    """The LimitRanges of a namespace, for containers."""

    ranges: tuple[Resource, ...] = ()

    def limits(self) -> Iterator[tuple[Resource, dict[str, Any]]]:
        """Give each entry for containers, with the object that it stands in."""
        for one in self.ranges:
            for _, entry in each(one.inputs, "spec", "limits"):
                if entry.get("type") == "Container":
                    yield one, entry

    def value(self, bound: str, name: str) -> Any:  # noqa: ANN401  (a quantity, None or UNKNOWN)
        """Give what a container gets that asks for nothing.

        An absent default limit is the maximum; an absent default request is the default limit, else the minimum
        (pkg/apis/core/v1/defaults.go, SetDefaults_LimitRangeItem).
        """
        keys = ("default", "max") if bound == "limits" else ("defaultRequest", "default", "max", "min")
        for _, entry in self.limits():
            for key in keys:
                if (value := at(entry, key, name)) is not None:
                    return value
        return None


def defaults_by_namespace(resources: Iterable[Resource]) -> dict[Any, Defaults]:
    """Index LimitRanges by namespace."""
    found: dict[Any, list[Resource]] = defaultdict(list)
    for one in resources:
        if one.is_a(LIMIT_RANGE_KINDS):
            found[one.namespace].append(one)
    return {namespace: Defaults(tuple(ranges)) for namespace, ranges in found.items()}


def asked(pods: Pods, container: Container, bound: str, name: str, defaults: Defaults) -> Any:  # noqa: ANN401
    """Give what a container has of a resource: its own, its pod's, or the namespace's default; None for nothing.

    A request that is not written is the limit, where the container or the pod sets one.
    """
    places = [container.spec.get("resources"), at(pods.template, *POD_RESOURCES)]
    if UNKNOWN in (places[0], places[1]) or any(at(place, bound) is UNKNOWN for place in places):
        return UNKNOWN
    bounds = (bound,) if bound == "limits" else (bound, "limits")
    for place in places:
        for one in bounds:
            if (value := at(place, one, name)) is not None:
                return value
    return defaults.value(bound, name)
