"""The traffic split of a workload: one weighted TraefikService over the Services of its releases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fleet import naming
from fleet.model import FleetSpec, WorkloadSpec
from manifests.objects import logical_name, metadata, planned
from manifests.plan import Manifest, Planned
from manifests.workload import Runtime, identity, release_objects, service_needs

TRAEFIK_API = "traefik.io/v1alpha1"
"""The only Traefik API that lives (systems.md A, mistake 3)."""
STICKY_SECONDS = 3600
"""Sessions stick for one hour (systems.md E). An order may be paid for two: whoever comes back later may meet the other
release, and both read the same orders."""


def canary_objects(fleet: FleetSpec, workload: WorkloadSpec, runtime: Runtime) -> Iterator[Planned]:
    """Plan the canary release of a workload that has one, and the split between it and stable."""
    if workload.canary is None:
        return
    yield from release_objects(fleet, workload, workload.canary, runtime)
    yield _split(fleet, workload)


def backend(workload: WorkloadSpec) -> tuple[Manifest, tuple[str, ...]]:
    """Give what a route to the workload names, and what that route needs."""
    if workload.canary is None:
        return _service(workload.name), service_needs(workload)
    return {"name": workload.name, "kind": "TraefikService"}, (logical_name(workload.name, "TraefikService"),)


def _service(name: str) -> dict[str, Any]:
    return {"name": name, "kind": "Service", "port": naming.HTTP_PORT}


def _split(fleet: FleetSpec, workload: WorkloadSpec) -> Planned:
    members = [
        {**_service(naming.released(workload.name, release.track)), "weight": release.weight}
        for release in workload.releases
    ]
    # The shops' scripts call the checkout from hosts of their own, perhaps of other sites (HTML, same site).
    same_site = "none" if workload.name == naming.CHECKOUT else "lax"
    cookie = {
        "name": naming.release_cookie(workload.name),
        "secure": True,
        "httpOnly": True,
        "sameSite": same_site,
        "maxAge": STICKY_SECONDS,
        "path": "/",
    }
    body = {"spec": {"weighted": {"sticky": {"cookie": cookie}, "services": members}}}
    meta = metadata(fleet, workload.name, identity(workload))
    return planned(TRAEFIK_API, "TraefikService", meta, body, needs=service_needs(workload))
