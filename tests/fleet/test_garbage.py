"""Whatever stands in a stack file, the answer is a fleet or lines, and never a traceback."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterator
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from fleet.errors import UsageError
from fleet.load import load

Raw = dict[str, Any]
Place = tuple[Any, Any]

# What YAML can say and JSON can't is part of it: keys that are no text, dates.
keys = st.text(max_size=6) | st.sampled_from(["name", "image", "variants", "host", "min", "a\nb", "\u2028"])
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["app:1.0.0", "a.example", dt.date(2020, 1, 1), "${stack}", "", "0" * 300]),
)
odd_keys = keys | st.integers() | st.booleans() | st.none() | st.just(dt.date(2020, 1, 1))
garbage = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(odd_keys, inner, max_size=3), max_leaves=8
)


def answer(raw: object, *, stack: str = "dev") -> list[str]:
    """Load, and hold every line of a refusal to what a line must be."""
    try:
        load(raw, stack=stack, secret_keys={})
    except UsageError as error:
        said = str(error)
    else:
        return []
    lines = said.split("\n")
    assert lines == said.splitlines(), "a value broke a line"
    for line in lines:
        assert line.startswith(f"Pulumi.{stack}.yaml: flotilla:"), line
        assert "; " in line, line
        assert "stand-in" not in line, line
    assert len(set(lines)) == len(lines)
    return lines


@given(raw=garbage)
@example(raw={"checkout": {"environment": {5: "x", "1bad": "x"}}})
@example(raw={True: 1})
def test_garbage_is_answered_with_lines(raw: Any) -> None:
    assert answer(raw)


def places(value: Any) -> Iterator[Place]:
    """Give every container and key that something could be put at."""
    items: Any = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in list(items):
        yield value, key
        if isinstance(item, dict | list):
            yield from places(item)


@settings(max_examples=200)
@given(data=st.data())
def test_a_wrong_value_anywhere_is_answered_with_lines(raw_fleets: st.SearchStrategy[Raw], data: st.DataObject) -> None:
    raw = copy.deepcopy(data.draw(raw_fleets))
    for _ in range(data.draw(st.integers(1, 3))):
        container, key = data.draw(st.sampled_from(list(places(raw))))
        container[key] = data.draw(garbage)
    answer(raw)


@settings(max_examples=100)
@given(data=st.data())
def test_a_wrong_key_anywhere_is_answered_with_lines(raw_fleets: st.SearchStrategy[Raw], data: st.DataObject) -> None:
    raw = copy.deepcopy(data.draw(raw_fleets))
    mappings = [raw, *(item[key] for item, key in places(raw) if isinstance(item[key], dict))]
    data.draw(st.sampled_from(mappings))[data.draw(odd_keys)] = data.draw(garbage)
    answer(raw)


@given(data=st.data())
def test_a_missing_key_is_answered_with_one_line(raw_fleets: st.SearchStrategy[Raw], data: st.DataObject) -> None:
    raw = copy.deepcopy(data.draw(raw_fleets))
    required = data.draw(st.sampled_from(["name", "namespace", "domain", "purpose", "cluster", "registry", "variants"]))
    del raw[required]
    found = [line for line in answer(raw) if "fleet." in line]
    assert found == [f"Pulumi.dev.yaml: flotilla:fleet.{required}: is missing; add it"]
