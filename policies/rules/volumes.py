"""A volume that one node, or one pod, can mount is asked for by no more than that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from policies.findings import Level, Rule, Scope, Violation
from policies.objects import Objects
from policies.pods import Pods
from policies.storage import Mount
from policies.values import UNKNOWN, at, each, mapping, scalar

_ONE_NODE: Final = "ReadWriteOnce"
_ONE_POD: Final = "ReadWriteOncePod"
_LASTING: Final = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Pod"})
_HOSTNAME: Final = "kubernetes.io/hostname"


def _narrow(objects: Objects) -> Iterator[tuple[str, list[Mount]]]:
    """Give the access mode and the mounts of each claim that no two nodes can mount at once."""
    for key, mounts in objects.storage.mounts.items():
        claim = objects.storage.claims.get(key)
        modes = at(claim.inputs, "spec", "accessModes") if claim else None
        if isinstance(modes, list) and modes and {str(mode) for mode in modes} <= {_ONE_NODE, _ONE_POD}:
            yield (_ONE_POD if _ONE_POD in modes else _ONE_NODE), mounts


def _replicas(objects: Objects, pods: Pods) -> tuple[int, int]:
    """Give the least and the most pods of a workload at a time, beside those of a roll-out."""
    resource = pods.resource
    if resource.kind in {"Pod", "Job", "CronJob", "DaemonSet"}:
        return 1, 1
    scaled = objects.storage.scaled.get((resource.namespace, resource.kind, resource.physical_name))
    count = scalar(resource.inputs, "spec", "replicas")
    return scaled or ((count, count) if isinstance(count, int) and not isinstance(count, bool) else (1, 1))


def _is_pinned(pods: Pods) -> bool:
    """Say whether all these pods come to one node."""
    spec = mapping(pods.template, "spec")
    near = mapping(spec, "affinity")
    required = "requiredDuringSchedulingIgnoredDuringExecution"
    terms = [term for _, term in each(near, "podAffinity", required)]
    by_node = str(at(near, "nodeAffinity", required))
    return bool(
        spec.get("nodeName")
        or _HOSTNAME in mapping(spec, "nodeSelector")
        or any(at(term, "topologyKey") in (_HOSTNAME, UNKNOWN) for term in terms)
        or "metadata.name" in by_node
        or _HOSTNAME in by_node
    )


def _judge_many(objects: Objects) -> Iterator[Violation]:
    for mode, mounts in _narrow(objects):
        for mount in _distinct(mounts):
            pods = mount.pods
            if _is_pinned(pods) and mode == _ONE_NODE:
                continue
            if pods.resource.kind == "DaemonSet":
                yield _violation(mount, mode, "on every node")
            elif (count := _replicas(objects, pods)[0]) > 1:
                yield _violation(mount, mode, f"from {count} replicas")
        others = _distinct(mount for mount in mounts if mount.pods.resource.kind in _LASTING)
        if mode == _ONE_POD and len(others) > 1:
            for mount in others:
                yield _violation(mount, mode, f"beside {_rest(mount, others)}")


def _distinct(mounts: Any) -> list[Mount]:  # noqa: ANN401
    return list({mount.pods.resource.identity: mount for mount in mounts}.values())


def _violation(mount: Mount, mode: str, how: str) -> Violation:
    which = "one node" if mode == _ONE_NODE else "one pod"
    message = f"mounts claim {mount.claim}, which is {mode} ({which} at a time), {how}"
    return Violation(mount.pods.resource, mount.path, message)


def _rest(mount: Mount, mounts: list[Mount]) -> str:
    titles = sorted(other.pods.resource.title for other in mounts if other is not mount)
    return titles[0] if len(titles) == 1 else f"{titles[0]} and {len(titles) - 1} more"


ONE_AT_A_TIME = Rule(
    code="FLT-STORAGE-011",
    name="claim-is-mounted-by-one",
    title="A claim for one node is mounted by one replica",
    why="The second replica lands on another node and hangs in ContainerCreating with a Multi-Attach error.",
    source="https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes",
    remediation="Give each replica a claim of its own (a StatefulSet's volumeClaimTemplates), or use ReadWriteMany.",
    scope=Scope.STACK,
    judge=_judge_many,
)


def _judge_rolling(objects: Objects) -> Iterator[Violation]:
    for mode, mounts in _narrow(objects):
        lasting = _distinct(mount for mount in mounts if mount.pods.resource.kind in _LASTING)
        for mount in lasting:
            least, most = _replicas(objects, mount.pods)
            if least > 1 or _is_pinned(mount.pods):
                continue
            if most > 1:
                yield _violation(mount, mode, f"and may be scaled to {most} replicas")
            elif least == 1 and _surges(mount.pods):
                yield _violation(mount, mode, "and starts its new pod before the old one has let go")
            elif mode == _ONE_NODE and len(lasting) > 1:
                yield _violation(mount, mode, f"beside {_rest(mount, lasting)}")


def _surges(pods: Pods) -> bool:
    """Say whether a roll-out has two pods at once: a Deployment's does, unless it recreates or has no surge."""
    strategy = at(pods.resource.inputs, "spec", "strategy")
    if pods.resource.kind != "Deployment" or strategy is UNKNOWN or at(strategy, "type") in ("Recreate", UNKNOWN):
        return False
    surge = at(strategy, "rollingUpdate", "maxSurge")
    return surge not in (0, "0", "0%", UNKNOWN)


ROLLS_ALONE = Rule(
    code="FLT-STORAGE-012",
    name="claim-survives-a-roll-out",
    title="A workload on a claim for one node lets go of it before it starts anew, and shares it with no other",
    why="The new pod waits for a volume that the old pod holds, and the old one waits for the new: the roll-out hangs.",
    source="https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy",
    remediation="Set strategy.type to Recreate (or use a StatefulSet), and give each workload a claim of its own.",
    scope=Scope.STACK,
    level=Level.ADVISORY,
    judge=_judge_rolling,
)

RULES = (ONE_AT_A_TIME, ROLLS_ALONE)
