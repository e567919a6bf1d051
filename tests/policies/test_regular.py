"""Go's regular expressions: the same answers as Python's where both mean the same, and no pattern that hangs."""

from __future__ import annotations

import re
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.regular_reader import RegularError, compiled

_ATOMS = st.sampled_from(
    ["a", "b", ".", r"\.", "[ab]", "[^a]", r"\d", r"\w", "-", "[a-z0-9-]", "(?:ab)", "^", "$", r"\b"]
)
_PATTERNS = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        st.builds("".join, st.lists(inner, min_size=1, max_size=4)),
        st.builds("(?:{})|{}".format, inner, inner),
        st.builds("(?:{}){}".format, inner, st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{0,}", "*?"])),
    ),
    max_leaves=8,
)


@given(_PATTERNS, st.text("ab1.-", max_size=6))
def test_it_answers_as_python_does(pattern: str, text: str) -> None:
    regular = compiled(pattern)
    assert regular is not None
    # Python's $ also stands before a last newline; there is none here.
    assert regular.matches(text) is bool(re.search(pattern, text))


@given(_PATTERNS)
def test_every_sample_of_a_pattern_without_edges_matches_it(pattern: str) -> None:
    plain = re.sub(r"\^(?!a)|\$|\\b", "", pattern.replace("[^a]", "b"))
    regular = compiled(plain) if not re.search(r"\(\?:\)|\|$|^\|", plain) else None
    for sample in regular.samples() if regular else ():
        assert regular is not None
        assert regular.matches(sample)


@given(st.text(r"a.*+?()[]{}|\^$-:1,P<>i", max_size=12))
def test_no_text_crashes_it(pattern: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            regular = compiled(pattern)
        except RegularError:
            return
    assert regular is None or regular.matches("aa") in (True, False)


@pytest.mark.parametrize("pattern", ["(.+)+X", "((a*)*)*b", "(a|a)*b", "(?:a{30}){30}", r"([\w.]+)+[^\w]$"])
def test_what_makes_others_backtrack_for_ever_is_answered(pattern: str) -> None:
    regular = compiled(pattern)
    assert regular is not None
    assert regular.matches("a" * 200) is False


@pytest.mark.parametrize(
    "pattern", ["*", "a**", "(", ")", "[a", "a{3,2}", "a{1001}", "(a{100}){100}", "(?!a)", "(?<=a)b", r"\1", "a\\"]
)
def test_what_go_refuses_is_refused(pattern: str) -> None:
    with pytest.raises(RegularError):
        compiled(pattern)


@pytest.mark.parametrize("pattern", [r"\p{Greek}", r"\Qa.b\E", "(?m)^a$", "a" * 3_000])
def test_what_is_not_understood_is_no_answer(pattern: str) -> None:
    assert compiled(pattern) is None
