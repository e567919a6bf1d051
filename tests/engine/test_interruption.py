"""An ``up`` whose engine is killed at the worst moment is healed by the next."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.conftest import Room, Shop

MADE = 25
"""Creations before the kill: past the namespace and the ServiceAccounts, before the last Deployment."""


@pytest.fixture(scope="module")
def killed(room: Room) -> Shop:
    """Give a stack whose engine was killed with SIGKILL after it made an object and before it noted so."""
    shop = room.shop("killed")
    room.faults.write_text(json.dumps({"kill_engine_after": MADE}))
    answer = shop.flotilla("up", "--yes")
    room.faults.unlink()
    assert answer.returncode == 1, answer.stdout
    return shop


def pending(shop: Shop) -> list[str]:
    """Give the URNs of the creations that the engine began and never saw the end of."""
    return [
        operation["resource"]["urn"] for operation in shop.stack.state()["deployment"].get("pending_operations") or []
    ]


def test_a_killed_up_leaves_a_lock_and_objects_that_the_state_does_not_know(killed: Shop) -> None:
    assert pending(killed)
    locked = killed.pulumi("up", "--yes", "--skip-preview")
    assert locked.returncode != 0
    assert "currently locked" in locked.stderr


def test_pulumi_alone_does_not_heal(killed: Shop, room: Room, tmp_path: Path) -> None:
    locks = room.folder / "state" / ".pulumi" / "locks"
    shutil.copytree(locks, tmp_path / "locks")
    assert killed.pulumi("cancel", "--yes").returncode == 0
    again = killed.pulumi("up", "--yes", "--skip-preview")
    assert again.returncode != 0
    assert "already exists" in again.stdout
    assert pending(killed)
    shutil.copytree(tmp_path / "locks", locks, dirs_exist_ok=True)


def test_attributes_of_a_checkpoint_that_the_kill_cut_short_make_pulumi_refuse_the_stack(
    killed: Shop, room: Room
) -> None:
    """Which they are now and then; here they are by hand, and the next test's ``flotilla up`` must heal that too."""
    (attributes,) = (room.folder / "state" / ".pulumi" / "stacks").rglob(f"{killed.name}.json.attrs")
    attributes.write_bytes(b"")
    assert "failed to load checkpoint: EOF" in killed.pulumi("stack", "export").stderr


def test_the_next_flotilla_up_heals_and_the_one_after_changes_nothing(killed: Shop) -> None:
    healed = killed.flotilla("up", "--yes")
    assert healed.returncode == 0, healed.stdout + healed.stderr
    assert f"{killed.name}.json.attrs: cut short by a run that was killed" in healed.stdout
    assert "removing the lock of" in healed.stdout
    assert "taken into the state" in healed.stdout
    assert pending(killed) == []
    again = killed.up()
    assert again.refusals == ()
    assert again.changes == {}


def test_a_creation_that_the_cluster_refuses_is_told_and_the_next_up_goes_on(room: Room) -> None:
    shop = room.shop("refused")
    room.faults.write_text(json.dumps({"fail_after": 20}))
    outcome = shop.up(record="failed-up")
    room.faults.unlink()
    assert any("refused on demand" in refusal for refusal in outcome.refusals)
    assert shop.up().refusals == ()
