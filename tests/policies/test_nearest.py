"""A misspelling finds the name that was meant, and no other name is taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.nearest import distance, nearest

NAMES = (
    "containerPort",
    "env",
    "image",
    "imagePullPolicy",
    "livenessProbe",
    "name",
    "services",
    "stdin",
    "stdinOnce",
    "tty",
)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("imagepullpolicy", "imagePullPolicy"),
        ("image_pull_policy", "imagePullPolicy"),
        ("imagePullPolcy", "imagePullPolicy"),
        ("livenesProbe", "livenessProbe"),
        ("livnessProb", "livenessProbe"),
        ("service", "services"),
        ("nmae", "name"),
        ("containerports", "containerPort"),
    ],
)
def test_a_misspelling_finds_what_was_meant(written: str, meant: str) -> None:
    assert nearest(written, NAMES) == meant


@pytest.mark.parametrize("written", ["ports", "probe", "x", "env2env", "resources", ""])
def test_another_word_finds_nothing(written: str) -> None:
    assert nearest(written, NAMES) is None


WORDS = st.text("abc", max_size=6)


@given(WORDS, WORDS)
def test_distance_is_symmetric_and_zero_only_for_the_same(left: str, right: str) -> None:
    far = distance(left, right, 9)
    assert far == distance(right, left, 9)
    assert (far == 0) == (left == right)
    assert abs(len(left) - len(right)) <= far <= max(len(left), len(right))


def test_a_swap_is_one_step() -> None:
    assert distance("nmae", "name", 3) == 1
    assert distance("abcd", "wxyz", 2) == 3
