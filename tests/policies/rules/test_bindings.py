"""A Worker's bindings are whole, distinct, and of its own purpose."""

from __future__ import annotations

from typing import Any

import pytest

from policies import bindings
from policies.judge import judge
from tests.policies.edge import UNKNOWN, entry, namespace, script, title

WHOLE, DISTINCT, PURPOSE = "FLT-EDGE-018", "FLT-EDGE-019", "FLT-EDGE-020"
API = title("WorkersScript", "api")


def bound(*found: Any) -> Any:
    return script(bindings=[*found])


def whole(kind: str, name: str = "B") -> dict[str, Any]:
    return {"type": kind, "name": name} | {group[0]: "x" for group in bindings.REQUIRED[kind]}


@pytest.mark.parametrize("kind", sorted(bindings.REQUIRED))
def test_each_type_needs_its_fields_and_a_name(found: Any, kind: str) -> None:
    spec = whole(kind)
    assert found([bound(spec)]) == set()
    assert found([bound(spec | {key: UNKNOWN for key in spec if key != "type"})]) == set()
    assert found([bound({key: value for key, value in spec.items() if key != "name"})]) == {(WHOLE, API)}
    for group in bindings.REQUIRED[kind]:
        lacking = {key: value for key, value in spec.items() if key not in group}
        assert found([bound(lacking)]) == {(WHOLE, API)}, group
        assert found([bound(lacking | {group[-1]: "x"})]) == set()


@pytest.mark.parametrize("kind", ["kv", "r2", "secret", "D1Database", "durable_object", "d1_databases", "", None, 5])
def test_a_type_that_cloudflare_does_not_have_is_found(found: Any, kind: Any) -> None:
    assert found([bound({"type": kind, "name": "B", "text": "x", "bucketName": "x"})]) == {(WHOLE, API)}


def test_a_type_in_any_case_and_an_unknown_one_pass(found: Any) -> None:
    assert found([bound({"type": "R2_Bucket", "name": "B", "bucketName": "abc"})]) == set()
    assert found([bound({"type": UNKNOWN, "name": "B"})]) == set()
    assert found([script(bindings=UNKNOWN), bound(UNKNOWN)]) == set()


def test_an_empty_text_is_a_text_and_an_empty_bucket_name_is_none(found: Any) -> None:
    assert found([bound({"type": "plain_text", "name": "B", "text": ""})]) == set()
    assert found([bound({"type": "r2_bucket", "name": "B", "bucketName": ""})]) == {(WHOLE, API)}


def test_the_value_of_a_binding_is_never_shown() -> None:
    secret = "s3cr3t"
    messages = [one.message for one in judge([bound({"type": "r2", "name": "B", "text": secret, "key": secret})])]
    assert messages
    assert not any(secret in message for message in messages)


def test_two_bindings_of_a_name_are_found(found: Any) -> None:
    one, two = whole("d1", "DB"), whole("r2_bucket", "DB")
    assert found([bound(one, two | {"name": "FILES"})]) == set()
    assert found([bound(one, two)]) == {(DISTINCT, API)}
    assert found([bound(one | {"name": UNKNOWN}, two | {"name": UNKNOWN})]) == set()
    assert found([bound(one, two | {"name": "db"})]) == set()


def test_two_lists_of_version_5_share_one_space_of_names(found: Any) -> None:
    old = entry(
        "WorkerScript",
        "old",
        name="old",
        queueBindings=[{"binding": "Q", "queue": "orders"}],
        plainTextBindings=[{"name": "Q", "text": "x"}],
    )
    assert found([old]) == {(DISTINCT, title("WorkerScript", "old"))}


@pytest.mark.parametrize("kind", ["WorkersScript", "WorkerScript", "WorkerVersion"])
def test_all_that_carries_bindings_is_judged(found: Any, kind: str) -> None:
    item = entry(kind, "x", bindings=[{"type": "d1", "name": "DB"}])
    assert found([item]) == {(WHOLE, title(kind, "x"))}


@pytest.mark.parametrize("name", ["files-staging", "test-orders", "shop-dev", "preview", "pr-12-files"])
def test_a_production_worker_bound_to_a_test_resource_is_advised_on(found: Any, name: str) -> None:
    item = bound({"type": "r2_bucket", "name": "B", "bucketName": name})
    assert found([namespace("production"), item]) == {(PURPOSE, API)}
    assert found([namespace("test"), item]) == set()
    assert found([item]) == set()


@pytest.mark.parametrize(
    ("kind", "field"), [("r2_bucket", "bucketName"), ("queue", "queueName"), ("service", "service")]
)
def test_a_test_worker_bound_to_production_is_advised_on(found: Any, kind: str, field: str) -> None:
    item = bound({"type": kind, "name": "B", field: "orders-production"})
    for purpose in ("test", "disposable"):
        assert found([namespace(purpose), item]) == {(PURPOSE, API)}
    assert found([namespace("production"), item]) == set()


@pytest.mark.parametrize("name", ["shop-artifacts", "latest-files", "developers", "products", "delivery"])
def test_names_that_say_no_purpose_are_fine(found: Any, name: str) -> None:
    item = bound({"type": "r2_bucket", "name": "B", "bucketName": name})
    for purpose in ("production", "test", "disposable"):
        assert found([namespace(purpose), item]) == set()
