"""What every release of a workload consists of: Deployment, Service, and whatever keeps its replicas in number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fleet import naming
from fleet.model import FleetSpec, Release, WorkloadSpec
from manifests import pods
from manifests.objects import Identity, logical_name, metadata, planned
from manifests.plan import Manifest, Planned


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """How a workload's pods run, whatever their release: the same for stable and canary."""

    service_account: str
    environment: Mapping[str, str]
    mounts: tuple[Manifest, ...] = ()
    volumes: tuple[Manifest, ...] = ()
    pod_labels: Mapping[str, str] = field(default_factory=dict)
    pod_annotations: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()


def identity(workload: WorkloadSpec) -> Identity:
    """Give what the workload's objects are part of."""
    return Identity(workload.app, workload.instance, workload.component)


def release_objects(fleet: FleetSpec, workload: WorkloadSpec, release: Release, runtime: Runtime) -> Iterator[Planned]:
    """Plan one release: its Deployment, the Service that finds its pods once they are ready, PDB and autoscaler."""
    name = naming.released(workload.name, release.track)
    deployment = _deployment(fleet, workload, release, runtime)
    needs = (deployment.name,)
    yield deployment
    yield _service(fleet, workload, release, needs)
    if workload.app == naming.CHECKOUT or workload.scale.spread:
        yield _disruption_budget(fleet, workload, release, needs)
    if release.scale.autoscaled:
        yield _autoscaler(fleet, workload, release, name, needs)


def service_needs(workload: WorkloadSpec) -> tuple[str, ...]:
    """Give the logical names of the Services of every release: a weight may rise only when they have endpoints."""
    return tuple(
        logical_name(naming.released(workload.name, release.track), "Service") for release in workload.releases
    )


def _selector(workload: WorkloadSpec, release: Release) -> naming.Labels:
    return naming.selector(workload.app, workload.instance, release.track)


def _release_labels(release: Release) -> naming.Labels:
    version = release.image.version
    return {"track": release.track.value, "version": version, "app.kubernetes.io/version": version}


def _deployment(fleet: FleetSpec, workload: WorkloadSpec, release: Release, runtime: Runtime) -> Planned:
    meta = metadata(
        fleet,
        naming.released(workload.name, release.track),
        identity(workload),
        labels=_release_labels(release),
    )
    selector = _selector(workload, release)
    replicas = {} if release.scale.autoscaled else {"replicas": release.scale.minimum}
    pod = pods.Pod(
        labels=meta["labels"] | runtime.pod_labels,
        annotations=runtime.pod_annotations,
        service_account=runtime.service_account,
        pull_secrets=fleet.pull_secrets,
        # By the whole workload's scale: a canary's step must never change a pod template, or it would roll pods.
        spread=selector if workload.scale.spread else None,
        containers=[_container(workload, release, runtime)],
        volumes=runtime.volumes,
    )
    body = {
        "spec": {
            **replicas,
            "revisionHistoryLimit": 3,
            "progressDeadlineSeconds": 300,
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": "25%"}},
            "selector": {"matchLabels": selector},
            "template": pod.template(),
        }
    }
    return planned("apps/v1", "Deployment", meta, body, needs=runtime.needs)


def _container(workload: WorkloadSpec, release: Release, runtime: Runtime) -> dict[str, Any]:
    return pods.container(
        workload.app,
        release.image,
        workload.resources,
        mounts=runtime.mounts,
        ports=[{"name": naming.HTTP_PORT, "containerPort": workload.port, "protocol": "TCP"}],
        env=[
            {"name": "PORT", "value": str(workload.port)},
            pods.from_label("TRACK", "track"),
            pods.from_label("VERSION", "version"),
            *pods.environment({**runtime.environment, **workload.environment}),
        ],
        **pods.probes(pods.http_probe("/health/ready"), pods.http_probe("/health/live")),
        lifecycle={"preStop": {"sleep": {"seconds": pods.PRE_STOP_SECONDS}}},
    )


def _service(fleet: FleetSpec, workload: WorkloadSpec, release: Release, needs: tuple[str, ...]) -> Planned:
    name = naming.released(workload.name, release.track)
    meta = metadata(fleet, name, identity(workload), labels={"track": release.track.value})
    port = {
        "name": naming.HTTP_PORT,
        "port": naming.SERVICE_PORT,
        "targetPort": naming.HTTP_PORT,
        "protocol": "TCP",
    }
    body = {"spec": {"type": "ClusterIP", "selector": _selector(workload, release), "ports": [port]}}
    return planned("v1", "Service", meta, body, needs=needs)


def _disruption_budget(fleet: FleetSpec, workload: WorkloadSpec, release: Release, needs: tuple[str, ...]) -> Planned:
    # maxUnavailable, not minAvailable: a budget that allows no disruption would block every drain.
    name = naming.released(workload.name, release.track)
    meta = metadata(fleet, name, identity(workload), labels={"track": release.track.value})
    body = {"spec": {"maxUnavailable": 1, "selector": {"matchLabels": _selector(workload, release)}}}
    return planned("policy/v1", "PodDisruptionBudget", meta, body, needs=needs)


def _autoscaler(
    fleet: FleetSpec, workload: WorkloadSpec, release: Release, name: str, needs: tuple[str, ...]
) -> Planned:
    meta = metadata(fleet, name, identity(workload), labels={"track": release.track.value})
    scale = release.scale
    target = {"type": "Utilization", "averageUtilization": scale.cpu}
    body = {
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
            "minReplicas": scale.minimum,
            "maxReplicas": scale.maximum,
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
        }
    }
    return planned("autoscaling/v2", "HorizontalPodAutoscaler", meta, body, needs=needs)
