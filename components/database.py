"""The fleet's own Postgres."""

from __future__ import annotations

import pulumi

from components.owner import PlannedArgs


class Database(pulumi.ComponentResource):
    """A Postgres with its volume, Service, password and backup."""

    host: pulumi.Output[str]

    def __init__(self, name: str, args: PlannedArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(args.planned.type, name, dict(args.planned.args), opts)
        args.registrar.register_all(args.planned, self)
        self.host = pulumi.Output.from_input(args.fleet.database.host)
        self.register_outputs({"host": self.host})
