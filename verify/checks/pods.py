"""What runs: the pods of each workload, as the cluster tells it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from verify.catalog import check
from verify.cluster import Object, Snapshot, moment
from verify.results import Result

CLUSTER = "cluster"
DATABASE = "database"
RESTARTS = 5
"""How often a container may have restarted since its pod was made; a crash loop comes to this within five minutes
(Kubernetes documentation, Pod Lifecycle: 10 s, doubling)."""
RECENT = timedelta(hours=1)
"""What ended longer ago is history: a pod keeps the count and its last end for as long as it lives."""


def pods(seen: Snapshot, subject: str, instance: str, makers: Mapping[str, str]) -> Result:
    """Tell whether every pod of a workload is ready and stays up, and whether there are as many as are wanted.

    ``instance`` is the label the pods have; ``makers`` has the kind of what makes them by its name.
    """
    found = [pod for pod in running(seen) if labels(pod).get(_INSTANCE) == instance]
    if not found:
        cause = "its Deployment is not there, or can't make pods (quota, Pod Security)"
        return check("pods").failed(subject, "no pod is there", cause=cause)
    for pod in found:
        if trouble := _trouble(pod, seen.read):
            (why, cause), name = trouble, pod["metadata"]["name"]
            remedy = f"kubectl -n {seen.namespace} describe pod {name}, and its log: logs {name} --previous"
            blame = {"cause": cause, "resource": seen.resource("Pod", name), "remedy": remedy}
            if (astray := probed_astray(pod)) is not None:
                blame = {"cause": astray, "resource": seen.resource(*maker(pod)), "remedy": ONE_NAME}
            return check("pods").failed(subject, f"{name}: {why}", **blame)
    if (short := next(_short(seen, makers), None)) is not None:
        line, cause, resource = short
        return check("pods").failed(subject, line, cause=cause, resource=resource)
    restarts = sum(one.get("restartCount", 0) for pod in found for one in pod["status"].get("containerStatuses", ()))
    return check("pods").passed(subject, f"{len(found)} ready, {restarts} restarts")


_INSTANCE = "app.kubernetes.io/instance"


def _short(seen: Snapshot, makers: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Give what has fewer ready replicas than it wants, the cause and the resource; every release wants one at least.

    A number that is left out is 1, and a count of none is left out (API reference, DeploymentSpec, DeploymentStatus).
    """
    for name, kind in makers.items():
        resource = seen.resource(kind, name)
        if (one := seen.find(kind, name)) is None:
            yield f"{kind} {name} is not there", "it was never applied, or was deleted", resource
            continue
        wanted, ready = max(1, one["spec"].get("replicas", 1)), one.get("status", {}).get("readyReplicas", 0)
        if ready < wanted:
            cause = "somebody scaled it to nothing" if one["spec"].get("replicas") == 0 else _CANT_MAKE
            yield f"{ready} of {wanted} replicas of {kind} {name} are ready", cause, resource


_CANT_MAKE = "it can't make the other pods (quota, Pod Security, no room), or they are still starting"


def labels(pod: Object) -> Mapping[str, str]:
    """Give a pod's labels; one that somebody made by hand may have none."""
    return pod["metadata"].get("labels") or {}


def running(seen: Snapshot) -> list[Object]:
    """Give the pods that are to serve: those of Jobs end, and those that end are none any more."""
    return [
        pod
        for pod in seen.here("Pod")
        if pod["status"].get("phase") not in ("Succeeded", "Failed")
        and "deletionTimestamp" not in pod["metadata"]
        and not any(owner["kind"] == "Job" for owner in pod["metadata"].get("ownerReferences", ()))
    ]


def _trouble(pod: Object, now: datetime) -> tuple[str, str] | None:
    """Give why a pod is not well and the likely cause; None for one that is."""
    for status in pod["status"].get("containerStatuses", ()):
        if trouble := _ended(status, now):
            return trouble
        if not status.get("ready"):
            return (
                f"{status['name']} is not ready",
                "its readiness probe fails: another port than the app's, or a neighbour",
            )
    if pod["status"].get("phase") == "Pending":
        line = next(
            (one.get("message", "") for one in pod["status"].get("conditions", ()) if one["status"] != "True"), ""
        )
        return f"is Pending: {line}", "no node has room for it, or a volume is missing"
    return None


def _ended(status: Object, now: datetime) -> tuple[str, str] | None:
    """Give why a container waits to be started, or how it ended of late."""
    waiting = status.get("state", {}).get("waiting", {})
    reason = waiting.get("reason", "")
    if reason in _WAITING:
        return f"{status['name']} is {reason}: {waiting.get('message', '')[:160]}", _WAITING[reason]
    last = status.get("lastState", {}).get("terminated", {})
    at = moment(last.get("finishedAt"))
    if at is not None and now - at > RECENT:
        return None
    if last.get("reason") == "OOMKilled":
        return f"{status['name']} was killed for its memory", "its memory limit is too low, or it leaks"
    if status.get("restartCount", 0) >= RESTARTS:
        return f"{status['name']} restarted {status['restartCount']} times", _WAITING["CrashLoopBackOff"]
    return None


ONE_NAME = "give the app's port one name, and let probes, Service and route say the name"


def probed_astray(pod: Object) -> str | None:
    """Give which probe asks another port than the app was told to listen on; None where all agree or none was told."""
    for container in pod["spec"]["containers"]:
        named = {port.get("name"): str(port["containerPort"]) for port in container.get("ports", ())}
        told = next((one.get("value") for one in container.get("env", ()) if one["name"] == "PORT"), None)
        for kind in ("livenessProbe", "startupProbe", "readinessProbe"):
            probe = container.get(kind, {})
            asked = str((probe.get("httpGet") or probe.get("tcpSocket") or {}).get("port", ""))
            asked = named.get(asked, asked)
            if told and asked and asked != told:
                return f"its {kind} asks port {asked}, and the app is told to listen on {told}"
    return None


def maker(pod: Object) -> tuple[str, str]:
    """Give what a pod was made by; of a ReplicaSet the Deployment, whose name stands before the template's hash."""
    owner = next(iter(pod["metadata"].get("ownerReferences", ())), {"kind": "Pod", "name": pod["metadata"]["name"]})
    if owner["kind"] == "ReplicaSet":
        return "Deployment", owner["name"].rpartition("-")[0]
    return owner["kind"], owner["name"]


_WAITING = {
    "CrashLoopBackOff": "the process ends, or its liveness probe asks another port than the app's",
    "ImagePullBackOff": "the image or its tag is not in the registry, or the pull secret is wrong",
    "ErrImagePull": "the image or its tag is not in the registry, or the pull secret is wrong",
    "ErrImageNeverPull": "the image is not on the node and may not be pulled",
    "InvalidImageName": "the image's reference is none",
    "CreateContainerConfigError": "a ConfigMap, Secret or key that the pod names is not there",
    "CreateContainerError": "the container can't be made: its command or a mount is wrong",
}
"""What the kubelet says of a container that does not start (kubernetes/pkg/kubelet/images and kuberuntime)."""


def unanswered(seen: Snapshot, ids: Iterable[str]) -> list[Result]:
    """Give the results of checks whose objects could not be listed."""
    line: Any = seen.silent["the fleet's objects"]
    remedy = "name a context that may read the namespace: --context, KUBECONFIG"
    return [check(one).untold(CLUSTER, f"the cluster does not tell: {line}", remedy=remedy) for one in ids]
