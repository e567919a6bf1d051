"""Image references are parsed by the registry's grammar."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.images import Image, parse

PART = st.from_regex(r"\A[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*\Z").filter(lambda part: len(part) < 40)
HOST = st.one_of(
    st.just("localhost"),
    st.from_regex(r"\A[a-z0-9]{1,8}(\.[a-z0-9]{1,8}){1,2}(:[0-9]{1,5})?\Z"),
    st.from_regex(r"\A[a-zA-Z0-9]{1,8}:[0-9]{1,5}\Z"),
)
TAG = st.from_regex(r"\A[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}\Z")
DIGEST = st.from_regex(r"\Asha256:[0-9a-f]{64}\Z")
PATH = st.lists(PART, min_size=1, max_size=3).map("/".join)
IMAGES = st.builds(Image, st.none() | HOST, PATH, st.none() | TAG, st.none() | DIGEST)

# The grammar of github.com/distribution/reference as one expression: an oracle that shares nothing with the parser.
ORACLE = re.compile(
    r"(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*"
    r"(?::[0-9]+)?/)?[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*)*"
    r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?",
    re.ASCII,
)


def _is_read_as_it_is_written(image: Image) -> bool:
    first = image.path.partition("/")
    return image.host is not None or not (first[1] and ("." in first[0] or first[0] == "localhost"))


@given(IMAGES.filter(_is_read_as_it_is_written))
def test_what_is_formatted_parses_to_the_same_image(image: Image) -> None:
    if re.fullmatch(r"[a-f0-9]{64}", str(image)):
        return
    assert parse(str(image)) == image


@given(st.text("aZ0.:-_/@é ", max_size=14) | st.text("ab.:/-", max_size=10))
def test_the_parser_accepts_what_the_grammar_accepts(text: str) -> None:
    if parse(text) is not None:
        assert ORACLE.fullmatch(text)
    elif ORACLE.fullmatch(text):
        first, slash, rest = text.partition("/")
        assert slash
        assert first != first.lower() or not ORACLE.fullmatch(rest) or ":" in first


@pytest.mark.parametrize(
    ("text", "host", "path", "tag"),
    [
        ("nginx", None, "nginx", None),
        ("nginx:1.27", None, "nginx", "1.27"),
        ("library/nginx", None, "library/nginx", None),
        ("registry:5000/app", "registry:5000", "app", None),
        ("registry:5000/app:2", "registry:5000", "app", "2"),
        ("images.example/a/b:v1", "images.example", "a/b", "v1"),
        ("localhost/app", "localhost", "app", None),
        ("app:5000", None, "app", "5000"),
    ],
)
def test_a_colon_is_a_port_or_a_tag_by_its_place(text: str, host: str | None, path: str, tag: str | None) -> None:
    assert parse(text) == Image(host, path, tag, None)


@pytest.mark.parametrize(
    "tag",
    [
        "latest",
        "LATEST",
        "main",
        "mainline",
        "dev-latest",
        "7-latest",
        "rc",
        "edge",
        "stable-slim",
        "nightly-alpine3.20",
        "1-SNAPSHOT",
    ],
)
def test_branches_and_channels_move(tag: str) -> None:
    assert Image(None, "a", tag, None).mutable


@pytest.mark.parametrize(
    "tag", ["1.2.3", "v2", "20240101", "main-4f2a91c", "stable-20240101", "latest1", "maintenance"]
)
def test_versions_commits_and_dates_do_not_move(tag: str) -> None:
    assert not Image(None, "a", tag, None).mutable
