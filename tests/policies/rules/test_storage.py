"""What holds data is kept in production, and let go where it is there to be thrown away."""

from __future__ import annotations

from typing import Any

import pytest

from policies.judge import judge
from policies.purpose import Purpose
from policies.resources import Resource
from tests.policies.edge import ACCOUNT, UNKNOWN, database, entry, kubernetes, namespace, script, title

STORES = [
    ("D1Database", {"name": "a"}),
    ("R2Bucket", {"name": "abc"}),
    ("WorkersKvNamespace", {"title": "a"}),
    ("Queue", {"queueName": "a"}),
]
PROTECTED = "FLT-STORAGE-001"
METADATA = {"name": "database", "namespace": "shop"}
CLAIM: dict[str, Any] = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": METADATA, "spec": {}}
TEMPLATES: dict[str, Any] = {"volumeClaimTemplates": [{"metadata": {"name": "data"}}]}
STATEFUL: dict[str, Any] = {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": METADATA, "spec": TEMPLATES}


@pytest.mark.parametrize(("kind", "inputs"), STORES)
def test_a_production_store_at_the_edge_is_protected_and_retained(found: Any, kind: str, inputs: Any) -> None:
    def store(**options: bool) -> Any:
        return [namespace("production"), entry(kind, "s", accountId=ACCOUNT, **options, **inputs)]

    assert found(store(protect=True, retain=True)) == set()
    assert found(store(retain=True)) == {(PROTECTED, title(kind, "s"))}
    assert found(store()) == {(PROTECTED, title(kind, "s"))}
    assert found(store(protect=True)) == {("FLT-STORAGE-002", title(kind, "s"))}


@pytest.mark.parametrize("manifest", [CLAIM, STATEFUL])
def test_a_production_volume_is_protected(found: Any, manifest: Any) -> None:
    name = f"{manifest['kind']} shop/database"
    assert found([namespace("production"), kubernetes(manifest, protect=True)]) == set()
    assert found([namespace("production"), kubernetes(manifest)]) == {(PROTECTED, name)}


def test_a_statefulset_that_mounts_a_claim_holds_data_and_one_without_does_not(found: Any) -> None:
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": "database"}}
    pod = {"containers": [{"name": "a", "image": "a:1.0.0"}], "volumes": [volume]}
    keeps = STATEFUL | {"spec": {"template": {"spec": pod}}}
    assert found([namespace("production"), kubernetes(keeps)]) == {(PROTECTED, "StatefulSet shop/database")}
    assert found([namespace("production"), kubernetes(STATEFUL | {"spec": {"template": {"spec": {}}}})]) == set()


def test_a_production_namespace_is_protected(found: Any) -> None:
    bare = namespace("production", protect=False)
    assert found([bare]) == set(), "nothing in it would be lost"
    assert found([bare, CLAIM]) == {(PROTECTED, "Namespace shop")}
    assert found([namespace("production", protect=True), CLAIM]) == set()


def test_a_manifest_has_no_options_and_is_not_judged_on_them(found: Any) -> None:
    written = namespace("production")["inputs"]
    assert found([written, CLAIM, STATEFUL]) == set()
    assert found([namespace("production"), {"type": database()["type"], "name": "d", "inputs": {}}]) == set()


def test_a_state_shows_that_an_option_is_off_by_leaving_it_out(found: Any) -> None:
    unprotected = {"urn": "urn:pulumi:p::p::t::d", "type": database()["type"], "inputs": {"name": "d"}}
    assert found([namespace("production"), unprotected]) == {(PROTECTED, title("D1Database", "d"))}


def test_crossguard_hides_retain_on_delete_so_that_it_is_not_asked_for() -> None:
    seen = frozenset({"protect"})
    stores = [Resource(type=database()["type"], name="d", inputs={}, protect=keep, seen=seen) for keep in (True, False)]
    codes = [
        {one.rule.code for one in judge([namespace("production"), store]) if "STORAGE" in one.rule.code}
        for store in stores
    ]
    assert codes == [set(), {PROTECTED}]


@pytest.mark.parametrize("purpose", ["test", "disposable"])
def test_what_may_be_lost_needs_no_protection(found: Any, purpose: str) -> None:
    unprotected = database(protect=False)
    assert found([namespace("production"), unprotected]) == {(PROTECTED, title("D1Database", "catalogue"))}
    assert found([namespace(purpose, protect=False), unprotected, kubernetes(CLAIM)]) == set()


def test_a_store_without_purpose_or_protection_is_advised_on(found: Any) -> None:
    expected = {("FLT-STORAGE-003", title("D1Database", "catalogue"))}
    assert found([database(protect=False)]) == expected
    assert found([namespace(None), database(protect=False)]) == expected
    assert found([database()]) == set()
    assert found([entry("Queue", "q", queueName="q"), script()]) == set()
    assert found([database(protect=False)], purpose=Purpose.TEST) == set()
    assert found([database(protect=False)], purpose=Purpose.PRODUCTION) == {
        (PROTECTED, title("D1Database", "catalogue"))
    }


def test_a_disposable_stack_holds_nothing_back(found: Any) -> None:
    code = "FLT-STORAGE-004"
    loose = [namespace("disposable", protect=False), database(protect=False), kubernetes(CLAIM)]
    assert found(loose) == set()
    assert found([loose[0], database()]) == {(code, title("D1Database", "catalogue"))}
    assert found([loose[0], kubernetes(CLAIM, protect=True)]) == {(code, "PersistentVolumeClaim shop/database")}
    retained = entry("R2Bucket", "b", retain=True, name="abc")
    assert found([loose[0], retained]) == {(code, title("R2Bucket", "b"))}
    assert found([namespace("test"), database()]) == set()


def test_two_purposes_in_one_stack_judge_only_what_is_in_a_namespace(found: Any) -> None:
    both = [namespace("production"), namespace("test", "other", protect=False)]
    assert found([*both, kubernetes(CLAIM)]) == {(PROTECTED, "PersistentVolumeClaim shop/database")}
    assert found([*both, database()]) == set()


def test_unknown_inputs_change_nothing(found: Any) -> None:
    assert found([namespace("production"), database(UNKNOWN, "d"), database(UNKNOWN, "e")]) == set()
