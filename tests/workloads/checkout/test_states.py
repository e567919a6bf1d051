from __future__ import annotations

import pytest

from checkout.states import ALLOWED, RANK, Status


def test_every_state_says_from_where_it_may_be_reached() -> None:
    assert set(ALLOWED) == set(RANK) == set(Status)


@pytest.mark.parametrize("target", Status)
def test_no_move_ever_lowers_the_rank(target: Status) -> None:
    assert all(RANK[source] < RANK[target] for source in ALLOWED[target])


def test_money_that_arrives_after_an_expiry_is_owed() -> None:
    assert {Status.EXPIRED, Status.FAILED} <= set(ALLOWED[Status.PAID])


def test_only_what_is_paid_is_handed_out() -> None:
    assert ALLOWED[Status.FULFILLED] == (Status.PAID,)
