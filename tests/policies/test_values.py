"""Whatever a resource holds becomes a plain value, and an unknown stays one."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_policy import proxy
from pulumi_policy.deserialize import deserialize_properties

from policies.values import SENTINELS, UNKNOWN, at, dotted, plain, unknowns

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text("ab", max_size=3),
    lambda one: st.lists(one, max_size=3) | st.dictionaries(st.text("ab", max_size=3), one, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text("ab", min_size=1, max_size=3), JSON))
def test_a_proxy_with_float_numbers_and_the_plain_value_are_alike(value: dict[str, Any]) -> None:
    as_sent = json.loads(json.dumps(value), parse_int=float)
    assert plain(proxy.unknown_checking_proxy(deserialize_properties(as_sent))) == value


def test_every_sentinel_of_the_sdk_is_unknown() -> None:
    known = {value for name, value in vars(proxy).items() if name.startswith("UNKNOWN_")}
    assert known == SENTINELS
    wrapped = proxy.unknown_checking_proxy({"a": sorted(known)})
    assert plain(wrapped) == {"a": [UNKNOWN] * len(known)}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (8080.0, 8080),
        (0.5, 0.5),
        (True, True),
        ({80: "a", True: "b", None: "c"}, {"80": "a", "true": "b", "null": "c"}),
        (dt.date(2024, 1, 2), "2024-01-02"),
        ({SIGNATURE: SECRET, "value": 80.0}, 80),
        ({SIGNATURE: SECRET, "plaintext": '"a"'}, "a"),
        ({SIGNATURE: SECRET, "ciphertext": "v1:x"}, UNKNOWN),
        ("[secret]", UNKNOWN),
    ],
)
def test_what_only_looks_different_is_made_alike(written: Any, expected: Any) -> None:
    assert plain({"it": written}) == {"it": expected}


def test_an_unknown_on_the_way_makes_the_field_unknown() -> None:
    assert at({"a": UNKNOWN}, "a", "b", 0) is UNKNOWN
    assert at({"a": {}}, "a", "b", 0) is None


def test_unknowns_are_found_along_a_pattern_and_nowhere_else() -> None:
    value = {"a": [{"b": UNKNOWN, "c": UNKNOWN}, UNKNOWN, {"b": 1}], "d": UNKNOWN}
    assert [dotted(path) for path in unknowns(value, ("a", "*", "b"))] == ["a[0].b", "a[1]"]
