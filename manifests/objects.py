"""Kubernetes objects as they are written: the envelope that every object of a fleet shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fleet import naming
from fleet.model import FleetSpec
from manifests.plan import KUBERNETES_TYPE, Manifest, Planned

NAMESPACE = "namespace"
"""The logical name of the namespace, which everything else in it needs."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What an object is part of: the values of its recommended labels."""

    app: str
    instance: str
    component: str


def logical_name(name: str, kind: str) -> str:
    """Give the logical name of an object; it depends on the object's own name and kind, and on nothing else."""
    return f"{name}-{kind.lower()}"


def metadata(
    fleet: FleetSpec,
    name: str,
    identity: Identity,
    *,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Give the metadata of an object in the fleet's namespace; ``labels`` come on top of the fleet's own."""
    own = naming.labels(
        name=identity.app,
        instance=identity.instance,
        component=identity.component,
        fleet=fleet.namespace,
        part_of=fleet.name,
    )
    written: dict[str, Any] = {"name": name, "namespace": fleet.namespace, "labels": own | dict(labels or {})}
    if annotations:
        written["annotations"] = dict(annotations)
    return written


def planned(  # noqa: PLR0913  (one keyword for each property of the plan)
    api_version: str,
    kind: str,
    meta: dict[str, Any],
    body: Manifest,
    *,
    needs: tuple[str, ...] = (NAMESPACE,),
    protect: bool = False,
    ignore_changes: tuple[str, ...] = (),
) -> Planned:
    """Plan one Kubernetes object; its Pulumi type and its logical name follow from what it is."""
    group = api_version if "/" in api_version else f"core/{api_version}"
    return Planned(
        type=f"{KUBERNETES_TYPE}{group}:{kind}",
        name=logical_name(meta["name"], kind),
        inputs={"apiVersion": api_version, "kind": kind, "metadata": meta, **body},
        needs=needs,
        protect=protect,
        ignore_changes=ignore_changes,
    )
