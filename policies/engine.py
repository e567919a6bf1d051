"""What the engine's own JSON says beside inputs: which options hold, what depends on what, and what is about to go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from policies.values import at, mapping

OPTIONS: Final = frozenset({"protect", "retainOnDelete"})
"""The options that decide whether a resource can be lost."""
_REPLACING = ("delete-replaced", "replace", "create-replacement")
_TAKING: Final = {"delete": "delete"} | dict.fromkeys(_REPLACING, "replace")
"""Steps that end what was there (pkg/resource/deploy/step.go), by what they mean together."""

Departure = tuple[Mapping[str, Any], str, str, tuple[str, ...]]
"""The old state, which state of the step shows what to edit, the word for its end, and the inputs that force it."""


def options_seen(entry: Mapping[str, Any]) -> frozenset[str]:
    """Give the options that an entry shows: the engine leaves out what is off, ``resources.json`` says it."""
    return OPTIONS if isinstance(entry.get("urn"), str) or "opts" in entry else OPTIONS & entry.keys()


def dependencies(entry: Mapping[str, Any]) -> frozenset[str] | None:
    """Give the URNs that a state depends on; None for what is no state, where nothing tells."""
    if "dependencies" not in entry and "propertyDependencies" not in entry:
        return None
    beside = [entry.get("parent"), entry.get("deletedWith")]
    lists = [entry.get("dependencies"), beside, *mapping(entry, "propertyDependencies").values()]
    return frozenset(urn for one in lists if isinstance(one, list) for urn in one if isinstance(urn, str))


def unfinished(entry: Mapping[str, Any]) -> str:
    """Say what an interrupted update left a state in, if it did: to be deleted, or deleted and not made again."""
    return "pending-delete" if entry.get("delete") else "pending-replacement" if entry.get("pendingReplacement") else ""


def departure(step: Any) -> Departure | None:  # noqa: ANN401  (whatever stands in a digest)
    """Give what a step of a preview takes away; a replacement is shown as one step, or as three."""
    old, operation = at(step, "oldState"), at(step, "op")
    word = _TAKING.get(operation) if isinstance(operation, str) else None
    if word is None or not isinstance(old, Mapping):
        return None
    return old, "newState" if isinstance(at(step, "newState"), Mapping) else "oldState", word, _reasons(step)


def _reasons(step: Mapping[str, Any]) -> tuple[str, ...]:
    keys = at(step, "replaceReasons")
    named = [key for key in keys if isinstance(key, str)] if isinstance(keys, list) else []
    detailed = mapping(step, "detailedDiff").items()
    forced = [key for key, change in detailed if str(at(change, "kind")).endswith("replace")]
    return tuple(dict.fromkeys(forced or named))
