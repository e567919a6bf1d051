"""Waves: each resource comes after what it needs, as early as it can, and a plan that contradicts itself is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifests.plan import PlanError, Planned, waves


def resource(name: str, *needs: str) -> Planned:
    return Planned(type="kubernetes:core/v1:ConfigMap", name=name, inputs={}, needs=needs)


@st.composite
def plans(draw: st.DrawFn) -> list[Planned]:
    """Give plans whose needs point backwards, then shuffled: any plan without a circle."""
    names = [f"r{index}" for index in range(draw(st.integers(0, 12)))]
    needs = [
        draw(st.sets(st.sampled_from(names[:index]), max_size=3)) if index else set() for index in range(len(names))
    ]
    made = [resource(name, *sorted(needed)) for name, needed in zip(names, needs, strict=True)]
    return draw(st.permutations(made))


@given(plan=plans())
def test_every_resource_comes_once_and_after_its_needs(plan: list[Planned]) -> None:
    done: set[str] = set()
    for wave in waves(plan):
        assert wave
        assert all(done.issuperset(one.needs) for one in wave)
        assert done.isdisjoint(one.name for one in wave)
        done.update(one.name for one in wave)
    assert done == {one.name for one in plan}


@given(plan=plans())
def test_every_resource_comes_as_early_as_it_can(plan: list[Planned]) -> None:
    wave_of = {one.name: number for number, wave in enumerate(waves(plan)) for one in wave}
    for one in plan:
        assert wave_of[one.name] == max((wave_of[need] + 1 for need in one.needs), default=0)


@given(plan=plans())
def test_a_wave_keeps_the_plans_order(plan: list[Planned]) -> None:
    place = {one.name: index for index, one in enumerate(plan)}
    for wave in waves(plan):
        assert wave == sorted(wave, key=lambda one: place[one.name])


def test_an_unknown_need_is_refused() -> None:
    with pytest.raises(PlanError, match=r"^a needs c, d, which the plan does not have$"):
        list(waves([resource("a", "b", "c", "d"), resource("b")]))


def test_a_name_taken_twice_is_refused() -> None:
    with pytest.raises(PlanError, match=r"^planned twice under one logical name: a, b$"):
        list(waves([resource("b"), resource("a"), resource("a"), resource("b"), resource("c")]))


def test_a_circle_is_refused_after_what_stands_outside_it() -> None:
    circular = waves([resource("free"), resource("a", "b"), resource("b", "c"), resource("c", "a")])
    assert [one.name for one in next(circular)] == ["free"]
    with pytest.raises(PlanError, match=r"^these need each other in a circle: a, b, c$"):
        next(circular)


def test_a_resource_that_needs_itself_is_a_circle() -> None:
    with pytest.raises(PlanError, match=r"circle: a$"):
        list(waves([resource("a", "a")]))
