"""Plans climb to 100 %, and no release is ever smaller than its share of the traffic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.load import load
from fleet.model import FleetSpec
from fleet.rollout import PLANS, Plan, share

Raw = dict[str, Any]


@pytest.mark.parametrize("plan", PLANS.values(), ids=lambda plan: plan.name)
def test_a_plan_climbs_and_ends_at_all_of_the_traffic(plan: Plan) -> None:
    climbed = [plan.weight(step) for step in range(plan.last_step + 1)]
    assert climbed == sorted(set(climbed))
    assert (climbed[0], climbed[-1]) == (0, 100)


def test_the_plans_are_those_of_the_systems_we_replace() -> None:
    assert PLANS["careful"].weights == (10, 30, 60, 100)
    assert PLANS["progressive"].weights == (5, 25, 100)


@pytest.mark.parametrize(("weight", "canary", "stable"), [(10, 1, 9), (30, 3, 7), (60, 6, 4)])
def test_ten_replicas_are_shared_as_finance_shares_them(weight: int, canary: int, stable: int) -> None:
    assert (share(10, weight), share(10, 100 - weight)) == (canary, stable)


@given(replicas=st.integers(1, 10_000), weight=st.integers(0, 100))
def test_a_share_is_never_less_than_the_weight_and_never_a_whole_pod_more(replicas: int, weight: int) -> None:
    shared = share(replicas, weight)
    assert shared * 100 >= replicas * weight
    assert shared == 1 or (shared - 1) * 100 < replicas * weight


@given(replicas=st.integers(1, 10_000), weight=st.integers(0, 100))
def test_a_release_with_all_of_the_traffic_has_all_replicas(replicas: int, weight: int) -> None:
    assert share(replicas, 100) == replicas
    assert 1 <= share(replicas, weight) <= replicas


@given(data=st.data())
def test_a_canary_that_ended_is_the_stable_release(
    raw_fleets: st.SearchStrategy[Raw], rendered: Callable[[FleetSpec], dict[str, bytes]], data: st.DataObject
) -> None:
    raw = data.draw(raw_fleets)
    ended, plain = dict(raw), dict(raw)
    ended["canary"], plain["canary"] = {}, {}
    for key, owner in (("checkout", "checkout"), ("storefronts", "storefront")):
        if key in raw.get("canary", {}):
            canary = raw["canary"][key]
            ended["canary"][key] = canary | {"step": PLANS[canary["plan"]].last_step}
            plain[owner] = raw[owner] | {"image": canary["image"]}
    assert rendered(load(ended, stack="dev")) == rendered(load(plain, stack="dev"))


def test_a_canary_divides_replicas_and_bounds_by_its_weight(minimal: Raw) -> None:
    minimal["checkout"] |= {"autoscaling": {"min": 4, "max": 9}}
    minimal["storefront"] |= {"replicas": 10}
    trial = {"plan": "careful", "step": 2}
    minimal["canary"] = {
        "checkout": {"image": "checkout:2.0.0", **trial},
        "storefronts": {"image": "storefront:2.0.0", **trial},
    }
    checkout, brutal, _ = load(minimal, stack="dev").workloads
    bounds = [(release.weight, release.scale.minimum, release.scale.maximum) for release in checkout.releases]
    assert bounds == [(70, 3, 7), (30, 2, 3)]
    assert [(release.weight, release.scale.minimum) for release in brutal.releases] == [(70, 7), (30, 3)]


def test_a_variant_with_its_own_image_takes_no_part_in_the_canary(minimal: Raw) -> None:
    minimal["variants"] = ["brutal", {"name": "hero", "image": "hero:1.0.0"}]
    minimal["canary"] = {"storefronts": {"image": "storefront:2.0.0", "plan": "careful", "step": 1}}
    brutal, hero = (variant.workload for variant in load(minimal, stack="dev").variants)
    assert brutal.canary is not None
    assert hero.canary is None
