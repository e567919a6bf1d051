"""What a running fleet serves: each shop and the checkout, release by release."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fleet import naming
from fleet.model import FleetSpec
from sandbox.kubectl import Kubectl, LiveObject

_NOT_THERE: LiveObject = {"spec": {"template": {"spec": {"containers": [{"image": "not there"}]}}}, "status": {}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """One release of something that is served: under which host, of what image, and with how many pods ready."""

    name: str
    host: str
    image: str
    ready: int
    wanted: int
    weight: int

    @property
    def is_ready(self) -> bool:
        """Whether every replica is ready."""
        return self.ready >= self.wanted


def shops(kubectl: Kubectl, fleet: FleetSpec) -> Iterator[Shop]:
    """Give every release of the fleet as it runs; one that is not there has no pod ready."""
    found = kubectl.items("get", "deployments", "-n", fleet.namespace)
    live = {each["metadata"]["name"]: each for each in found}
    for workload in fleet.workloads:
        for release in workload.releases:
            deployment = live.get(naming.released(workload.name, release.track), _NOT_THERE)
            trial = " (canary)" if release is workload.canary else ""
            yield Shop(
                name=workload.instance + trial,
                host=workload.host,
                image=deployment["spec"]["template"]["spec"]["containers"][0]["image"],
                ready=deployment["status"].get("readyReplicas", 0),
                wanted=deployment["spec"].get("replicas", 0),
                weight=release.weight,
            )
