"""Storage outlives carelessness: protected stacks refuse to destroy it, disposable ones let it go."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.engine.conftest import Room, Shop

EDGE = {"accountId": "0123456789abcdef0123456789abcdef", "location": "weur"}


def lasting(fleet: dict[str, Any]) -> None:
    """Make the fleet one that must not lose its storage, at the edge and in the cluster."""
    fleet.update(purpose="test", edge=EDGE)


@pytest.fixture(scope="module")
def vault(room: Room) -> Shop:
    """Give a stack with edge storage that is up."""
    shop = room.shop("vault", lasting)
    assert shop.up(record="edge-up").refusals == ()
    return shop


def stored(room: Room) -> set[str]:
    """Give the types that the Cloudflare account holds."""
    return {key.split(":")[-1].split("/")[0] for key in json.loads(room.account.read_text())}


def test_another_location_in_the_stack_file_does_not_replace_edge_storage(vault: Shop) -> None:
    vault.edit(lambda fleet: fleet["edge"].update(location="enam"))
    outcome = vault.preview()
    assert outcome.refusals == ()
    assert "replace" not in outcome.changes
    vault.edit(lambda fleet: fleet["edge"].update(location="weur"))


def test_protected_storage_refuses_destroy_and_a_disposable_stack_lets_it_go(vault: Shop, room: Room) -> None:
    assert stored(room) == {"D1Database", "R2Bucket"}
    refused = vault.pulumi("destroy", "--yes", "--skip-preview")
    assert refused.returncode != 0
    assert "protect" in refused.stdout + refused.stderr
    assert stored(room) == {"D1Database", "R2Bucket"}
    claims = room.kubectl.items("get", "persistentvolumeclaims", "-n", vault.namespace)
    assert claims
    vault.edit(lambda fleet: fleet.update(purpose="disposable"))
    assert vault.up().refusals == ()
    let_go = vault.pulumi("destroy", "--yes", "--skip-preview")
    assert let_go.returncode == 0, let_go.stdout
    assert stored(room) == set()
