"""Which volumes of before are of no use to a claim any more, told without a cluster."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.volumes import is_left


def volume(phase: str, uid: str | None) -> dict[str, Any]:
    return {"spec": {"claimRef": {"name": "data"} | ({} if uid is None else {"uid": uid})}, "status": {"phase": phase}}


def claim(uid: str) -> dict[str, Any]:
    return {"metadata": {"uid": uid}}


@pytest.mark.parametrize(
    ("live", "its_claim", "left"),
    [
        (volume("Available", None), None, False),
        (volume("Available", None), claim("1"), False),
        (volume("Bound", "1"), claim("1"), False),
        (volume("Released", "1"), claim("2"), True),
        (volume("Failed", "1"), None, True),
    ],
    ids=["is for a claim to come", "is for one that came just now", "is bound", "is released", "has failed"],
)
def test_a_volume_is_kept_for_its_claim_until_that_is_gone(
    live: dict[str, Any], its_claim: dict[str, Any] | None, *, left: bool
) -> None:
    assert is_left(live, its_claim) is left


@pytest.mark.parametrize("its_claim", [None, claim("2")], ids=["gone", "made anew"])
def test_one_whose_claim_is_gone_is_left_also_before_its_controller_has_seen_that(its_claim: Any) -> None:
    assert is_left(volume("Bound", "1"), its_claim)
