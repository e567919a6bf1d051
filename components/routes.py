"""The routes of a fleet."""

from __future__ import annotations

import pulumi

from components.owner import PlannedArgs


class Routes(pulumi.ComponentResource):
    """Every IngressRoute of the fleet, its Middlewares and, with an issuer, its Certificates."""

    hosts: pulumi.Output[list[str]]

    def __init__(self, name: str, args: PlannedArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(args.planned.type, name, dict(args.planned.args), opts)
        args.registrar.register_all(args.planned, self)
        self.hosts = pulumi.Output.from_input([workload.host for workload in args.fleet.workloads])
        self.register_outputs({"hosts": self.hosts})
