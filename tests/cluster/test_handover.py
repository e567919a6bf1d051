"""Replicas or an autoscaler: the field changes hands on a real API server without the count ever changing."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.handover import HANDOVER, hand_over
from sandbox.kubectl import as_list
from sandbox.ownership import owners
from sandbox.wave import ARGUMENTS


def count(small_fleet: Any, kind: str = "deployment") -> int:
    return int(small_fleet.live(kind, "app")["spec"]["replicas"])


def test_dropping_the_count_naively_falls_to_one_and_the_hand_over_prevents_it(small_fleet: Any) -> None:
    small_fleet.apply(small_fleet.deployment("app", replicas=5))
    without = as_list([small_fleet.deployment("app").inputs])
    small_fleet.run(*ARGUMENTS, "-f", "-", stdin=without)
    assert count(small_fleet) == 1

    small_fleet.apply(small_fleet.deployment("app", replicas=5))
    generation = small_fleet.live("deployment", "app")["metadata"]["generation"]
    hand_over(small_fleet.cluster.kubectl, [small_fleet.deployment("app")])
    small_fleet.run(*ARGUMENTS, "-f", "-", stdin=without)
    assert count(small_fleet) == 5
    # Every change of the spec raises the generation: it never was anything but 5.
    assert small_fleet.live("deployment", "app")["metadata"]["generation"] == generation


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet"])
def test_switching_an_autoscaler_on_and_off_again_never_dips(small_fleet: Any, kind: str) -> None:
    workload = small_fleet.deployment if kind == "Deployment" else small_fleet.stateful_set
    small_fleet.apply(workload("app", replicas=5))
    on = [workload("app"), small_fleet.autoscaler("app", kind=kind, minimum=3, maximum=6)]
    assert small_fleet.apply(*on).created == (f"HorizontalPodAutoscaler {small_fleet.namespace}/app",)
    assert count(small_fleet, kind) == 5
    assert small_fleet.apply(*on).is_nothing
    small_fleet.apply(workload("app", replicas=4))
    assert count(small_fleet, kind) == 4
    assert not small_fleet.has("horizontalpodautoscaler", "app")
    assert small_fleet.apply(workload("app", replicas=4)).is_nothing


def test_a_count_that_the_autoscaler_wrote_is_taken_back_by_the_plan(small_fleet: Any) -> None:
    scaled = small_fleet.autoscaler("app", minimum=4, maximum=6)
    small_fleet.apply(small_fleet.deployment("app"), scaled)
    small_fleet.run("wait", "--for=jsonpath={.spec.replicas}=4", "deployment/app", "--timeout=120s")
    said = hand_over(small_fleet.cluster.kubectl, [small_fleet.deployment("app", replicas=2)])
    # The autoscaler first: it would set its minimum again at once.
    assert [line.partition(": ")[2] for line in said] == [
        "autoscaler app removed, the plan has none",
        "2 replicas taken back from its autoscaler",
    ]
    small_fleet.apply(small_fleet.deployment("app", replicas=2))
    assert count(small_fleet) == 2
    assert small_fleet.apply(small_fleet.deployment("app", replicas=2)).is_nothing
    assert count(small_fleet) == 2


def test_a_hold_that_is_not_needed_any_more_is_given_up(small_fleet: Any) -> None:
    small_fleet.apply(small_fleet.deployment("app", replicas=5))
    hand_over(small_fleet.cluster.kubectl, [small_fleet.deployment("app")])
    assert HANDOVER in {owner.manager for owner in owners(small_fleet.live("deployment", "app"), "spec", "replicas")}
    planned = small_fleet.deployment("app", replicas=5)
    hand_over(small_fleet.cluster.kubectl, [planned])
    held = owners(small_fleet.live("deployment", "app"), "spec", "replicas")
    assert {owner.manager for owner in held} == {"flotilla-sandbox"}
    assert count(small_fleet) == 5


def test_handing_over_twice_does_nothing_the_second_time(small_fleet: Any) -> None:
    small_fleet.apply(small_fleet.deployment("app", replicas=5))
    planned = [small_fleet.deployment("app")]
    assert len(hand_over(small_fleet.cluster.kubectl, planned)) == 1
    assert hand_over(small_fleet.cluster.kubectl, planned) == []


def test_a_workload_at_zero_is_held_at_one_because_zero_switches_autoscaling_off(small_fleet: Any) -> None:
    small_fleet.apply(small_fleet.deployment("app", replicas=0))
    small_fleet.apply(small_fleet.deployment("app"), small_fleet.autoscaler("app", minimum=2, maximum=3))
    small_fleet.run("wait", "--for=jsonpath={.spec.replicas}=2", "deployment/app", "--timeout=120s")
    assert count(small_fleet) == 2


def test_a_plan_that_was_never_applied_needs_no_hand_over(small_fleet: Any) -> None:
    small_fleet.apply()
    assert hand_over(small_fleet.cluster.kubectl, [small_fleet.deployment("app")]) == []
