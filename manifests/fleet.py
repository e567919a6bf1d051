"""The whole plan of a fleet: every component, and in it every resource."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from fleet import naming
from fleet.model import FleetSpec, VariantSpec, WorkloadSpec
from manifests.canary import canary_objects
from manifests.checkout import checkout_objects, checkout_runtime
from manifests.database import database_objects
from manifests.edge import edge_resources
from manifests.foundation import foundation_objects
from manifests.monitoring import monitoring_objects
from manifests.network import storefront_policy
from manifests.plan import Planned, PlannedComponent
from manifests.routing import routing_objects
from manifests.storefront import storefront_objects, storefront_runtime

FLEET = "fleet"
"""The logical name of the component that owns all others."""
_TOKENS = "flotilla:components:"


def plan(fleet: FleetSpec) -> Iterator[PlannedComponent]:
    """Give every component of the fleet, each after its owner and after whatever its resources need, one at a time."""
    yield fleet_component(fleet)
    yield from database_component(fleet)
    yield checkout_component(fleet)
    yield from canary_component(fleet, fleet.checkout.workload)
    for variant in fleet.variants:
        yield storefront_component(fleet, variant)
        yield from canary_component(fleet, variant.workload, variant)
    yield routes_component(fleet)
    yield from monitoring_component(fleet)
    yield from edge_component(fleet)


def resources(components: Iterable[PlannedComponent]) -> Iterator[Planned]:
    """Give the resources of all components, in the plan's order."""
    for component in components:
        yield from component.resources


def fleet_component(fleet: FleetSpec) -> PlannedComponent:
    """Plan what the components of a fleet share."""
    args = {"namespace": fleet.namespace, "domain": fleet.domain, "purpose": fleet.purpose}
    shared = [*foundation_objects(fleet), storefront_policy(fleet)]
    return _component("Fleet", FLEET, args, shared, parent=None)


def database_component(fleet: FleetSpec) -> Iterator[PlannedComponent]:
    """Plan the fleet's own Postgres, if it has one."""
    if fleet.database.server:
        args = {"image": fleet.database.server.image.reference}
        yield _component("Database", naming.DATABASE, args, database_objects(fleet))


def checkout_component(fleet: FleetSpec) -> PlannedComponent:
    """Plan the shared checkout."""
    return _component("Checkout", naming.CHECKOUT, _served(fleet.checkout.workload), checkout_objects(fleet))


def storefront_component(fleet: FleetSpec, variant: VariantSpec) -> PlannedComponent:
    """Plan one variant."""
    args = {**_served(variant.workload), "theme": variant.theme}
    return _component("Storefront", variant.workload.name, args, storefront_objects(fleet, variant))


def canary_component(
    fleet: FleetSpec, workload: WorkloadSpec, variant: VariantSpec | None = None
) -> Iterator[PlannedComponent]:
    """Plan the canary of the checkout, or of ``variant``, if there is one under trial."""
    if workload.canary is None:
        return
    runtime = storefront_runtime(fleet, variant) if variant else checkout_runtime(fleet)
    args = {
        "weight": workload.canary.weight,
        "stable": workload.stable.image.version,
        "canary": workload.canary.image.version,
    }
    name = naming.released(workload.name, naming.Track.CANARY)
    yield _component("Canary", name, args, canary_objects(fleet, workload, runtime), parent=workload.name)


def routes_component(fleet: FleetSpec) -> PlannedComponent:
    """Plan every route: after all they lead to, because a route to nothing answers with an error."""
    args = {"hosts": len(fleet.workloads)}
    return _component("Routes", "routes", args, routing_objects(fleet))


def monitoring_component(fleet: FleetSpec) -> Iterator[PlannedComponent]:
    """Plan what Prometheus is told, if there is one."""
    if fleet.monitoring:
        args = {"interval": fleet.monitoring.interval}
        yield _component("Monitoring", "monitoring", args, monitoring_objects(fleet))


def edge_component(fleet: FleetSpec) -> Iterator[PlannedComponent]:
    """Plan the storage at the edge, if there is any."""
    if fleet.edge:
        args = {"database": fleet.edge.database, "bucket": fleet.edge.bucket}
        yield _component("Edge", "edge", args, edge_resources(fleet))


def _served(workload: WorkloadSpec) -> dict[str, str]:
    return {"host": workload.host, "version": workload.stable.image.version}


def _component(
    kind: str, name: str, args: Mapping[str, object], owned: Iterable[Planned], *, parent: str | None = FLEET
) -> PlannedComponent:
    return PlannedComponent(type=_TOKENS + kind, name=name, parent=parent, args=args, resources=tuple(owned))
