"""Waits until what was applied really runs, and when it does not, says what is stuck and why."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fleet.errors import FlotillaError
from sandbox.kubectl import Kubectl, LiveObject, Manifest
from sandbox.progress import Stage

POLL_SECONDS = 0.5
LIMIT_SECONDS = 180.0
"""Of one wave: several times what a fleet takes on two cores, and short enough for a CI job to say why it failed."""


class RolloutError(FlotillaError):
    """Something applied did not become ready: it failed for good, or its time was up."""


def wait(
    kubectl: Kubectl, manifests: Sequence[Manifest], stage: Stage, *, limit_seconds: float = LIMIT_SECONDS
) -> None:
    """Wait until all of ``manifests`` that can be waited for are ready, showing how many are.

    Raises RolloutError naming what is stuck with its last condition and the last warning the cluster gave.
    """
    awaited = [manifest for manifest in manifests if manifest["kind"] in UNREADY]
    deadline = time.monotonic() + limit_seconds
    while awaited:
        found = {title(live): live for live in kubectl.live(awaited, managed_fields=False)}
        reasons = {title(each): unready(found.get(title(each))) for each in awaited}
        stuck = {name: reason for name, reason in reasons.items() if reason is not None}
        if not stuck:
            return
        stage.update(f"{len(reasons) - len(stuck)} of {len(reasons)} ready, waiting for {', '.join(sorted(stuck))}")
        for name in stuck:
            if (live := found.get(name)) is not None and (failed := failure(live)):
                raise RolloutError(f"{name}: failed: {failed}{warning(kubectl, live)}")
        if time.monotonic() > deadline:
            raise RolloutError(late(kubectl, stuck, found, limit_seconds))
        time.sleep(POLL_SECONDS)


def late(kubectl: Kubectl, stuck: Mapping[str, str], found: Mapping[str, LiveObject], limit_seconds: float) -> str:
    """Give a line for each object that was not ready in time."""
    return "\n".join(
        f"{name}: not ready after {limit_seconds:.0f} s: {reason}"
        + (warning(kubectl, found[name]) if name in found else "")
        for name, reason in sorted(stuck.items())
    )


def unready(live: LiveObject | None) -> str | None:
    """Give why an object is not ready, None when it is."""
    if live is None:
        return "it is not there"
    generation = live["metadata"].get("generation", 0)
    if live.get("status", {}).get("observedGeneration", generation) < generation:
        return "its controller has not seen the change"
    return UNREADY[live["kind"]](live["spec"], live.get("status", {}))


def deployment(spec: Mapping[str, Any], status: Mapping[str, Any]) -> str | None:
    """Ready when every replica is of the new template and available (as ``kubectl rollout status`` has it)."""
    wanted = spec.get("replicas", 1)
    updated, total, available = (status.get(name, 0) for name in ("updatedReplicas", "replicas", "availableReplicas"))
    if "observedGeneration" not in status:
        return "its controller has not seen it"
    if updated < wanted:
        return f"{updated} of {wanted} replicas updated"
    if total > updated:
        return f"{total - updated} old replicas still run"
    return f"{available} of {wanted} replicas available" if available < wanted else None


def stateful_set(spec: Mapping[str, Any], status: Mapping[str, Any]) -> str | None:
    """Ready when every replica is ready and of the current revision (as ``kubectl rollout status`` has it)."""
    wanted = spec.get("replicas", 1)
    ready, updated = status.get("readyReplicas", 0), status.get("updatedReplicas", 0)
    if "observedGeneration" not in status:
        return "its controller has not seen it"
    if ready < wanted or status.get("replicas", 0) > wanted:
        return f"{ready} of {wanted} replicas ready"
    return f"{updated} of {wanted} replicas updated" if updated < wanted else None


def daemon_set(spec: Mapping[str, Any], status: Mapping[str, Any]) -> str | None:  # noqa: ARG001
    """Ready when every node that should run a pod runs a current, available one."""
    wanted = status.get("desiredNumberScheduled", 0)
    if "observedGeneration" not in status:
        return "its controller has not seen it"
    done = min(status.get("updatedNumberScheduled", 0), status.get("numberAvailable", 0))
    return f"{done} of {wanted} pods available" if done < wanted else None


def job(spec: Mapping[str, Any], status: Mapping[str, Any]) -> str | None:
    """Ready when it is complete; one that is suspended is not waited for."""
    if spec.get("suspend") or condition(status, "Complete"):
        return None
    return f"{status.get('succeeded', 0)} of {spec.get('completions', 1)} completions, {status.get('active', 0)} active"


def claim(spec: Mapping[str, Any], status: Mapping[str, Any]) -> str | None:  # noqa: ARG001
    """Ready when it is bound to a volume."""
    return None if status.get("phase") == "Bound" else f"it is {status.get('phase', 'Pending')}, not Bound"


def autoscaler(spec: Mapping[str, Any], status: Mapping[str, Any]) -> str | None:
    """Ready when its workload has at least the minimum: the API server makes one of a count that nobody plans."""
    wanted, current = spec.get("minReplicas", 1), status.get("currentReplicas", 0)
    return f"{current} of at least {wanted} replicas" if current < wanted else None


UNREADY: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], str | None]] = {
    "Deployment": deployment,
    "StatefulSet": stateful_set,
    "DaemonSet": daemon_set,
    "Job": job,
    "PersistentVolumeClaim": claim,
    "HorizontalPodAutoscaler": autoscaler,
}
"""The kinds that take time, each with what says why one is not ready (from its spec and its status)."""


def condition(status: Mapping[str, Any], name: str, value: str = "True") -> Mapping[str, Any] | None:
    """Give the condition of that name if it has that value."""
    for each in status.get("conditions", ()):
        if each["type"] == name and each["status"] == value:
            return dict(each)
    return None


def failure(live: LiveObject) -> str | None:
    """Give why an object will never be ready: a Job that failed, a Deployment past its own deadline."""
    status = live.get("status", {})
    failed = condition(status, "Failed") if live["kind"] == "Job" else None
    if live["kind"] == "Deployment":
        stalled = condition(status, "Progressing", "False")
        failed = stalled if stalled and stalled.get("reason") == "ProgressDeadlineExceeded" else None
    return f"{failed.get('reason', '')}: {failed.get('message', '')}" if failed else None


def warning(kubectl: Kubectl, live: LiveObject) -> str:
    """Give the last warning about an object or what it owns, ready to follow a sentence; empty when there is none."""
    meta = live["metadata"]
    events = kubectl.items("get", "events", "-n", meta["namespace"], "--field-selector=type=Warning")
    owned = re.compile(re.escape(meta["name"]) + OWNED.get(live["kind"], ""))
    about = [each for each in events if owned.fullmatch(each["involvedObject"]["name"])]
    if not about:
        return ""
    last = max(about, key=seen_at)
    return f"; {last['involvedObject']['kind']} {last['involvedObject']['name']}: {last['reason']}: {last['message']}"


def seen_at(event: Mapping[str, Any]) -> str:
    """Give when an event was last seen, to be compared as text.

    Some say it to the second and some to the microsecond; of one second those come first that don't say more.
    """
    said: str = event.get("lastTimestamp") or event.get("eventTime") or ""
    return said.removesuffix("Z")


GENERATED = "[bcdfghjklmnpqrstvwxz2456789]"
"""Of what controllers make the ends of names (k8s.io/apimachinery, util/rand): checkout-canary is not checkout's."""
OWNED: Mapping[str, str] = {
    "Deployment": rf"(-{GENERATED}{{6,10}}(-{GENERATED}{{5}})?)?",
    "StatefulSet": r"(-[0-9]+)?",
    "DaemonSet": rf"(-{GENERATED}{{5}})?",
    "Job": rf"(-{GENERATED}{{5}})?",
}
"""How the names of the ReplicaSets and pods of each kind go on after its own."""


def title(live: Manifest) -> str:
    """Give how messages name an object."""
    meta = live["metadata"]
    return (
        f"{live['kind']} {meta['namespace']}/{meta['name']}"
        if "namespace" in meta
        else f"{live['kind']} {meta['name']}"
    )
