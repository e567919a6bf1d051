"""What all components share: the plan they register, and where."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.registrar import Registrar
from fleet.model import FleetSpec, WorkloadSpec
from manifests.plan import PlannedComponent


@dataclass(frozen=True, kw_only=True)
class PlannedArgs:
    """What a component is made of: the fleet it is part of, its plan, and where its resources are registered."""

    fleet: FleetSpec
    planned: PlannedComponent
    registrar: Registrar


@dataclass(frozen=True, kw_only=True)
class ServedArgs(PlannedArgs):
    """What a component is made of that visitors reach."""

    workload: WorkloadSpec


class Served(pulumi.ComponentResource):
    """Something under a host of its own; Checkout and Storefront say what."""

    url: pulumi.Output[str]
    host: pulumi.Output[str]
    version: pulumi.Output[str]

    def __init__(self, name: str, args: ServedArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(args.planned.type, name, dict(args.planned.args), opts)
        args.registrar.register_all(args.planned, self)
        self.url = pulumi.Output.from_input(args.workload.url)
        self.host = pulumi.Output.from_input(args.workload.host)
        self.version = pulumi.Output.from_input(args.workload.stable.image.version)
        self.register_outputs({"url": self.url, "host": self.host, "version": self.version})
