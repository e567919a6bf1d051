"""Volume claims: what holds data, protected unless the fleet is disposable."""

from __future__ import annotations

from typing import Any

from fleet.model import FleetSpec
from manifests.objects import Identity, metadata, planned
from manifests.plan import Planned

# A claim on a StorageClass that waits for its first pod would be waited for in vain.
_UNWAITED = {"pulumi.com/skipAwait": "true"}


def claim(fleet: FleetSpec, owner: Identity, name: str, *, size: str, storage_class: str | None) -> Planned:
    """Plan a claim. Its StorageClass counts only when it is made: another one would replace it, data and all."""
    spec: dict[str, Any] = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}}
    if storage_class:
        spec["storageClassName"] = storage_class
    return planned(
        "v1",
        "PersistentVolumeClaim",
        metadata(fleet, name, owner, annotations=_UNWAITED),
        {"spec": spec},
        protect=fleet.protected,
        ignore_changes=("spec.storageClassName",),
    )
