"""Which objects are only a part of one: a patch, or what a test expects to find in an object."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from policies.pods import LISTS, POD_KINDS, template_path
from policies.resources import Resource
from policies.values import Path, at, each

_SELECTING: Final = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"})
_MANY: Final = 3
"""Required fields of one mapping that nobody forgets together."""


def is_fragment(resource: Resource, missing: Iterable[Path]) -> bool:
    """Say whether an object that lacks these fields lacks so much that it was never meant to be whole."""
    paths = set(missing)
    around = Counter(path[:-1] for path in paths)
    if ("spec",) in paths or any(count >= _MANY for count in around.values()):
        return True
    template = template_path(resource)
    if template is None:
        return False
    has_image = any("image" in one for name in LISTS for _, one in each(resource.inputs, *template, "spec", name))
    if resource.is_a(POD_KINDS) and resource.kind in _SELECTING:
        labels = at(resource.inputs, *template, "metadata", "labels")
        return ("spec", "selector") in paths and not (has_image and labels)
    return not has_image
