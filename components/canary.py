"""A release under trial."""

from __future__ import annotations

import pulumi

from components.owner import ServedArgs


class Canary(pulumi.ComponentResource):
    """The canary release of the checkout or of a variant, and the weights between it and stable."""

    weight: pulumi.Output[int]
    version: pulumi.Output[str]

    def __init__(self, name: str, args: ServedArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(args.planned.type, name, dict(args.planned.args), opts)
        args.registrar.register_all(args.planned, self)
        self.weight = pulumi.Output.from_input(args.planned.args["weight"])
        self.version = pulumi.Output.from_input(args.planned.args["canary"])
        self.register_outputs({"weight": self.weight, "version": self.version})
