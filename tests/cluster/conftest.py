"""A private control plane for tests that need a real API server: its own name, ports and folder, gone at the end."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from rich.console import Console

from fleet import naming
from manifests.plan import Planned
from sandbox import builder
from sandbox.apply import Application, Outcome
from sandbox.cluster import Cluster
from sandbox.kubectl import Kubectl, LiveObject
from sandbox.progress import Progress
from tests.abandoned import own_cluster
from tests.promised import skipping
from tests.waiting import LIMIT_SECONDS

NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def tools() -> None:
    """See that the tools are built; tests that need them are skipped, saying why, only where they can't be."""
    with skipping("cluster"):
        builder.build(Progress())


@pytest.fixture(scope="session")
def private_cluster(tools: None) -> Iterator[Cluster]:
    """Give a running cluster of this test process alone; the fixture of every test against a real API server."""
    cluster = own_cluster("tests")
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture(scope="session")
def private_kubectl(private_cluster: Cluster) -> Kubectl:
    """Give kubectl for the private cluster."""
    return private_cluster.kubectl


@dataclass
class SmallFleet:
    """A fleet of a few objects in a namespace of its own, planned by hand, and applied as the sandbox applies any."""

    cluster: Cluster
    namespace: str
    printed: io.StringIO = field(default_factory=io.StringIO)

    def apply(self, *resources: Planned, limit_seconds: float = LIMIT_SECONDS) -> Outcome:
        """Apply a plan of these resources and the namespace."""
        return self.application(limit_seconds).run([self.planned_namespace, *resources])

    def application(self, limit_seconds: float = LIMIT_SECONDS) -> Application:
        return Application(
            kubectl=self.cluster.kubectl,
            fleet=self.namespace,
            progress=Progress(Console(file=self.printed, width=200)),
            volumes_in=self.cluster.volumes,
            limit_seconds=limit_seconds,
        )

    @property
    def planned_namespace(self) -> Planned:
        meta = {"name": self.namespace, "labels": {naming.FLEET: self.namespace}}
        return Planned(
            type="kubernetes:core/v1:Namespace",
            name="namespace",
            inputs={"apiVersion": "v1", "kind": "Namespace", "metadata": meta},
        )

    def planned(
        self,
        kind: str,
        name: str,
        body: Mapping[str, Any],
        *,
        api: str = "v1",
        needs: Sequence[str] = (),
        annotations: Mapping[str, str] | None = None,
    ) -> Planned:
        meta = {"name": name, "namespace": self.namespace, "labels": {naming.FLEET: self.namespace}}
        if annotations:
            meta["annotations"] = dict(annotations)
        return Planned(
            type=f"kubernetes:{api}:{kind}",
            name=f"{name}-{kind.lower()}",
            inputs={"apiVersion": api, "kind": kind, "metadata": meta, **body},
            needs=("namespace", *needs),
        )

    def config_map(self, name: str, *, needs: Sequence[str] = (), **data: str) -> Planned:
        return self.planned("ConfigMap", name, {"data": data}, needs=needs)

    def deployment(self, name: str, *, replicas: int | None = None, pod: Mapping[str, Any] | None = None) -> Planned:
        return self.planned("Deployment", name, {"spec": self.workload(name, replicas, pod)}, api="apps/v1")

    def stateful_set(self, name: str, *, replicas: int | None = None, templates: Sequence[str] = ()) -> Planned:
        claims = [{"metadata": {"name": each}, "spec": self.claim_spec()} for each in templates]
        spec = {**self.workload(name, replicas, None), "serviceName": name, "volumeClaimTemplates": claims}
        return self.planned("StatefulSet", name, {"spec": spec}, api="apps/v1")

    def workload(self, name: str, replicas: int | None, pod: Mapping[str, Any] | None) -> dict[str, Any]:
        labels = {"app": name}
        containers = [{"name": "app", "image": "example.invalid/app:1"}]
        counted = {} if replicas is None else {"replicas": replicas}
        template = {"metadata": {"labels": labels}, "spec": {"containers": containers, **(pod or {})}}
        return {**counted, "selector": {"matchLabels": labels}, "template": template}

    def autoscaler(self, name: str, *, kind: str = "Deployment", minimum: int, maximum: int) -> Planned:
        target = {"apiVersion": "apps/v1", "kind": kind, "name": name}
        spec = {"scaleTargetRef": target, "minReplicas": minimum, "maxReplicas": maximum}
        needs = [f"{name}-{kind.lower()}"]
        return self.planned("HorizontalPodAutoscaler", name, {"spec": spec}, api="autoscaling/v2", needs=needs)

    def claim(self, name: str, *, size: str = "1Gi") -> Planned:
        return self.planned("PersistentVolumeClaim", name, {"spec": self.claim_spec(size)})

    def claim_spec(self, size: str = "1Gi") -> dict[str, Any]:
        return {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}}

    def secret(self, name: str, *keys: str, kind: str = "Opaque", generation: int = 1, **annotations: str) -> Planned:
        noted = {naming.KEYS: ",".join(keys), naming.GENERATION: str(generation), **annotations}
        return self.planned("Secret", name, {"type": kind}, annotations=noted)

    def weights(self, name: str, **weights: int) -> Planned:
        services = [{"name": each, "port": 80, "weight": weight} for each, weight in weights.items()]
        body = {"spec": {"weighted": {"services": services}}}
        return self.planned("TraefikService", name, body, api="traefik.io/v1alpha1")

    def live(self, kind: str, name: str) -> LiveObject | None:
        """Give an object of the namespace as it is, with its managed fields, None when it is not there."""
        found = self.cluster.kubectl.items(
            "get", kind, name, "-n", self.namespace, "--ignore-not-found", "--show-managed-fields"
        )
        return found[0] if found else None

    def has(self, kind: str, name: str) -> bool:
        live = self.live(kind, name)
        return live is not None and "deletionTimestamp" not in live["metadata"]

    def run(self, *arguments: str, stdin: str | None = None) -> str:
        """Run kubectl in the namespace."""
        return self.cluster.kubectl.run("-n", self.namespace, *arguments, stdin=stdin)


@pytest.fixture
def small_fleet(private_cluster: Cluster) -> SmallFleet:
    """Give an empty fleet in a namespace that no other test uses."""
    return SmallFleet(private_cluster, f"small-{next(NUMBERS)}")
