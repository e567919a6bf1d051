"""The whole fleet of a stack: every component that the plan has, each under the one that owns it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import pulumi

from components.canary import Canary
from components.checkout import Checkout
from components.database import Database
from components.edge import Edge
from components.monitoring import Monitoring
from components.owner import PlannedArgs, ServedArgs
from components.registrar import Registrar
from components.routes import Routes
from components.secrets import configured_inputs, generated_inputs
from components.storefront import Storefront
from fleet.model import FleetSpec, Release
from fleet.secrets import VERIFY_TOKEN
from manifests.fleet import FLEET, plan
from manifests.plan import PlannedComponent
from manifests.secrets import GENERATED

_SHARED = {
    "flotilla:components:Database": Database,
    "flotilla:components:Edge": Edge,
    "flotilla:components:Monitoring": Monitoring,
    "flotilla:components:Routes": Routes,
}
_SERVED = {
    "flotilla:components:Canary": Canary,
    "flotilla:components:Checkout": Checkout,
    "flotilla:components:Storefront": Storefront,
}


@dataclass(frozen=True, kw_only=True)
class FleetArgs:
    """What a Fleet is made of: its spec, and the configuration that holds its secrets."""

    spec: FleetSpec
    config: pulumi.Config


class Fleet(pulumi.ComponentResource):
    """A namespace with everything in it, and the storage at the edge."""

    exports: Mapping[str, Any]

    def __init__(self, name: str, args: FleetArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        spec = args.spec
        components = plan(spec)
        own = next(components)
        super().__init__(own.type, name, dict(own.args), opts)
        registrar = Registrar(configured_inputs(spec, args.config), partial(generated_inputs, spec))
        registrar.register_all(own, self)
        self._owners: dict[str, pulumi.ComponentResource] = {own.name: self}
        workloads = {workload.name: workload for workload in spec.workloads}
        for planned in components:
            shared = PlannedArgs(fleet=spec, planned=planned, registrar=registrar)
            self._owners[planned.name] = self._create(planned, shared, workloads)
        self.exports = self._exports(spec, registrar)
        self.register_outputs({"namespace": spec.namespace})

    def _create(
        self, planned: PlannedComponent, args: PlannedArgs, workloads: Mapping[str, Any]
    ) -> pulumi.ComponentResource:
        opts = pulumi.ResourceOptions(parent=self._owners[planned.parent or FLEET])
        if planned.type in _SHARED:
            return _SHARED[planned.type](planned.name, args, opts)
        served = planned.parent if planned.type.endswith("Canary") else planned.name
        workload = workloads[served or planned.name]
        served_args = ServedArgs(fleet=args.fleet, planned=planned, registrar=args.registrar, workload=workload)
        return _SERVED[planned.type](planned.name, served_args, opts)

    def _exports(self, spec: FleetSpec, registrar: Registrar) -> dict[str, Any]:
        exports: dict[str, Any] = {
            "namespace": spec.namespace,
            "urls": {workload.instance: workload.url for workload in spec.workloads},
            "hosts": [workload.host for workload in spec.workloads],
            "weights": {w.instance: {r.track.value: r.weight for r in w.releases} for w in spec.workloads},
            "versions": {w.instance: {r.track.value: _version(r) for r in w.releases} for w in spec.workloads},
        }
        token = registrar[GENERATED[VERIFY_TOKEN]]
        exports["verifyToken"] = token.result  # type: ignore[attr-defined]
        edge = self._owners.get("edge")
        if isinstance(edge, Edge):
            exports["edge"] = {"databaseId": edge.database_id, "bucket": edge.bucket}
        return exports


def _version(release: Release) -> str:
    return release.image.version
