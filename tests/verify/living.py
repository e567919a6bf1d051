"""A cluster in which the plan of stack dev lives, as kubectl would tell it: what tests break one thing at a time of."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

from fleet import naming
from fleet.model import FleetSpec
from manifests import fleet as planning
from ops import stackfile
from verify.cluster import Snapshot

Raw = dict[str, Any]
DIGEST = "sha256:" + "a" * 64
READ = datetime(2026, 11, 26, 7, 3, tzinfo=UTC)
"""When the cluster is read, unless a test says otherwise."""


def spec(stack: str = "dev") -> FleetSpec:
    return stackfile.read(stack).fleet()


class Living:
    """``objects`` may be changed; ``snapshot`` is what is seen then, at ``read``."""

    def __init__(self, fleet: FleetSpec) -> None:
        self.fleet = fleet
        resources = planning.resources(planning.plan(fleet))
        self.objects: list[Raw] = [copy.deepcopy(dict(each.inputs)) for each in resources if each.is_kubernetes]
        self.secrets: dict[str, str] = {}
        self.usage: dict[str, dict[str, str]] = {}
        self.silent: dict[str, str] = {}
        self.read = READ
        self.objects.append({"kind": "Node", "metadata": {"name": "one"}, "status": {"conditions": [
            {"type": "Ready", "status": "True"}, {"type": "DiskPressure", "status": "False"}]}})  # fmt: skip
        for owner in [*self.all("Deployment"), *self.all("StatefulSet")]:
            replicas = owner["spec"].get("replicas", 1)
            owner["status"] = {"readyReplicas": replicas}
            self.objects += [self._pod(owner, number) for number in range(replicas)]
        self.objects += [self._slice(service) for service in self.all("Service")]
        for claim in self.all("PersistentVolumeClaim"):
            claim["status"] = {"phase": "Bound"}
        for job in self.all("CronJob"):
            job["metadata"]["creationTimestamp"] = "2026-11-26T00:00:00Z"
            job["status"] = {"lastScheduleTime": "2026-11-26T07:00:00Z", "lastSuccessfulTime": "2026-11-26T07:00:09Z"}

    def all(self, kind: str) -> list[Raw]:
        return [one for one in self.objects if one["kind"] == kind]

    def find(self, kind: str, name: str) -> Raw:
        return next(one for one in self.all(kind) if one["metadata"]["name"] == name)

    def pods(self, instance: str) -> list[Raw]:
        label = "app.kubernetes.io/instance"
        return [pod for pod in self.all("Pod") if pod["metadata"]["labels"].get(label) == instance]

    def remove(self, kind: str, name: str) -> Raw:
        found = self.find(kind, name)
        self.objects.remove(found)
        return found

    @property
    def snapshot(self) -> Snapshot:
        kinds: dict[str, tuple[Raw, ...]] = {}
        for one in self.objects:
            kinds[one["kind"]] = (*kinds.get(one["kind"], ()), one)
        return Snapshot(
            namespace=self.fleet.namespace,
            read=self.read,
            objects=kinds,
            usage=self.usage,
            secrets=self.secrets,
            silent=self.silent,
        )

    def _pod(self, owner: Raw, number: int) -> Raw:
        template = copy.deepcopy(owner["spec"]["template"])
        name = f"{owner['metadata']['name']}-{number}"
        meta = {
            "name": name,
            "namespace": self.fleet.namespace,
            "labels": template["metadata"]["labels"],
            "creationTimestamp": "2026-11-26T06:00:00Z",
        }
        statuses = [
            {
                "name": container["name"],
                "ready": True,
                "restartCount": 0,
                "imageID": f"{container['image'].rpartition(':')[0]}@{DIGEST}",
                "state": {"running": {}},
            }
            for container in template["spec"]["containers"]
        ]
        status = {"phase": "Running", "containerStatuses": statuses}
        return {"kind": "Pod", "metadata": meta, "spec": template["spec"], "status": status}

    def _slice(self, service: Raw) -> Raw:
        name = service["metadata"]["name"]
        labels = {"kubernetes.io/service-name": name}
        return {
            "kind": "EndpointSlice",
            "metadata": {"name": f"{name}-x", "namespace": self.fleet.namespace, "labels": labels},
            "endpoints": [{"conditions": {"ready": True}}],
            "ports": [{"name": naming.HTTP_PORT, "port": 8080}],
        }
