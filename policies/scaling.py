"""How many pods a workload has: its replicas, and the autoscalers that move them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from policies.resources import Resource
from policies.values import UNKNOWN, Path, Unknown, at, scalar

HPA_KINDS: Final = {"HorizontalPodAutoscaler": frozenset({"autoscaling"})}
KEDA_KINDS: Final = {"ScaledObject": frozenset({"keda.sh"})}
VPA_KINDS: Final = {"VerticalPodAutoscaler": frozenset({"autoscaling.k8s.io"})}
AUTOSCALER_KINDS: Final = HPA_KINDS | KEDA_KINDS
SCALED_KINDS: Final = {
    "Deployment": frozenset({"apps", "extensions"}),
    "StatefulSet": frozenset({"apps"}),
    "ReplicaSet": frozenset({"apps", "extensions"}),
    "ReplicationController": frozenset({""}),
}
"""Kinds of the core API with a scale subresource."""
REPLICAS: Final[Path] = ("spec", "replicas")
_OWNERSHIP: Final = "scaledobject.keda.sh/transfer-hpa-ownership"

Count = int | Unknown | None
"""A number of pods: not known before the apply, or (None) not a number at all."""


@dataclass(frozen=True)
class Autoscaler:
    """An HPA or a ScaledObject of KEDA, which makes an HPA of its own."""

    resource: Resource

    @property
    def is_keda(self) -> bool:
        """Whether it is KEDA's, whose defaults differ."""
        return self.resource.is_a(KEDA_KINDS)

    @property
    def target_kind(self) -> Any:  # noqa: ANN401  (may be unknown)
        """The kind that it scales; KEDA takes a Deployment where none is named."""
        return scalar(self.resource.inputs, "spec", "scaleTargetRef", "kind") or (
            "Deployment" if self.is_keda else None
        )

    @property
    def target_name(self) -> Any:  # noqa: ANN401  (may be unknown)
        """The name of what it scales."""
        return scalar(self.resource.inputs, "spec", "scaleTargetRef", "name")

    @property
    def least_path(self) -> Path:
        """Where the lower bound stands."""
        return "spec", "minReplicaCount" if self.is_keda else "minReplicas"

    @property
    def most_path(self) -> Path:
        """Where the upper bound stands."""
        return "spec", "maxReplicaCount" if self.is_keda else "maxReplicas"

    @property
    def least(self) -> Count:
        """The lower bound, with its default: 1 for an HPA, 0 for KEDA."""
        return _count(at(self.resource.inputs, *self.least_path), 0 if self.is_keda else 1)

    @property
    def most(self) -> Count:
        """The upper bound; KEDA's default is 100, an HPA has none."""
        return _count(at(self.resource.inputs, *self.most_path), 100 if self.is_keda else None)

    @property
    def takes_over(self) -> bool:
        """Whether it is to take an existing HPA over instead of standing beside it."""
        return self.resource.annotations.get(_OWNERSHIP) == "true"


class Scaling:
    """All autoscalers by what they scale."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._resources = tuple(resources)

    @cached_property
    def autoscalers(self) -> tuple[Autoscaler, ...]:
        """Every autoscaler; an object that is written down twice counts once."""
        found = {one.identity: Autoscaler(one) for one in self._resources if one.is_a(AUTOSCALER_KINDS)}
        return tuple(found.values())

    @cached_property
    def workloads(self) -> dict[tuple[Any, Any, Any], Resource]:
        """What has replicas, by namespace, kind and name."""
        return {(one.namespace, one.kind, one.physical_name): one for one in self._resources if one.is_a(SCALED_KINDS)}

    @cached_property
    def by_target(self) -> dict[tuple[Any, Any, Any], list[Autoscaler]]:
        """The autoscalers by namespace, kind and name of what they scale."""
        index: dict[tuple[Any, Any, Any], list[Autoscaler]] = defaultdict(list)
        for one in self.autoscalers:
            if UNKNOWN not in (one.resource.namespace, one.target_kind, one.target_name):
                index[one.resource.namespace, one.target_kind, one.target_name].append(one)
        return index

    def of(self, workload: Resource) -> list[Autoscaler]:
        """Give the autoscalers of a workload."""
        return self.by_target.get((workload.namespace, workload.kind, workload.physical_name), [])

    def pairs(self) -> Iterator[tuple[Autoscaler, Resource]]:
        """Give each autoscaler whose workload is here, with it."""
        for key, found in self.by_target.items():
            if key in self.workloads:
                yield from ((one, self.workloads[key]) for one in found)

    def least(self, workload: Resource) -> Count:
        """Give the fewest pods that a workload has while nothing is wrong with it."""
        written = replicas(workload)
        bounds = [one.least for one in self.of(workload)]
        if written == 0 or not bounds:
            return written
        numbers = [bound for bound in bounds if isinstance(bound, int)]
        return min(numbers) if len(numbers) == len(bounds) else UNKNOWN


def replicas(workload: Resource) -> Count:
    """Give the replicas that a workload asks for; one where it does not say."""
    return _count(at(workload.inputs, *REPLICAS), 1)


def _count(value: Any, default: int | None) -> Count:  # noqa: ANN401
    if value is None:
        return default
    if isinstance(value, bool):
        return None
    return value if isinstance(value, int | Unknown) else None
