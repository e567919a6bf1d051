"""Storage at Cloudflare's edge: a D1 database and an R2 bucket that no change of the stack file can lose.

What replaces either of them is the table of field-guide/edge.md, section 3: every field of it counts only when the
resource is made. ``protect`` refuses a deletion, ``retain_on_delete`` is the second net.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fleet.model import EdgeSpec, FleetSpec
from manifests import providers
from manifests.plan import Planned

D1_DATABASE = "cloudflare:index/d1Database:D1Database"
R2_BUCKET = "cloudflare:index/r2Bucket:R2Bucket"


def edge_resources(fleet: FleetSpec) -> Iterator[Planned]:
    """Plan the edge storage; nothing where the stack has no edge."""
    if fleet.edge is not None:
        yield providers.cloudflare()
        yield _database(fleet, fleet.edge)
        yield _bucket(fleet, fleet.edge)


def _database(fleet: FleetSpec, edge: EdgeSpec) -> Planned:
    inputs: dict[str, Any] = {
        "accountId": edge.config.account_id,
        "name": edge.database,
        # Always stated: left out, the API answers 400 (terraform-provider-cloudflare #6309).
        "readReplication": {"mode": "disabled"},
    }
    if edge.config.jurisdiction:
        inputs["jurisdiction"] = edge.config.jurisdiction
    elif edge.config.location:
        inputs["primaryLocationHint"] = edge.config.location
    return _kept(
        fleet, D1_DATABASE, "edge-database", inputs, ("accountId", "name", "primaryLocationHint", "jurisdiction")
    )


def _bucket(fleet: FleetSpec, edge: EdgeSpec) -> Planned:
    inputs: dict[str, Any] = {"accountId": edge.config.account_id, "name": edge.bucket}
    if edge.config.jurisdiction:
        inputs["jurisdiction"] = edge.config.jurisdiction
    elif edge.config.location:
        inputs["location"] = edge.config.location
    return _kept(
        fleet, R2_BUCKET, "edge-bucket", inputs, ("accountId", "name", "location", "storageClass", "jurisdiction")
    )


def _kept(fleet: FleetSpec, token: str, name: str, inputs: dict[str, Any], once: tuple[str, ...]) -> Planned:
    return Planned(
        type=token,
        name=name,
        inputs=inputs,
        protect=fleet.protected,
        retain_on_delete=fleet.protected,
        ignore_changes=once,
    )
