"""No change takes data away without being noticed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from policies.judge import judge
from policies.resources import from_document
from tests.policies.edge import entry, kubernetes, namespace, script, state, title

LASTING, MEANT = "FLT-STORAGE-005", "FLT-STORAGE-006"
DATABASE = title("D1Database", "catalogue")


def step(operation: str, old: Any, new: Any = None, *reasons: str) -> dict[str, Any]:
    """Make a step as the engine's preview writes it (pulumi 3.260)."""
    found = {"op": operation, "urn": state(old)["urn"], "oldState": state(old)}
    if new is not None:
        found["newState"] = state(new)
    if reasons:
        kinds = {key: {"kind": "update-replace", "inputDiff": False} for key in reasons}
        found |= {"diffReasons": [*reasons], "replaceReasons": [*reasons], "detailedDiff": kinds}
    return found | ({} if reasons else {"detailedDiff": None})


def told(document: Any) -> list[tuple[str, str, str, str]]:
    """Judge a document; give code, resource, field and message of what is about storage."""
    found = judge(from_document(document))
    return [
        (one.rule.code, one.resource.title, ".".join(map(str, one.path)), one.message)
        for one in found
        if one.rule.code in {LASTING, MEANT}
    ]


def codes(steps: Iterable[Any]) -> set[tuple[str, str]]:
    return {(code, name) for code, name, _, _ in told({"steps": [*steps]})}


SHOP = step("same", namespace("production"), namespace("production"))
OLD = entry("D1Database", "catalogue", protect=True, name="catalogue")
NEW = entry("D1Database", "catalogue", protect=True, name="products")
BUCKET = entry("R2Bucket", "artifacts", protect=True, name="artifacts")


def test_a_replacement_of_a_production_database_is_found_and_names_the_field() -> None:
    assert told({"steps": [SHOP, step("update", OLD, OLD)]}) == []
    expected = "holds data (D1 database) and is replaced for a change of name: the new one starts empty"
    assert told({"steps": [SHOP, step("replace", OLD, NEW, "name")]}) == [(LASTING, DATABASE, "name", expected)]


def test_a_replacement_that_is_shown_in_three_steps_is_found_once() -> None:
    three = [step("delete-replaced", OLD), step("replace", OLD, NEW, "name"), step("create-replacement", OLD, NEW)]
    for steps in (three, three[::-1]):
        assert [said[:3] for said in told({"steps": [SHOP, *steps]})] == [(LASTING, DATABASE, "name")]


def test_what_leaves_is_no_resource_to_other_rules() -> None:
    broken = entry("R2Bucket", "artifacts", protect=True, retain=False, name="Not_A_Name")
    made, gone = step("create", broken, broken), step("delete", broken)
    assert "FLT-EDGE-001" in {one.rule.code for one in judge(from_document({"steps": [SHOP, made]}))}
    assert {one.rule.code for one in judge(from_document({"steps": [SHOP, gone]}))} == {LASTING}


@pytest.mark.parametrize(
    ("item", "name"),
    [
        (BUCKET, title("R2Bucket", "artifacts")),
        (entry("WorkersKvNamespace", "kv", title="kv"), title("WorkersKvNamespace", "kv")),
        (entry("Queue", "q", queueName="q"), title("Queue", "q")),
        (
            kubernetes(
                {
                    "apiVersion": "v1",
                    "kind": "PersistentVolumeClaim",
                    "metadata": {"name": "data", "namespace": "shop"},
                }
            ),
            "PersistentVolumeClaim shop/data",
        ),
        (
            kubernetes({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "disk"}}),
            "PersistentVolume disk",
        ),
        (
            kubernetes(
                {
                    "apiVersion": "apps/v1",
                    "kind": "StatefulSet",
                    "metadata": {"name": "db", "namespace": "shop"},
                    "spec": {"volumeClaimTemplates": [{"metadata": {"name": "data"}}]},
                }
            ),
            "StatefulSet shop/db",
        ),
    ],
)
def test_a_deletion_of_anything_that_holds_data_is_found(item: Any, name: str) -> None:
    assert codes([SHOP, step("same", item, item)]) == set()
    assert codes([SHOP, step("delete", item)]) == {(LASTING, name)}


def test_the_deletion_of_the_namespace_itself_still_tells_its_purpose() -> None:
    assert codes([step("delete", namespace("production")), step("delete", OLD)]) == {
        (LASTING, "Namespace shop"),
        (LASTING, DATABASE),
    }
    assert codes([step("delete", namespace("disposable", protect=False)), step("delete", OLD)]) == set()


@pytest.mark.parametrize("operation", ["same", "update", "create", "refresh", "read", "discard", "import"])
def test_other_steps_take_nothing_away(operation: str) -> None:
    assert codes([SHOP, step(operation, OLD, OLD)]) == set()


def test_what_can_be_made_again_may_be_replaced() -> None:
    password = {"type": "random:index/randomPassword:RandomPassword", "name": "p", "inputs": {}, "opts": {}}
    assert codes([SHOP, step("replace", script(), script(), "scriptName"), step("delete", password)]) == set()


def test_what_is_retained_may_leave_the_stack_but_not_be_replaced() -> None:
    kept = entry("D1Database", "catalogue", retain=True, name="catalogue")
    assert codes([SHOP, step("delete", kept)]) == set()
    assert codes([SHOP, step("replace", kept, NEW, "name")]) == {(LASTING, DATABASE)}


@pytest.mark.parametrize("purpose", ["test", "disposable"])
def test_what_may_be_lost_may_be_replaced(purpose: str) -> None:
    loose = step("same", namespace(purpose, protect=False), namespace(purpose, protect=False))
    assert codes([loose, step("replace", OLD, NEW, "name"), step("delete", BUCKET)]) == set()


def test_without_a_purpose_only_what_was_protected_is_surely_a_mistake() -> None:
    unprotected = entry("D1Database", "catalogue", name="catalogue")
    assert codes([step("replace", unprotected, NEW, "name")]) == {(MEANT, DATABASE)}
    assert codes([step("replace", OLD, NEW, "name")]) == {(LASTING, DATABASE)}


def test_a_state_tells_what_an_interrupted_update_left() -> None:
    def deployment(*resources: Any) -> Any:
        return {"version": 3, "deployment": {"resources": [state(namespace("production")), *resources]}}

    assert told(deployment(state(OLD))) == []
    deleting = told(deployment(state(OLD), state(OLD, delete=True)))
    assert [(code, name) for code, name, _, _ in deleting] == [(LASTING, DATABASE)]
    replacing = told(deployment(state(OLD, pendingReplacement=True)))
    assert [(code, name) for code, name, _, _ in replacing] == [(LASTING, DATABASE)]
    assert "deleted by an update that was interrupted" in replacing[0][3]


def test_the_path_of_a_nested_reason_leads_into_the_inputs() -> None:
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "d", "namespace": "shop"}}
    old = kubernetes(claim | {"spec": {"accessModes": ["ReadWriteOnce"]}})
    new = kubernetes(claim | {"spec": {"accessModes": ["ReadWriteMany"]}})
    found = told({"steps": [SHOP, step("replace", old, new, "spec.accessModes[0]")]})
    assert [said[2] for said in found] == ["spec.accessModes.0"]


@pytest.mark.parametrize("junk", [None, 1, "x", [], {}, {"op": 1, "oldState": 2}, {"op": "replace", "oldState": {}}])
def test_a_step_that_is_no_step_is_passed_over(junk: Any) -> None:
    assert told({"steps": [SHOP, junk, step("delete", OLD)]}) != []
