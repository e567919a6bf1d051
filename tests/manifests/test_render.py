"""The plan as files: the same for the same plan, whole or not at all, and nobody else's files touched."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from fleet.load import load
from manifests.fleet import plan
from manifests.plan import PlannedComponent
from manifests.render import render

Raw = dict[str, Any]
Files = Callable[[str], Raw]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_files_hold_the_plan(stack_name: str, stack_config: Files, tmp_path: Path) -> None:
    components = list(plan(load(stack_config(stack_name), stack=stack_name)))
    count = render(components, tmp_path)
    resources = [resource for component in components for resource in component.resources]
    listed = json.loads((tmp_path / "resources.json").read_text())
    assert count == len(resources)
    assert len(listed) == len(resources) + len(components)
    for component in components:
        manifests = [json.loads(json.dumps(one.inputs)) for one in component.resources if one.is_kubernetes]
        if manifests:
            written = (tmp_path / "kubernetes" / f"{component.name}.yaml").read_text()
            assert list(yaml.load_all(written, yaml.CSafeLoader)) == manifests
    by_key = {(one["type"], one["name"]): one for one in listed}
    for component in components:
        for resource in component.resources:
            assert by_key[resource.type, resource.name] == {
                "type": resource.type,
                "name": resource.name,
                "parent": component.name,
                "inputs": json.loads(json.dumps(resource.inputs)),
                "opts": {"protect": resource.protect, "retainOnDelete": resource.retain_on_delete},
            }


def test_rendering_again_changes_no_byte(stack_name: str, stack_config: Files, tmp_path: Path) -> None:
    for _ in range(2):
        render(plan(load(stack_config(stack_name), stack=stack_name)), tmp_path / "one")
    render(plan(load(stack_config(stack_name), stack=stack_name)), tmp_path / "other")
    assert contents(tmp_path / "one") == contents(tmp_path / "other")


def test_what_the_plan_no_longer_has_vanishes_and_foreign_files_stay(minimal: Raw, tmp_path: Path) -> None:
    edge = minimal | {"edge": {"accountId": "0" * 32}}
    render(plan(load(edge, stack="dev")), tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "charts").mkdir()
    (tmp_path / "charts" / "a.yaml").write_text("mine: too")
    assert {"edge/edge.json", "kubernetes/storefront-hero.yaml"} <= contents(tmp_path).keys()
    render(plan(load(minimal | {"variants": ["brutal"]}, stack="dev")), tmp_path)
    left = contents(tmp_path).keys()
    assert {"notes.txt", "charts/a.yaml", "kubernetes/storefront-brutal.yaml", "resources.json"} <= left
    assert not {"edge/edge.json", "kubernetes/storefront-hero.yaml"} & left
    assert not (tmp_path / "edge").exists()


def test_a_plan_that_breaks_midway_leaves_the_earlier_render(minimal: Raw, tmp_path: Path) -> None:
    render(plan(load(minimal, stack="dev")), tmp_path)
    before = contents(tmp_path)

    def broken() -> Iterator[PlannedComponent]:
        yield next(plan(load(minimal, stack="dev")))
        raise RuntimeError("midway")

    with pytest.raises(RuntimeError, match="midway"):
        render(broken(), tmp_path)
    assert contents(tmp_path) == before


def test_what_an_interrupted_render_left_does_no_harm(minimal: Raw, tmp_path: Path) -> None:
    (tmp_path / ".rendering" / "kubernetes").mkdir(parents=True)
    (tmp_path / ".rendering" / "kubernetes" / "stale.yaml").write_text("stale: true")
    render(plan(load(minimal, stack="dev")), tmp_path)
    assert not [name for name in contents(tmp_path) if "stale" in name or "rendering" in name]


def test_a_folder_that_can_not_be_made_is_an_os_error(minimal: Raw, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match="Not a directory"):
        render(plan(load(minimal, stack="dev")), tmp_path / "file" / "out")
