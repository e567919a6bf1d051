"""Names keep stacks apart, and say the same for the same."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from fleet import naming

LABEL = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")


@given(data=st.data())
def test_different_stacks_have_different_labels(stack_names: st.SearchStrategy[str], data: st.DataObject) -> None:
    first, second = data.draw(stack_names), data.draw(stack_names)
    assert (naming.stack_label(first) == naming.stack_label(second)) == (first == second)


def test_stacks_that_look_alike_have_different_labels() -> None:
    alike = ["pr-1", "pr_1", "PR-1", "Pr-1", "pr.1", "pr/1", "pr-1-", "-pr-1", "pr--1", "pr  1", "\uff50r-1"]
    assert len({naming.stack_label(stack) for stack in alike}) == len(alike)


@given(stack=st.text(min_size=1, max_size=40))
def test_a_stacks_label_is_always_a_dns_label(stack: str) -> None:
    assert LABEL.fullmatch(naming.stack_label(stack))


@given(stack=st.from_regex(r"\A[a-z]([a-z0-9-]*[a-z0-9])?\Z"))
def test_a_stack_that_is_a_label_keeps_its_name(stack: str) -> None:
    assert naming.stack_label(stack) == stack


@given(data=st.dictionaries(st.text(max_size=5), st.text(max_size=5)))
def test_a_digest_does_not_depend_on_the_order_of_keys(data: dict[str, str]) -> None:
    assert naming.digest(data) == naming.digest(dict(reversed(data.items())))
    assert naming.digest(data) != naming.digest(data | {"more than five": ""})


def test_a_selector_never_names_the_version() -> None:
    keys = {"app.kubernetes.io/name", "app.kubernetes.io/instance", "track"}
    assert naming.selector("storefront", "brutal", naming.Track.CANARY).keys() == keys


def test_the_stable_release_has_the_workloads_own_name() -> None:
    names = [naming.released("checkout", track) for track in naming.Track]
    assert names == ["checkout", "checkout-canary"]
