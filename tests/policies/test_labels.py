"""Labels match as the API server matches them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.labels import selects, service_selects
from policies.values import UNKNOWN

KEYS, VALUES = st.sampled_from("abc"), st.sampled_from("xyz")
LABELS = st.dictionaries(KEYS, VALUES)
EXPRESSIONS = st.lists(
    st.fixed_dictionaries(
        {"key": KEYS, "operator": st.sampled_from(["In", "NotIn", "Exists", "DoesNotExist"])},
        optional={"values": st.lists(VALUES, min_size=1)},
    ),
    max_size=3,
)


def _naive(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    for key, value in selector.get("matchLabels", {}).items():
        if key not in labels or labels[key] != value:
            return False
    for one in selector.get("matchExpressions", []):
        has, inside = one["key"] in labels, labels.get(one["key"]) in one.get("values", [])
        truth = {"In": has and inside, "NotIn": not (has and inside), "Exists": has, "DoesNotExist": not has}
        if not truth[one["operator"]]:
            return False
    return True


@given(LABELS, EXPRESSIONS, LABELS)
def test_a_selector_agrees_with_the_naive_model(wanted: Any, expressions: Any, labels: Any) -> None:
    selector = {"matchLabels": wanted, "matchExpressions": expressions}
    assert selects(selector, labels) is _naive(selector, labels)


@given(LABELS, LABELS)
def test_a_service_selects_what_carries_every_pair(wanted: dict[str, str], labels: dict[str, str]) -> None:
    assert service_selects(wanted, labels) is (bool(wanted) and wanted.items() <= labels.items())


@given(LABELS, EXPRESSIONS, LABELS, KEYS)
def test_an_unknown_label_is_in_doubt_or_does_not_matter(wanted: Any, expressions: Any, labels: Any, key: str) -> None:
    selector = {"matchLabels": wanted, "matchExpressions": expressions}
    answer = selects(selector, labels | {key: UNKNOWN})
    possible = {selects(selector, labels | {key: value}) for value in "xyz?"}
    assert answer is UNKNOWN or possible == {answer}


@pytest.mark.parametrize("empty", [None, {}])
def test_an_empty_selector_is_nothing_for_a_service_and_everything_for_the_rest(empty: Any) -> None:
    assert service_selects(empty, {"a": "x"}) is False
    assert selects(empty, {"a": "x"}) is True
