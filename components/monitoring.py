"""What Prometheus is told."""

from __future__ import annotations

import pulumi

from components.owner import PlannedArgs


class Monitoring(pulumi.ComponentResource):
    """The ServiceMonitors of the fleet."""

    def __init__(self, name: str, args: PlannedArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(args.planned.type, name, dict(args.planned.args), opts)
        args.registrar.register_all(args.planned, self)
        self.register_outputs({})
