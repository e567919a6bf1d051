"""Holds two sets of Kubernetes objects against each other as data: a ratio means something only for the same work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from fleet.errors import FlotillaError

Objects = Mapping[tuple[str, str], Any]


def read(paths: Iterable[Path]) -> Objects:
    """Give the objects in YAML files by kind and name. Raises FlotillaError when one stands there twice."""
    objects: dict[tuple[str, str], Any] = {}
    for path in paths:
        for found in yaml.load_all(path.read_text(encoding="utf-8"), yaml.CSafeLoader):  # a safe loader
            key = (found["kind"], found["metadata"]["name"])
            if key in objects:
                raise FlotillaError(f"bench: {path.name}: {' '.join(key)} stands there twice; correct the chart")
            objects[key] = found
    return objects


def require_same(ours: Objects, theirs: Objects, *, remedy: str) -> None:
    """Raise FlotillaError naming the first difference and the remedy, unless both hold the same objects."""
    difference = _difference(ours, theirs, "")
    if difference:
        raise FlotillaError(f"bench: not the same objects: {difference}; {remedy}")


def _difference(ours: Any, theirs: Any, path: str) -> str:  # noqa: ANN401  (anything YAML can say)
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        for key in sorted(ours.keys() ^ theirs.keys()):
            return f"{path}{_step(key)} is only {'ours' if key in ours else 'theirs'}"
        return _first(_difference(ours[key], theirs[key], path + _step(key)) for key in ours)
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        pairs = enumerate(zip(ours, theirs, strict=True))
        return _first(_difference(mine, other, f"{path}[{number}]") for number, (mine, other) in pairs)
    # type() too: 1 == True in Python, and they are different things in a manifest.
    same = type(ours) is type(theirs) and ours == theirs
    return "" if same else f"{path} is {ours!r} for us and {theirs!r} for them"


def _step(key: Any) -> str:  # noqa: ANN401  (a field, or the kind and name of an object)
    return f" {key}" if isinstance(key, str) else " ".join(key)


def _first(differences: Iterable[str]) -> str:
    return next((difference for difference in differences if difference), "")
