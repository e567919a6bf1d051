"""Samples of patterns: of every alternative, and never so many that a check hangs."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.pattern_samples import samples
from policies.patterns import PatternError, compile_pattern

_ATOMS = st.sampled_from(["a", "b", ".", r"\.", "[ab]", r"\d", r"\w", "-", "[a-z0-9-]", "(?:ab)", r"\Qa.b\E", r"\x61"])
_PATTERNS = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        st.builds("".join, st.lists(inner, min_size=1, max_size=4)),
        st.builds("(?:{}|{})".format, inner, inner),
        st.builds("(?:{}){}".format, inner, st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{0,}", "*?"])),
    ),
    max_leaves=8,
)


@given(_PATTERNS)
def test_every_sample_of_a_pattern_without_edges_matches_it(pattern: str) -> None:
    found = samples(pattern)
    assert found
    assert all(compile_pattern(f"^(?:{pattern})$").found_in(sample) for sample in found)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"^https://(a|b)\.shop$", ["https://a.shop", "https://b.shop"]),
        (r"^(?P<sub>[a-z]+\.)?shop$", ["shop", "a.shop"]),
        (r"x|(?i:[A-Z])\d{2}", ["x", "a11"]),
        (".+s", ["ws"]),
        ("[^/]+:[0-9]{0}", ["a:"]),
    ],
)
def test_samples_look_like_what_the_pattern_was_written_for(pattern: str, expected: list[str]) -> None:
    assert samples(pattern) == expected


@given(st.text(r"a.*+?()[]{}|^\$-:1,P<>iQE", max_size=12))
def test_no_pattern_that_compiles_crashes_it(pattern: str) -> None:
    try:
        compile_pattern(pattern)
    except PatternError:
        return
    assert len(samples(pattern)) <= 32


@pytest.mark.parametrize("pattern", ["(a|b)" * 100, "(" * 900 + "a" + ")" * 900, "a{31}" * 300])
def test_there_are_never_many_samples(pattern: str) -> None:
    assert 0 < len(samples(pattern)) <= 32


def test_a_pattern_that_nobody_wrote_by_hand_has_none() -> None:
    assert samples("a|" * 2_000) == []
    assert re.fullmatch("a*", samples("a" * 2_000)[0])
