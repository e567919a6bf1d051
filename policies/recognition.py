"""Which documents are objects of Kubernetes: also those that forget to say so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from policies.values import at

_TOP: Final = frozenset({"metadata", "spec", "status"})
_TELLING: Final = frozenset({"containers", "template", "replicas", "ports", "routes", "rules", "jobTemplate"})
"""Fields by which a specification is one of Kubernetes, and no fragment that a script puts into a list."""


def is_object(value: Mapping[str, Any]) -> bool:
    """Say whether a document is a Kubernetes object, or evidently one that lacks its ``apiVersion`` or ``kind``.

    Values of Helm, kustomizations, compose files and workflows are none: they have no ``metadata.name``.
    """
    said = [isinstance(value.get(field), str) for field in ("apiVersion", "kind")]
    if all(said):
        return True
    named = any(isinstance(at(value, "metadata", field), str) for field in ("name", "generateName"))
    if any(said) or {"apiversion", "kind"} & {str(key).lower() for key in value}:
        return named
    spec = value.get("spec")
    return named and isinstance(spec, Mapping) and not _TELLING.isdisjoint(spec) and set(value) <= _TOP
