"""What a killed ``up`` leaves behind, and how the next one heals it.

The engine notes a creation before it begins. When it is killed meanwhile, the object may exist while the state does not
know it, and the next creation fails with AlreadyExists. ``pulumi refresh --import-pending-creates`` is meant for this
but loses the resource (CLI 3.260: the operation turns to "importing", which no code completes), so the state is mended
here: objects that the cluster has, and that our provider made, are recorded and then read by a refresh.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from manifests.plan import KUBERNETES_TYPE
from ops.events import name_of
from ops.locks import LockedError
from ops.stack import Stack
from sandbox.kubectl import Kubectl

State = dict[str, Any]
CREATING = "creating"
MAKER = "pulumi-kubernetes"
"""The prefix of the provider's field managers, at creation and after (pulumi-kubernetes, ``await.go``)."""
STATE_ONLY = "random:"
"""Types of this package exist in the state alone: an interrupted creation left nothing anywhere."""

Say = Callable[[str], None]
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """A state without the interrupted creations that could be settled, and what became of each (URNs)."""

    state: State
    adopted: tuple[str, ...]
    dropped: tuple[str, ...]
    left: tuple[str, ...]


def repair(state: State, present: Iterable[Mapping[str, Any]]) -> Repair:
    """Settle the interrupted creations of ``state``; ``present`` are the objects the cluster has of them.

    An object made by Pulumi's provider is adopted; what is not there, or is somebody else's, is dropped, and its
    creation will be tried again. What is no Kubernetes object and not in the state alone is left for a person.
    """
    mended = copy.deepcopy(state)
    deployment = mended["deployment"]
    ours = {_key(manifest) for manifest in present if _made_by_us(manifest)}
    known = {resource["urn"] for resource in deployment.get("resources") or []}
    fates: dict[str, list[str]] = {"adopted": [], "dropped": [], "left": []}
    kept = []
    for operation in deployment.get("pending_operations") or []:
        resource = operation["resource"]
        fate = _fate(operation, ours, known)
        if fate == "left":
            kept.append(operation)
        if fate == "adopted":
            deployment["resources"].append({**resource, "id": _identity(resource["inputs"]), "outputs": {}})
        if operation["type"] == CREATING:
            fates[fate].append(resource["urn"])
    deployment["pending_operations"] = kept
    return Repair(state=mended, **{fate: tuple(urns) for fate, urns in fates.items()})


def heal(stack: Stack, kubectl: Kubectl, say: Say) -> None:
    """Bring a stack that an interrupted run left behind to where the next can go on, saying what is done.

    Raises LockedError when another run may still be there, FlotillaError when the state can't be mended.
    """
    for file in stack.mended:
        say(f"{file}: cut short by a run that was killed; removed, what it describes is whole")
    state = stack.state()
    interrupted = [operation["resource"] for operation in state["deployment"].get("pending_operations") or []]
    if not interrupted:
        return
    manifests = [found["inputs"] for found in interrupted if found["type"].startswith(KUBERNETES_TYPE)]
    settled = repair(state, kubectl.live(manifests))
    unlocked(stack, lambda: stack.replace_state(settled.state), say)
    for urn in settled.adopted:
        say(f"{name_of(urn)}: made by the interrupted run; taken into the state")
    for urn in settled.dropped:
        say(f"{name_of(urn)}: not made by the interrupted run; it will be made now")
    for urn in settled.left:
        say(f"{name_of(urn)}: the interrupted run was making it; if it exists, `pulumi import` it before you go on")
    if settled.adopted:
        stack.refresh(settled.adopted)


def unlocked(stack: Stack, action: Callable[[], Result], say: Say) -> Result:
    """Do what needs the stack's lock; a lock whose holder is gone is removed first, once."""
    try:
        return action()
    except LockedError as locked:
        if not locked.stale:
            raise
        say(f"{stack.name}: removing the lock of {'; '.join(map(str, locked.holders))}, which no longer runs")
        stack.unlock()
        return action()


def _fate(operation: Mapping[str, Any], ours: set[tuple[str, ...]], known: set[str]) -> str:
    resource = operation["resource"]
    if operation["type"] != CREATING or resource["type"].startswith(STATE_ONLY) or resource["urn"] in known:
        return "dropped"
    if not resource["type"].startswith(KUBERNETES_TYPE):
        return "left"
    return "adopted" if _key(resource["inputs"]) in ours else "dropped"


def _made_by_us(manifest: Mapping[str, Any]) -> bool:
    return any(entry["manager"].startswith(MAKER) for entry in manifest["metadata"].get("managedFields") or [])


def _key(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    metadata = manifest["metadata"]
    return manifest["apiVersion"], manifest["kind"], metadata.get("namespace", ""), metadata["name"]


def _identity(manifest: Mapping[str, Any]) -> str:
    """Give the id pulumi-kubernetes would have given: ``namespace/name``, or the name alone."""
    *_, namespace, name = _key(manifest)
    return f"{namespace}/{name}" if namespace not in {"", "default"} else name
