"""A right stack file becomes a fleet, and what doesn't matter in it changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fleet.load import load
from fleet.model import FleetSpec
from fleet.naming import Track

Raw = dict[str, Any]
Fleets = st.SearchStrategy[Raw]
Names = st.SearchStrategy[str]
Files = Callable[[FleetSpec], dict[str, bytes]]


@given(data=st.data())
def test_any_right_configuration_becomes_a_fleet(raw_fleets: Fleets, stack_names: Names, data: st.DataObject) -> None:
    raw, stack = data.draw(raw_fleets), data.draw(stack_names)
    fleet = load(raw, stack=stack)
    names = {variant if isinstance(variant, str) else variant["name"] for variant in raw["variants"]}
    assert {variant.name for variant in fleet.variants} == names
    assert "$" not in fleet.namespace + fleet.domain


@given(data=st.data())
def test_hosts_are_unique_and_weights_sum_to_100(raw_fleets: Fleets, data: st.DataObject) -> None:
    fleet = load(data.draw(raw_fleets), stack="dev")
    hosts = [workload.host for workload in fleet.workloads]
    assert len(set(hosts)) == len(hosts)
    for workload in fleet.workloads:
        assert sum(release.weight for release in workload.releases) == 100
        assert workload.stable.track is Track.STABLE
        assert all(1 <= release.scale.minimum <= release.scale.maximum for release in workload.releases)


@given(data=st.data())
def test_the_order_of_variants_changes_nothing(raw_fleets: Fleets, rendered: Files, data: st.DataObject) -> None:
    raw = data.draw(raw_fleets)
    shuffled = raw | {"variants": data.draw(st.permutations(raw["variants"]))}
    first, second = load(raw, stack="dev"), load(shuffled, stack="dev")
    assert first == second
    assert rendered(first) == rendered(second)


@given(data=st.data())
def test_a_bare_name_says_as_much_as_a_mapping_with_only_a_name(raw_fleets: Fleets, data: st.DataObject) -> None:
    raw = data.draw(raw_fleets)
    spelled = [{"name": one} if isinstance(one, str) else one for one in raw["variants"]]
    assert load(raw, stack="dev") == load(raw | {"variants": spelled}, stack="dev")


@given(data=st.data())
def test_identity_never_depends_on_display(
    raw_fleets: Fleets, planned_resources: Callable[..., list[Any]], data: st.DataObject
) -> None:
    raw = data.draw(raw_fleets)
    mappings = [{"name": one} if isinstance(one, str) else one for one in raw["variants"]]
    shown = raw | {"name": "another", "variants": [one | {"theme": "another"} for one in mappings]}
    assert identities(planned_resources(raw)) == identities(planned_resources(shown))


def identities(resources: list[Any]) -> list[tuple[str, str, str]]:
    """Give what each object is known by; two kinds carry a digest of their content in both of their names."""
    hashed = ("ConfigMap", "Job")
    return [
        (resource.type, resource.name, str(resource.inputs.get("metadata", {}).get("name")))
        for resource in resources
        if not resource.type.endswith(hashed)
    ]


def test_hosts_follow_from_names_unless_they_are_given(minimal: Raw) -> None:
    minimal["variants"] = ["brutal", {"name": "hero", "host": "hero.example.org"}]
    fleet = load(minimal, stack="dev")
    assert [workload.host for workload in fleet.workloads] == [
        "checkout.shops.example",
        "brutal.shops.example",
        "hero.example.org",
    ]


def test_a_variant_has_what_the_storefront_has_unless_it_says_otherwise(minimal: Raw) -> None:
    minimal["storefront"] |= {"autoscaling": {"min": 2, "max": 5}, "environment": {"A": "shared", "B": "shared"}}
    own = {"name": "hero", "replicas": 3, "environment": {"B": "own"}, "image": "docker.io/acme/hero:7.0.0"}
    minimal["variants"] = ["brutal", own]
    brutal, hero = (variant.workload for variant in load(minimal, stack="dev").variants)
    assert (brutal.stable.scale.autoscaled, hero.stable.scale.autoscaled) == (True, False)
    assert hero.stable.scale.minimum == hero.stable.scale.maximum == 3
    assert hero.environment == {"A": "shared", "B": "own"}
    assert brutal.stable.image.reference == "registry.example/storefront:1.0.0"
    assert hero.stable.image.reference == "docker.io/acme/hero:7.0.0"
