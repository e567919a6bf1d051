"""The plan as files: byte for byte the same for the same plan, written whole or not at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from manifests.block_yaml import document
from manifests.plan import Planned, PlannedComponent

KUBERNETES_FOLDER = "kubernetes"
EDGE_FOLDER = "edge"
RESOURCES_FILE = "resources.json"
_OURS = (KUBERNETES_FOLDER, EDGE_FOLDER, RESOURCES_FILE)


def render(components: Iterable[PlannedComponent], folder: Path) -> int:
    """Write the plan into ``folder`` and give the number of resources.

    Each component becomes ``kubernetes/<component>.yaml`` or ``edge/<component>.json``; all of them, with the
    components themselves, stand in ``resources.json``. Earlier output in the folder is replaced as a whole; anything
    else in it stays. Raises OSError when the folder can't be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / ".rendering"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    try:
        count = _write(components, fresh)
        for name in _OURS:
            _replace(fresh / name, folder / name)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return count


def _replace(new: Path, old: Path) -> None:
    if old.is_dir():
        shutil.rmtree(old)
    if new.exists():
        new.replace(old)


def _write(components: Iterable[PlannedComponent], folder: Path) -> int:
    (folder / KUBERNETES_FOLDER).mkdir()
    count = 0
    with (folder / RESOURCES_FILE).open("w", encoding="utf-8") as listing:
        separator = "["
        for component in components:
            _write_component(component, folder)
            for record in records(component):
                listing.write(f"{separator}\n{json.dumps(record)}")
                separator = ","
            count += len(component.resources)
        listing.write("\n]\n")
    return count


def _write_component(component: PlannedComponent, folder: Path) -> None:
    objects = [document(resource.inputs) for resource in component.resources if resource.is_kubernetes]
    if objects:
        (folder / KUBERNETES_FOLDER / f"{component.name}.yaml").write_text("---\n".join(objects), encoding="utf-8")
    edge = [record(resource, component.name) for resource in component.resources if resource.is_edge]
    if edge:
        (folder / EDGE_FOLDER).mkdir(exist_ok=True)
        text = json.dumps(edge, indent=2) + "\n"
        (folder / EDGE_FOLDER / f"{component.name}.json").write_text(text, encoding="utf-8")


def records(component: PlannedComponent) -> Iterator[dict[str, Any]]:
    """Give the entries of ``resources.json`` for a component: itself, then what it owns."""
    yield {
        "type": component.type,
        "name": component.name,
        "parent": component.parent,
        "inputs": component.args,
        "opts": {"protect": False, "retainOnDelete": False},
    }
    for resource in component.resources:
        yield record(resource, component.name)


def record(resource: Planned, parent: str) -> dict[str, Any]:
    """Give one entry of ``resources.json`` (DESIGN, Interfaces that stay stable)."""
    return {
        "type": resource.type,
        "name": resource.name,
        "parent": parent,
        "inputs": resource.inputs,
        "opts": {"protect": resource.protect, "retainOnDelete": resource.retain_on_delete},
    }
