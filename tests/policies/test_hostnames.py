"""What a certificate's names cover, and what is still to be filled in."""

from __future__ import annotations

import pytest

from policies import hostnames


@pytest.mark.parametrize(
    ("host", "names", "covered"),
    [
        ("a.b.c", ["*.b.c"], True),
        ("b.c", ["*.b.c"], False),
        ("x.a.b.c", ["*.b.c"], False),
        ("A.b.C.", ["a.B.c"], True),
        ("*.b.c", ["*.b.c"], True),
        ("*.b.c", ["a.b.c"], False),
        ("localhost", ["*."], False),
        ("a.b", [], False),
    ],
)
def test_a_wildcard_stands_for_one_label(host: str, names: list[str], covered: bool) -> None:  # noqa: FBT001
    assert hostnames.covered(host, names) is covered


@pytest.mark.parametrize("pattern", [".+", ".*", "^.+$", "^.*$", r"^[\w.:-]+$", "."])
def test_a_pattern_for_everything_is_known_by_what_it_takes(pattern: str) -> None:
    assert hostnames.matches_everything(pattern)


@pytest.mark.parametrize("pattern", [r"^.+\.example$", "^[a-z]+$", "(", r"\pL"])
def test_a_pattern_for_some_hosts_is_none_for_everything(pattern: str) -> None:
    assert not hostnames.matches_everything(pattern)
