"""Claims of volumes, and the pods that mount them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from policies.pods import Pods
from policies.resources import Resource
from policies.values import Path, at, each, mapping, scalar

CORE: Final = frozenset({""})
CLAIM_KINDS: Final = {"PersistentVolumeClaim": CORE}
VOLUME_KINDS: Final = {"PersistentVolume": CORE}
CLASS_KINDS: Final = {"StorageClass": frozenset({"storage.k8s.io"})}
SCALER_KINDS: Final = {"HorizontalPodAutoscaler": frozenset({"autoscaling"})}
STATEFUL_SET_KINDS: Final = {"StatefulSet": frozenset({"apps"})}


@dataclass(frozen=True, slots=True)
class Mount:
    """A pod's volume that is a claim: who makes the pod, where it says so, and whether it only reads."""

    pods: Pods
    path: Path
    claim: str


def volumes(pods: Pods) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Give a pod's volumes, each with its path in the resource."""
    for path, volume in each(pods.template, "spec", "volumes"):
        yield (*pods.path, *path), volume


def claim_templates(resource: Resource) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Give the claims that a StatefulSet makes for each of its pods."""
    if resource.is_a(STATEFUL_SET_KINDS):
        yield from each(resource.inputs, "spec", "volumeClaimTemplates")


def holds_data(resource: Resource, pods: Pods | None) -> bool:
    """Say whether a StatefulSet keeps anything: it makes claims, or mounts one."""
    if at(resource.inputs, "spec", "volumeClaimTemplates"):
        return True
    return pods is not None and any(mapping(volume, "persistentVolumeClaim") for _, volume in volumes(pods))


class Storage:
    """Claims, volumes and classes by name, and the mounts of each claim."""

    def __init__(self, resources: Iterable[Resource], pods: Iterable[Pods]) -> None:
        self._resources = resources
        self._pods = pods

    @cached_property
    def claims(self) -> dict[tuple[Any, Any], Resource]:
        """The claims by namespace and name."""
        found = [resource for resource in self._resources if resource.is_a(CLAIM_KINDS)]
        return {(one.namespace, one.physical_name): one for one in found}

    @cached_property
    def persistent_volumes(self) -> dict[Any, Resource]:
        """The volumes by name."""
        return {one.physical_name: one for one in self._resources if one.is_a(VOLUME_KINDS)}

    @cached_property
    def classes(self) -> dict[Any, Resource]:
        """The storage classes by name."""
        return {one.physical_name: one for one in self._resources if one.is_a(CLASS_KINDS)}

    @cached_property
    def scaled(self) -> dict[tuple[Any, Any, Any], tuple[int, int]]:
        """The least and most replicas that an autoscaler gives a workload, by its namespace, kind and name."""
        found = {}
        for one in self._resources:
            if one.is_a(SCALER_KINDS):
                target = mapping(one.inputs, "spec", "scaleTargetRef")
                least, most = (_count(at(one.inputs, "spec", name)) for name in ("minReplicas", "maxReplicas"))
                found[one.namespace, scalar(target, "kind"), scalar(target, "name")] = least, max(least, most)
        return found

    @cached_property
    def mounts(self) -> dict[tuple[Any, str], list[Mount]]:
        """The mounts of each claim, by namespace and claim name."""
        index: dict[tuple[Any, str], list[Mount]] = defaultdict(list)
        for pods in self._pods:
            for path, volume in volumes(pods):
                claim = scalar(volume, "persistentVolumeClaim", "claimName")
                if isinstance(claim, str):
                    mount = Mount(pods, (*path, "persistentVolumeClaim", "claimName"), claim)
                    index[pods.resource.namespace, claim].append(mount)
        return index


def _count(value: Any) -> int:  # noqa: ANN401
    return value if isinstance(value, int) and not isinstance(value, bool) else 1
