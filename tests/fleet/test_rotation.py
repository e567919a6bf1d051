"""Two roles take turns: whoever is signed in keeps the password that he signed in with."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fleet.model import RoleSpec
from fleet.rotation import roles


def in_use(generation: int) -> RoleSpec:
    (one,) = (role for role in roles("shop", generation) if role.in_use)
    return one


def passwords(generation: int) -> dict[str, int]:
    return {role.name: role.generation for role in roles("shop", generation)}


def test_the_first_signs_in_first() -> None:
    assert in_use(1).name == "shop_a"
    assert passwords(1) == {"shop_a": 1, "shop_b": 1}


@given(st.integers(min_value=1, max_value=10**6))
def test_a_raise_makes_one_password_new_that_nobody_used_and_gives_it_the_turn(generation: int) -> None:
    before, after = passwords(generation), passwords(generation + 1)
    (changed,) = (name for name in before if before[name] != after[name])
    assert changed != in_use(generation).name
    assert changed == in_use(generation + 1).name
    assert after[changed] == before[changed] + 1
