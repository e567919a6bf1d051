"""Pods as this house runs them: non-root, read-only, no capabilities, no token, probed, and drained before they stop.

The security settings are the Pod Security Standards' profile "restricted" (kubernetes.io, Pod Security Standards)
with a read-only root file system on top.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fleet import naming
from fleet.images import Image
from fleet.model import Resources
from manifests.plan import Manifest

USER = 10001
"""The user of every pod whose image doesn't need another: above 10000, so that it is nobody on the node."""
CONFIG_PATH = "/etc/flotilla"
SECRETS_PATH = "/run/secrets/flotilla"
_TMP = {"name": "tmp", "mountPath": "/tmp"}  # noqa: S108  (inside the container)
_TMP_VOLUME = {"name": "tmp", "emptyDir": {"sizeLimit": "64Mi"}}
_CONTAINER_SECURITY = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
PRE_STOP_SECONDS = 5
"""Traefik reloads every 2 s: without a pause, a roll-out loses requests (field-guide/sandbox.md: 3 of 134, then 0)."""
GRACE_SECONDS = 30
# 30 x 2 s to start; then out of service after 3 x 5 s, restarted after 3 x 10 s.
_STARTUP = {"periodSeconds": 2, "failureThreshold": 30, "timeoutSeconds": 2}
_READINESS = {"periodSeconds": 5, "failureThreshold": 3, "timeoutSeconds": 2}
_LIVENESS = {"periodSeconds": 10, "failureThreshold": 3, "timeoutSeconds": 2}


def probes(ready: Manifest, live: Manifest) -> dict[str, Any]:
    """Give the three probes from two questions: may it serve, and is it alive."""
    return {
        "startupProbe": {**ready, **_STARTUP},
        "readinessProbe": {**ready, **_READINESS},
        "livenessProbe": {**live, **_LIVENESS},
    }


def http_probe(path: str) -> Manifest:
    """Ask the pod's one named port; the name can't disagree with the number."""
    return {"httpGet": {"path": path, "port": naming.HTTP_PORT}}


def resources(amounts: Resources) -> Manifest:
    """Write requests and limits."""
    return {
        "requests": {"cpu": amounts.cpu_request, "memory": amounts.memory_request},
        "limits": {"cpu": amounts.cpu_limit, "memory": amounts.memory_limit},
    }


def container(
    name: str, image: Image, amounts: Resources, *, mounts: Sequence[Manifest] = (), **rest: object
) -> dict[str, Any]:
    """Write a container; ``rest`` are further fields of the Kubernetes container, ``mounts`` come beside /tmp."""
    return {
        "name": name,
        "image": image.reference,
        "imagePullPolicy": image.pull_policy,
        **rest,
        "resources": resources(amounts),
        "securityContext": _CONTAINER_SECURITY,
        "volumeMounts": [_TMP, *mounts],
    }


def environment(variables: Mapping[str, str]) -> list[dict[str, Any]]:
    """Write plain variables, sorted, so that their order in a stack file changes nothing."""
    return [{"name": name, "value": variables[name]} for name in sorted(variables)]


def from_label(variable: str, label: str) -> Manifest:
    """Write a variable that a pod reads from its own label."""
    return {"name": variable, "valueFrom": {"fieldRef": {"fieldPath": f"metadata.labels['{label}']"}}}


def mount(volume: str, path: str, *, read_only: bool = True) -> Manifest:
    """Write where a volume appears in a container."""
    return {"name": volume, "mountPath": path, "readOnly": True} if read_only else {"name": volume, "mountPath": path}


def secret_volume(name: str) -> Manifest:
    """Write a volume that holds a Secret, readable by the pod's group alone."""
    return {"name": name, "secret": {"secretName": name, "defaultMode": 0o440}}


@dataclass(frozen=True, kw_only=True)
class Pod:
    """What differs between the pods of a fleet."""

    labels: Mapping[str, str]
    service_account: str
    containers: Sequence[Manifest]
    init_containers: Sequence[Manifest] = ()
    volumes: Sequence[Manifest] = ()
    annotations: Mapping[str, str] = field(default_factory=dict)
    pull_secrets: tuple[str, ...] = ()
    spread: Mapping[str, str] | None = None
    """The labels whose pods should lie on different nodes; None where there is only one."""
    user: int = USER
    restart_policy: str | None = None

    def template(self) -> dict[str, Any]:
        """Write the pod template."""
        meta: dict[str, Any] = {"labels": dict(self.labels)}
        if self.annotations:
            meta["annotations"] = dict(self.annotations)
        return {"metadata": meta, "spec": self._spec()}

    def _spec(self) -> dict[str, Any]:
        spec: dict[str, Any] = {
            "serviceAccountName": self.service_account,
            "automountServiceAccountToken": False,
            "terminationGracePeriodSeconds": GRACE_SECONDS,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": self.user,
                "runAsGroup": self.user,
                "fsGroup": self.user,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
        }
        if self.restart_policy:
            spec["restartPolicy"] = self.restart_policy
        if self.pull_secrets:
            spec["imagePullSecrets"] = [{"name": name} for name in self.pull_secrets]
        if self.spread:
            spec["topologySpreadConstraints"] = [
                _apart("kubernetes.io/hostname", self.spread),
                _apart("topology.kubernetes.io/zone", self.spread),
            ]
        if self.init_containers:
            spec["initContainers"] = list(self.init_containers)
        return {**spec, "containers": list(self.containers), "volumes": [_TMP_VOLUME, *self.volumes]}


def _apart(topology: str, labels: Mapping[str, str]) -> Manifest:
    # A soft constraint: a fleet on one node must still come up.
    return {
        "maxSkew": 1,
        "topologyKey": topology,
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": dict(labels)},
    }
