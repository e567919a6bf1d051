"""The fleet's own Postgres."""

from __future__ import annotations

import pulumi

from components.owner import PlannedArgs
from components.secrets import password_inputs
from manifests.database import PASSWORD


class Database(pulumi.ComponentResource):
    """A Postgres with its volume, Service, password and backup."""

    host: pulumi.Output[str]

    def __init__(self, name: str, args: PlannedArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(args.planned.type, name, dict(args.planned.args), opts)
        for planned in args.planned.resources:
            made = args.registrar.register(planned, self)
            if planned.name == PASSWORD:
                args.registrar.add_secret_inputs(password_inputs(args.fleet, made.result))  # type: ignore[attr-defined]
        self.host = pulumi.Output.from_input(args.fleet.database.host)
        self.register_outputs({"host": self.host})
