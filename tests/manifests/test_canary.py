"""What one edit of a release changes, and what it leaves alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fleet.load import load
from fleet.rollout import PLANS
from manifests.fleet import plan
from manifests.plan import Planned

Raw = dict[str, Any]
Files = Callable[[str], Raw]
Resources = Callable[..., list[Planned]]
WEIGHTS = r"spec.weighted.services[{}].weight"
MOVED_BY_A_STEP = {
    "Deployment": {"spec.replicas"},
    "HorizontalPodAutoscaler": {"spec.minReplicas", "spec.maxReplicas"},
    "TraefikService": {WEIGHTS.format(0), WEIGHTS.format(1)},
}


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple) and value:
        for index, item in enumerate(value):
            yield from leaves(item, f"{path}[{index}]")
    else:
        yield path, value


def changes(before: list[Planned], after: list[Planned]) -> dict[str, set[str]]:
    """Give the paths that differ, by the logical name of the resource; a resource that comes or goes differs in all."""
    old = {one.name: dict(leaves(one.inputs)) for one in before}
    new = {one.name: dict(leaves(one.inputs)) for one in after}
    found = {}
    for name in old.keys() | new.keys():
        one, other = old.get(name, {}), new.get(name, {})
        found[name] = {path for path in one.keys() | other.keys() if one.get(path) != other.get(path)}
    return {name: paths for name, paths in found.items() if paths}


@pytest.mark.parametrize("scale", [*({"replicas": n} for n in (1, 2, 3, 10)), {"autoscaling": {"min": 1, "max": 4}}])
@pytest.mark.parametrize(
    ("owner", "plan_name", "step"),
    [
        (owner, one.name, step)
        for owner in ("checkout", "storefront")
        for one in PLANS.values()
        for step in range(one.last_step - 1)
    ],
)
def test_a_step_moves_weights_and_replicas_and_nothing_else(
    owner: str, plan_name: str, step: int, scale: Raw, minimal: Raw, planned_resources: Resources
) -> None:
    minimal[owner] |= scale
    key = {"checkout": "checkout", "storefront": "storefronts"}[owner]
    trial = {"image": "app:2.0.0", "plan": plan_name}
    before = planned_resources(minimal | {"canary": {key: trial | {"step": step}}})
    after = planned_resources(minimal | {"canary": {key: trial | {"step": step + 1}}})
    moved = changes(before, after)
    assert moved
    for name, paths in moved.items():
        kind = next(one.inputs["kind"] for one in after if one.name == name)
        assert paths <= MOVED_BY_A_STEP[kind], name
    assert any(name.endswith("-traefikservice") for name in moved)


def test_a_canary_that_begins_leaves_the_stable_pods_alone(minimal: Raw, planned_resources: Resources) -> None:
    canary = {"checkout": {"image": "checkout:2.0.0", "plan": "careful", "step": 0}}
    moved = changes(planned_resources(minimal), planned_resources(minimal | {"canary": canary}))
    assert {name for name in moved if "canary" not in name and "migrate" not in name} == {
        "checkout-ingressroute",
        "checkout-traefikservice",
    }


def test_no_canary_is_left_over_at_the_end_of_the_plan(minimal: Raw, planned_resources: Resources) -> None:
    minimal["canary"] = {"checkout": {"image": "checkout:2.0.0", "plan": "careful", "step": 4}}
    resources = planned_resources(minimal)
    assert not [one.name for one in resources if "canary" in json.dumps([one.name, one.inputs])]
    images = [one.inputs for one in resources if "checkout:1.0.0" in json.dumps(one.inputs)]
    assert images == []


def variant_of(resource: Planned) -> str:
    instance: str = resource.inputs["metadata"]["labels"]["app.kubernetes.io/instance"]
    return instance


@pytest.mark.parametrize("variant", ["brutal", "yorktown"])
def test_one_variants_image_changes_that_variants_objects_alone(
    variant: str, stack_name: str, stack_config: Files, planned_resources: Resources
) -> None:
    raw = stack_config(stack_name)
    others = [one for one in raw["variants"] if one != variant]
    before = planned_resources(raw | {"variants": [*others, variant]}, stack=stack_name)
    changed = raw | {"variants": [*others, {"name": variant, "image": "own:9.9.9"}]}
    after = planned_resources(changed, stack=stack_name)
    moved = changes(before, after)
    assert f"storefront-{variant}-deployment" in moved
    by_name = {one.name: one for one in [*before, *after]}
    assert {variant_of(by_name[name]) for name in moved} == {variant}


def test_a_components_args_say_what_its_split_is(stack_config: Files) -> None:
    components = {one.name: one for one in plan(load(stack_config("prod"), stack="prod"))}
    assert components["checkout-canary"].args == {"weight": 30, "stable": "1.4.2", "canary": "1.5.0"}
    assert components["checkout-canary"].parent == "checkout"


def test_the_split_sticks_for_an_hour_by_a_cookie_no_script_reads(minimal: Raw, planned_resources: Resources) -> None:
    minimal["canary"] = {"checkout": {"image": "checkout:2.0.0", "plan": "careful", "step": 1}}
    (split,) = (one for one in planned_resources(minimal) if one.type.endswith("TraefikService"))
    cookie = split.inputs["spec"]["weighted"]["sticky"]["cookie"]
    assert (cookie["secure"], cookie["httpOnly"], cookie["maxAge"]) == (True, True, 3600)
    # The shops' scripts call from hosts that may be other sites, and browsers send no other cookie along with that.
    assert cookie["sameSite"] == "none"


def test_a_new_configuration_is_a_new_config_map(minimal: Raw, planned_resources: Resources) -> None:
    def config_maps(raw: Raw) -> dict[str, Any]:
        return {one.name: one.inputs["data"] for one in planned_resources(raw) if one.type.endswith(":ConfigMap")}

    first = config_maps(minimal)
    assert all(one.inputs["immutable"] for one in planned_resources(minimal) if one.type.endswith(":ConfigMap"))
    for changed in (
        minimal | {"domain": "other.example"},
        minimal | {"variants": ["brutal", {"name": "hero", "theme": "red"}]},
        minimal | {"variants": ["brutal", "hero", "trust"]},
    ):
        second = config_maps(changed)
        assert first != second
        assert all(second[name] == first[name] for name in first.keys() & second.keys())
    # In production the test product is free, which is another content.
    assert config_maps(minimal | {"purpose": "disposable"}) == first
