"""Review stacks are copies of one file and share nothing: no host, no object, no storage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fleet.errors import UsageError
from fleet.load import load
from manifests.plan import Planned

Raw = dict[str, Any]
Files = Callable[[str], Raw]
Resources = Callable[..., list[Planned]]
EDGE = {"accountId": "0" * 32, "location": "weur"}


def owned(raw: Raw, stack: str, planned_resources: Resources) -> set[tuple[str, ...]]:
    """Give everything that another stack could take away: hosts, objects, storage."""
    taken: set[tuple[str, ...]] = {("host", workload.host) for workload in load(raw, stack=stack).workloads}
    for resource in planned_resources(raw, stack=stack):
        if resource.is_kubernetes:
            meta = resource.inputs["metadata"]
            taken.add((resource.inputs["kind"], meta.get("namespace", ""), meta["name"]))
        elif resource.is_edge:
            taken.add((resource.type, resource.inputs["name"]))
    return taken


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("pr-1", "pr-2"),
        ("pr-1", "PR_1"),
        ("pr-acme_x/12", "pr-acme-x-12"),
        ("pr-acme_x/12", "pr-acme.x.12"),
        ("pr-1", "pr-1-"),
        ("feature.x", "feature-x"),
        ("pr", "pr-pr"),
        ("brutal", "hero"),
    ],
)
def test_two_review_stacks_share_nothing(
    first: str, second: str, stack_config: Files, planned_resources: Resources
) -> None:
    raw = stack_config("pr") | {"edge": EDGE}
    one, other = owned(raw, first, planned_resources), owned(raw, second, planned_resources)
    assert {kind for kind, *_ in one} >= {"host", "Namespace", "cloudflare:index/d1Database:D1Database"}
    assert one.isdisjoint(other)


@given(data=st.data())
def test_no_two_stack_names_share_anything(
    stack_names: st.SearchStrategy[str], stack_config: Files, planned_resources: Resources, data: st.DataObject
) -> None:
    first, second = data.draw(stack_names), data.draw(stack_names)
    assume(first != second)
    raw = stack_config("pr") | {"edge": EDGE}
    assert owned(raw, first, planned_resources).isdisjoint(owned(raw, second, planned_resources))


def test_a_stack_whose_name_is_too_long_is_refused_and_not_cut(stack_config: Files) -> None:
    with pytest.raises(UsageError, match="shorten it or the stack's name"):
        load(stack_config("pr"), stack="pr-" + "x" * 60)


def test_the_stacks_of_this_repository_share_nothing(stack_config: Files, planned_resources: Resources) -> None:
    everything: set[tuple[str, ...]] = set()
    for stack in ("dev", "staging", "prod", "pr"):
        taken = owned(stack_config(stack), stack, planned_resources)
        assert everything.isdisjoint(taken)
        everything |= taken
