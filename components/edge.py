"""Storage at Cloudflare's edge."""

from __future__ import annotations

import pulumi

from components.owner import PlannedArgs


class Edge(pulumi.ComponentResource):
    """A D1 database and an R2 bucket, kept whatever happens to the stack unless the fleet is disposable."""

    database_id: pulumi.Output[str]
    bucket: pulumi.Output[str]

    def __init__(self, name: str, args: PlannedArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(args.planned.type, name, dict(args.planned.args), opts)
        args.registrar.register_all(args.planned, self)
        self.database_id = args.registrar["edge-database"].uuid  # type: ignore[attr-defined]
        self.bucket = args.registrar["edge-bucket"].name  # type: ignore[attr-defined]
        self.register_outputs({"databaseId": self.database_id, "bucket": self.bucket})
