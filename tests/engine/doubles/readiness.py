"""When a Kubernetes object counts as ready: the awaiters of pulumi-kubernetes (``provider/pkg/await``).

Where versions of the provider differ, the stricter holds: a Service with a selector needs a ready endpoint.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tests.engine.doubles.apiserver import ApiError, ApiServer

Manifest = dict[str, Any]
POLL_SECONDS = 0.1
DEFAULT_SECONDS = 600.0


class FailedError(Exception):
    """The object will not become ready by waiting."""


def seconds(inputs: Manifest, asked: float) -> float:
    """Give how long to wait: the resource's custom timeout, its annotation, or ten minutes."""
    annotation = _annotations(inputs).get("pulumi.com/timeoutSeconds")
    return asked or (float(annotation) if annotation else DEFAULT_SECONDS)


def await_ready(api: ApiServer, inputs: Manifest, live: Manifest, *, limit: float) -> Manifest:
    """Wait until the object is ready and give it; raises FailedError with what is missing."""
    awaiter = AWAITERS.get((live["apiVersion"], live["kind"]))
    if awaiter is None or _annotations(inputs).get("pulumi.com/skipAwait") == "true":
        return live
    deadline = time.monotonic() + limit
    while missing := awaiter(api, live):
        if time.monotonic() > deadline:
            raise FailedError(f"{live['kind']} {live['metadata']['name']} timed out: {missing}")
        time.sleep(POLL_SECONDS)
        live = api.get(live)
    return live


def await_gone(api: ApiServer, live: Manifest, *, limit: float) -> None:
    """Wait until the object is deleted; raises FailedError."""
    deadline = time.monotonic() + limit
    while True:
        try:
            found = api.get(live)
        except ApiError as answer:
            if answer.status == 404:
                return
            raise
        if found["metadata"]["uid"] != live["metadata"].get("uid", found["metadata"]["uid"]):
            return
        if time.monotonic() > deadline:
            raise FailedError(f"{live['kind']} {live['metadata']['name']} was not deleted in time")
        time.sleep(POLL_SECONDS)


def _deployment(_: ApiServer, live: Manifest) -> str:
    status = live.get("status", {})
    if status.get("observedGeneration", 0) < live["metadata"]["generation"]:
        return "the controller has not seen this generation"
    reasons = {entry["type"]: entry for entry in status.get("conditions", [])}
    progressing = reasons.get("Progressing", {})
    if progressing.get("reason") == "ProgressDeadlineExceeded":
        raise FailedError(f"Deployment {live['metadata']['name']}: {progressing.get('message')}")
    if progressing.get("reason") != "NewReplicaSetAvailable":
        return "the new ReplicaSet is not available"
    return "" if reasons.get("Available", {}).get("status") == "True" else "minimum number of pods not live"


def _stateful_set(_: ApiServer, live: Manifest) -> str:
    status, wanted = live.get("status", {}), live["spec"].get("replicas", 1)
    if status.get("observedGeneration", 0) < live["metadata"]["generation"]:
        return "the controller has not seen this generation"
    counts = [status.get(key, 0) for key in ("replicas", "readyReplicas", "currentReplicas")]
    if any(count != wanted for count in counts):
        return f"{counts[1]} of {wanted} pods ready"
    return "" if status.get("currentRevision") == status.get("updateRevision") else "revision not rolled out"


def _job(_: ApiServer, live: Manifest) -> str:
    conditions = {entry["type"]: entry for entry in live.get("status", {}).get("conditions", [])}
    if conditions.get("Failed", {}).get("status") == "True":
        raise FailedError(f"[{conditions['Failed'].get('reason')}] {conditions['Failed'].get('message')}")
    return "" if conditions.get("Complete", {}).get("status") == "True" else "Job has not succeeded"


def _service(api: ApiServer, live: Manifest) -> str:
    spec = live["spec"]
    if spec.get("clusterIP") == "None" or spec.get("type") == "ExternalName" or not spec.get("selector"):
        return ""
    place = f"/apis/discovery.k8s.io/v1/namespaces/{live['metadata']['namespace']}/endpointslices"
    slices = api.lists(place, labelSelector=f"kubernetes.io/service-name={live['metadata']['name']}")
    ready = [end["conditions"].get("ready") for entry in slices for end in entry.get("endpoints") or []]
    return "" if ready and all(ready) else "Service does not target any ready Pods"


def _claim(api: ApiServer, live: Manifest) -> str:
    phase = live.get("status", {}).get("phase")
    name = live["spec"].get("storageClassName")
    if phase == "Pending" and name:
        try:
            storage = api.get({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": name}})
        except ApiError:
            storage = {}
        if storage.get("volumeBindingMode") == "WaitForFirstConsumer":
            return ""
    return "" if phase == "Bound" else "claim is not bound"


def _volume(_: ApiServer, live: Manifest) -> str:
    return "" if live.get("status", {}).get("phase") in {"Available", "Bound"} else "volume is not available"


def _pod(_: ApiServer, live: Manifest) -> str:
    conditions = {entry["type"]: entry["status"] for entry in live.get("status", {}).get("conditions", [])}
    return "" if conditions.get("Ready") == "True" else "pod is not ready"


def _annotations(manifest: Manifest) -> dict[str, str]:
    annotations: dict[str, str] = manifest.get("metadata", {}).get("annotations") or {}
    return annotations


AWAITERS: dict[tuple[str, str], Callable[[ApiServer, Manifest], str]] = {
    ("apps/v1", "Deployment"): _deployment,
    ("apps/v1", "StatefulSet"): _stateful_set,
    ("batch/v1", "Job"): _job,
    ("v1", "PersistentVolume"): _volume,
    ("v1", "PersistentVolumeClaim"): _claim,
    ("v1", "Pod"): _pod,
    ("v1", "Service"): _service,
}
