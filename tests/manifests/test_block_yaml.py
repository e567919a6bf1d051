"""What the writer writes, PyYAML reads as it was: with its own parser, and with libyaml."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from manifests.block_yaml import document

LOADERS = (yaml.SafeLoader, yaml.CSafeLoader)
# Text that one reader or another takes for something else when it stands without quotes.
# fmt: off
HAZARDS = [
    "yes", "no", "on", "off", "y", "n", "Y", "N", "true", "false", "null", "Null", "NULL", "~", "=", "<<", "-", "?",
    ":", ".", "..", "...", "---", "1e3", "1E3", "1e+16", "0x1f", "0o17", "010", "0b1", "12:30", "1:2:3", "1_000", "+1",
    "-1", ".5", "5.", "1.5", ".inf", "-.inf", ".nan", ".NaN", "2020-01-01", "2020-01-01T00:00:00Z", "100m", "1Gi",
    "25%", "1e3Ki", "{}", "[]", "#", "a#b", "!tag", "&anchor", "*alias", "@at", "`tick`", "%percent", "|", ">", "a:",
    ":a", "a:b", "http://x:80", "'single'", '"double"', "\\", "\\n", "${stack}", "{{x}}", "", " ", "  lead", "trail ",
    "a b", "a  b", "a: b", "a #b", "- a", "\t", "a\tb", "\r\n", "\x00", "\x7f", "\x85", "\u2028", "\ufeff", "\xe9",
    "\U0001f389", "\ud7ff", "\ue000", "\ufffe", "\U0010ffff", "\\ud83d\\ude00", "Host(`a.b`)", "a\n", "a\nb", "a\n\n",
    "\na", "\n", "\n\n", " a\nb\n", "a\n b\n", "a \nb\n", "a\n  \nb\n", "a\n\nb\n", "#!x\ny\n", "---\na\n", "a\n---\n",
    "a\n...\n", "%a\nb\n", "\xe9\nb\n", "x" * 2000, "x " * 900, "a\n" * 500, "/run/secrets/a",
]
# fmt: on
texts = st.sampled_from(HAZARDS) | st.text() | st.lists(st.sampled_from(HAZARDS), max_size=4).map("".join)
keys = st.text(max_size=20) | st.sampled_from([one for one in HAZARDS if len(one) < 100])
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), texts)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=20
)
# An empty mapping has no block form; no object is one.
mappings = st.dictionaries(keys, values, min_size=1, max_size=5)


def same(written: Any, read: Any) -> bool:
    """Compare types too: True is no 1, and 1 is no 1.0."""
    if isinstance(written, dict):
        return (
            isinstance(read, dict) and list(written) == list(read) and all(same(written[k], read[k]) for k in written)
        )
    if isinstance(written, list | tuple):
        return isinstance(read, list) and len(written) == len(read) and all(map(same, written, read))
    return type(written) is type(read) and bool(written == read)


@settings(max_examples=150)
@given(value=mappings)
@example(value={"a": [[], {}, [[{}]], [{"b": []}], [["c\n"]], {"d": "e\n", "f": None}]})
@example(value={"a": 1e16, "b": 1e-7, "c": -0.0, "d": 2**70, "e": 1.5e300})
@example(value={"data": {"a\n": "b\n\n", "c": ["d\n\n", "e\n"]}, "end": "f\n\n"})
def test_what_is_written_is_read_as_it_was(value: Any) -> None:
    text = document(value)
    for loader in LOADERS:
        assert same(value, yaml.load(text, loader)), text


@pytest.mark.parametrize("text", HAZARDS, ids=ascii)
@pytest.mark.parametrize("loader", LOADERS)
def test_text_stays_text_wherever_it_stands(text: str, loader: Any) -> None:
    value = {"a": text, "b": [text, {"c": text}], "d": {"e": [[text]]}, "f": 1}
    if len(text) < 100:
        value["d"] = {text: text}
    assert same(value, yaml.load(document(value), loader))


@given(values=st.lists(mappings, min_size=2, max_size=4))
def test_documents_stay_apart(values: list[Any]) -> None:
    read = list(yaml.load_all("---\n".join(map(document, values)), yaml.CSafeLoader))
    assert same(values, read)


def test_a_tuple_is_a_list() -> None:
    assert yaml.safe_load(document({"a": ("b", ()), "c": ()})) == {"a": ["b", []], "c": []}


def test_ordinary_values_stand_plain_and_in_blocks() -> None:
    value = {
        "kind": "Deployment",
        "args": ["copy", "--immutable"],
        "image": "registry.example:5000/shops/a:1.2.3",
        "memory": "128Mi",
        "replicas": 3,
        "script": "set -eu\n\necho done\n",
        "version": "1.4",
        "answer": "yes",
    }
    assert document(value) == (
        "kind: Deployment\n"
        "args:\n- copy\n" + '- "--immutable"\n'
        "image: registry.example:5000/shops/a:1.2.3\n"
        "memory: 128Mi\n"
        "replicas: 3\n"
        "script: |\n  set -eu\n\n  echo done\n"
        'version: "1.4"\n'
        'answer: "yes"\n'
    )
