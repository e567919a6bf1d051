"""How an interrupted state is mended: pure, over states as Pulumi exports them."""

from __future__ import annotations

from typing import Any

import pytest

from ops.interruption import repair

URN = "urn:pulumi:dev::flotilla::"


def config_map(name: str, namespace: str = "shop") -> dict[str, Any]:
    """Give a ConfigMap's inputs."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": namespace}}


def live(name: str, manager: str = "pulumi-kubernetes") -> dict[str, Any]:
    """Give a ConfigMap as the cluster has it, made by ``manager``."""
    manifest = config_map(name)
    manifest["metadata"]["managedFields"] = [{"manager": manager, "operation": "Update"}]
    return manifest


def pending(name: str, token: str = "kubernetes:core/v1:ConfigMap", operation: str = "creating") -> dict[str, Any]:
    """Give an operation that the engine began and never saw the end of."""
    resource = {"urn": f"{URN}{token}::{name}", "custom": True, "type": token, "inputs": config_map(name)}
    return {"resource": resource, "type": operation}


def state(*operations: dict[str, Any]) -> dict[str, Any]:
    """Give a state with these pending operations and the stack's own resource."""
    own = {"urn": f"{URN}pulumi:pulumi:Stack::flotilla-dev", "type": "pulumi:pulumi:Stack"}
    return {"version": 3, "deployment": {"resources": [own], "pending_operations": list(operations)}}


def test_an_object_that_the_interrupted_run_made_is_taken_into_the_state_with_the_providers_id() -> None:
    mended = repair(state(pending("a")), [live("a")])
    added = mended.state["deployment"]["resources"][-1]
    assert mended.adopted == (added["urn"],)
    assert added["id"] == "shop/a"
    assert added["inputs"] == config_map("a")
    assert mended.state["deployment"]["pending_operations"] == []


def test_an_object_that_is_not_there_is_to_be_made_again() -> None:
    mended = repair(state(pending("a"), pending("b")), [live("b")])
    assert mended.dropped == (f"{URN}kubernetes:core/v1:ConfigMap::a",)
    assert len(mended.adopted) == 1


def test_an_object_that_somebody_else_made_is_not_taken() -> None:
    mended = repair(state(pending("a")), [live("a", manager="helm")])
    assert mended.adopted == ()
    assert len(mended.state["deployment"]["resources"]) == 1


def test_a_password_that_was_being_made_existed_nowhere_and_is_made_again() -> None:
    mended = repair(state(pending("p", "random:index/randomPassword:RandomPassword")), [])
    assert mended.dropped == (f"{URN}random:index/randomPassword:RandomPassword::p",)
    assert mended.state["deployment"]["pending_operations"] == []


def test_a_database_at_the_edge_that_may_exist_is_left_for_a_person() -> None:
    operation = pending("edge-database", "cloudflare:index/d1Database:D1Database")
    mended = repair(state(operation), [])
    assert mended.left == (operation["resource"]["urn"],)
    assert mended.state["deployment"]["pending_operations"] == [operation]


@pytest.mark.parametrize("operation", ["updating", "deleting", "reading"])
def test_an_interrupted_change_or_delete_is_simply_done_again(operation: str) -> None:
    mended = repair(state(pending("a", operation=operation)), [live("a")])
    assert (mended.adopted, mended.dropped, mended.left) == ((), (), ())
    assert mended.state["deployment"]["pending_operations"] == []


def test_a_state_without_interrupted_operations_stays_as_it_is() -> None:
    assert repair(state(), []).state == state()


def test_mending_does_not_touch_the_state_it_was_given() -> None:
    given = state(pending("a"))
    repair(given, [live("a")])
    assert given == state(pending("a"))
