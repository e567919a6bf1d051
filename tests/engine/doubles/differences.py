"""What the Kubernetes provider sees as changed, and what of it replaces the object.

The live object, pruned to the shape of the old inputs, is compared with the new inputs; the table is the provider's
``forceNew`` table (pulumi-kubernetes, ``provider/pkg/provider/diff.go``).
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from copy import deepcopy
from decimal import Decimal, InvalidOperation
from typing import Any

from tests.engine.doubles.provider import Kind
from tests.engine.doubles.values import UNKNOWN

Path = tuple[str | int, ...]
_CLAIM = ("spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName")
_STATEFUL = (
    "spec.podManagementPolicy",
    "spec.revisionHistoryLimit",
    "spec.selector",
    "spec.serviceName",
    "spec.volumeClaimTemplates",
)
REPLACES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("apps/v1", "DaemonSet"): ("spec.selector",),
    ("apps/v1", "Deployment"): ("spec.selector",),
    ("apps/v1", "StatefulSet"): _STATEFUL,
    ("batch/v1", "Job"): ("spec.completions", "spec.parallelism", "spec.selector", "spec.template"),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"): ("roleRef",),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"): ("roleRef",),
    ("storage.k8s.io/v1", "StorageClass"): ("parameters", "provisioner"),
    ("v1", "PersistentVolume"): ("spec.hostPath", "spec.local", "spec.nfs", "spec.csi"),
    ("v1", "PersistentVolumeClaim"): _CLAIM,
    ("v1", "ResourceQuota"): ("spec.scopes",),
    ("v1", "Secret"): ("type",),
    ("v1", "Service"): ("spec.clusterIP",),
}
_READ_ONLY = ("creationTimestamp", "deletionTimestamp", "generation", "managedFields", "resourceVersion", "uid")
_SUFFIXES = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15}
_QUANTITIES = frozenset({"limits", "requests", "capacity", "hard"})


def normalised(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Write the inputs as the API server will: quantities in canonical form, ``stringData`` as ``data``."""
    result: dict[str, Any] = _canonical(deepcopy(dict(manifest)))
    metadata = result.get("metadata", {})
    result["metadata"] = {key: value for key, value in metadata.items() if key not in _READ_ONLY}
    if result.get("kind") == "Secret" and (strings := result.pop("stringData", None)):
        coded = {key: base64.b64encode(value.encode()).decode() for key, value in strings.items()}
        result["data"] = {**result.get("data", {}), **coded}
    return result


def pruned(live: Any, shape: Any) -> Any:
    """Keep of ``live`` what has a place in ``shape``."""
    if isinstance(live, dict) and isinstance(shape, dict):
        return {key: pruned(value, shape[key]) for key, value in live.items() if key in shape}
    if isinstance(live, list) and isinstance(shape, list):
        return [pruned(value, shape[at]) for at, value in enumerate(live[: len(shape)])]
    return live


def changes(old: Any, new: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Give every place where the two differ, with the kind of the difference."""
    if new == UNKNOWN:
        yield path, Kind.UPDATE
    elif isinstance(old, dict) and isinstance(new, dict):
        yield from _changes_by_key(old, new, path)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _changes_by_key(dict(enumerate(old)), dict(enumerate(new)), path)
    elif old != new:
        yield path, Kind.UPDATE


def replacing(paths: tuple[str, ...], path: Path, new: Any) -> bool:
    """Tell whether a change at ``path`` to the value ``new`` touches one of the dotted ``paths``."""
    keys = [str(key) for key in path]
    for dotted in paths:
        wanted = dotted.split(".")
        if keys[: len(wanted)] == wanted:
            return True
        if wanted[: len(keys)] == keys and _holds(new, wanted[len(keys) :]):
            return True
    return False


def written(path: Path) -> str:
    """Write a path as Pulumi does: ``spec.ports[0].name``, ``metadata.labels["a.b/c"]``."""
    text = ""
    for key in path:
        if isinstance(key, int):
            text += f"[{key}]"
        elif any(mark in key for mark in '."[]'):
            text += f'["{key}"]'
        else:
            text += f".{key}" if text else key
    return text


def _changes_by_key(old: Mapping[Any, Any], new: Mapping[Any, Any], path: Path) -> Iterator[tuple[Path, Any]]:
    """A zero value that the API server did not keep is none: the provider normalises through ``omitempty`` structs."""
    for key, value in new.items():
        if key in old:
            yield from changes(old[key], value, (*path, key))
        elif value or isinstance(key, int):
            yield (*path, key), Kind.ADD
    for key in old.keys() - new.keys():
        yield (*path, key), Kind.DELETE


def _holds(value: Any, keys: list[str]) -> bool:
    for key in keys:
        if not isinstance(value, dict) or key not in value:
            return False
        value = value[key]
    return True


def _canonical(value: Any, *, quantities: bool = False) -> Any:
    if isinstance(value, dict):
        return {
            key: _quantity(entry)
            if quantities or key == "sizeLimit"
            else _canonical(entry, quantities=key in _QUANTITIES)
            for key, entry in value.items()
        }
    return [_canonical(entry) for entry in value] if isinstance(value, list) else value


def _quantity(value: Any) -> Any:
    text = str(value)
    number = text.rstrip("numkMGTP")
    try:
        amount = Decimal(number) * Decimal(10) ** _SUFFIXES[text[len(number) :]]
    except (InvalidOperation, KeyError):
        return value
    if amount != int(amount):
        return f"{int(amount * 1000)}m"
    for suffix in ("P", "T", "G", "M", "k"):
        if amount and amount % Decimal(10) ** _SUFFIXES[suffix] == 0:
            return f"{int(amount / Decimal(10) ** _SUFFIXES[suffix])}{suffix}"
    return str(int(amount))
