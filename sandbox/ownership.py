"""Who owns which field: server-side apply's record, read from ``metadata.managedFields``.

The API server keeps it for every object; it is the lock, the ledger and the undo of everything done here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

SANDBOX = "flotilla-sandbox"
"""The field manager of whatever the sandbox applies from the plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """A field manager, and whether it owns by applying (``Apply``) or by writing (``Update``)."""

    manager: str
    operation: str


def owners(live: Mapping[str, Any], *path: str) -> list[Owner]:
    """Give the owners of the field at ``path`` (names of fields) of a live object, read with its managed fields."""
    return [
        Owner(manager=entry.get("manager", ""), operation=entry["operation"])
        for entry in entries(live)
        if holds(entry.get("fieldsV1", {}), path)
    ]


def entries(live: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Give the entries of an object's managed fields."""
    yield from live.get("metadata", {}).get("managedFields", ())


def holds(fields: Mapping[str, Any], path: tuple[str, ...]) -> bool:
    """Say whether a set in FieldsV1 notation (``f:`` before each name; structured-merge-diff) has ``path``."""
    for name in path:
        if f"f:{name}" not in fields:
            return False
        fields = fields[f"f:{name}"]
    return True


def applied(live: Mapping[str, Any], manager: str = SANDBOX) -> Mapping[str, Any] | None:
    """Give the set of fields that ``manager`` has applied, None when it has applied none."""
    for entry in entries(live):
        if entry.get("manager") == manager and entry["operation"] == "Apply":
            return dict(entry.get("fieldsV1", {}))
    return None


def names_in(fields: Mapping[str, Any] | None, *path: str) -> set[str]:
    """Give the names of the fields directly under ``path`` in a set of fields."""
    for name in path:
        fields = (fields or {}).get(f"f:{name}")
    return {name.removeprefix("f:") for name in fields or {} if name.startswith("f:")}
