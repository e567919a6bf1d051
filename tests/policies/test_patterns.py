"""Go's regular expressions, against Python's where the two agree; tests/traefik asks Go itself."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.patterns import PatternError, compile_pattern

SHARED = st.recursive(
    st.sampled_from(["a", "b", ".", "[ab]", "[^a]", r"\.", r"\w", "^", "$", r"\b"]),
    lambda inner: (
        st.builds("{}{}".format, inner, inner)
        | st.builds("(?:{}|{})".format, inner, inner)
        | st.builds("(?:{}){}".format, inner, st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{1,}", "*?"]))
    ),
    max_leaves=6,
)


@given(SHARED, st.text("ab.c", max_size=6))
def test_a_pattern_matches_what_it_matches_in_python(pattern: str, text: str) -> None:
    python = re.compile(pattern.replace("$", r"\Z"), re.ASCII)
    assert compile_pattern(pattern).found_in(text) == bool(python.search(text))


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("(?i)AB", "xab", True),
        ("(?i:A)b", "aB", False),
        ("(?s)a.b", "a\nb", True),
        ("a.b", "a\nb", False),
        ("(?m)^b$", "a\nb\nc", True),
        (r"\Qa.b\E", "axb", False),
        (r"\Qa.b\E", "a.b", True),
        ("[[:alpha:]-]+x", "a-x", True),
        ("[^[:digit:]]", "7", False),
        (r"\x61\x{62}\143", "abc", True),
        ("a{,2}", "a{,2}", True),
        ("(|a)*b", "aab", True),
        (r"\Aa\z", "a", True),
        (r"a\Bb", "ab", True),
        ("[]a]", "]", True),
        ("[a-]", "-", True),
    ],
)
def test_gos_own_forms(pattern: str, text: str, found: bool) -> None:  # noqa: FBT001
    assert compile_pattern(pattern).found_in(text) is found


@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        ")",
        "[a",
        "a**",
        "a{2}{3}",
        "*a",
        "(?=a)",
        "(?<!a)",
        r"\1",
        r"\Z",
        "[b-a]",
        "a{1001}",
        "a{2,1}",
        "(?x)a",
        "[[:no:]]",
        "\\",
        "|*",
        "(" * 300,
        "(" * 1_000 + ")" * 1_000,
        r"a\C",
        "(?P<\u00e9>a)",
        "{999999999999}",
        "(a{1000}){1000}",
        r"\pX",
    ],
)
def test_what_go_refuses_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        compile_pattern(pattern)


@pytest.mark.parametrize("pattern", [r"\p{Letter}", r"[\p{Script_That_Comes_Later}]", r"\pL{900}"])
def test_what_we_cannot_tell_is_not_compared(pattern: str) -> None:
    """Go may have names of classes that RE2 has not, and has room for larger programs."""
    assert not compile_pattern(pattern).is_comparable
    assert not compile_pattern(pattern).found_in("a")


def test_half_a_surrogate_pair_is_read_as_go_reads_it() -> None:
    assert compile_pattern("a\ud800").found_in("a\ufffd")
    assert compile_pattern("a.$").found_in("a\udfff")


@pytest.mark.parametrize(
    "pattern", [r"[Q]\QC\C\E", "[<(?P<\u00e9>]", r"\(?P<a>{9}", r"\{999999999999\}", r"\\C", "(?P<n>a)(?P<n>b)", "(?)"]
)
def test_what_go_takes_in_spite_of_its_looks_compiles(pattern: str) -> None:
    compile_pattern(pattern)


def test_no_pattern_takes_long() -> None:
    assert not compile_pattern("^(a|a)*(a*)*$").found_in("a" * 200 + "b")
