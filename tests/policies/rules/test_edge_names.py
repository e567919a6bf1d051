"""Names and places at the edge are ones that Cloudflare takes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.policies.edge import ACCOUNT, UNKNOWN, bucket, database, entry, script, title

VALID, CHOICE, BOTH, REPLICATION, UNIQUE = (f"FLT-EDGE-00{number}" for number in range(1, 6))
D1, R2 = title("D1Database", "x"), title("R2Bucket", "x")
NAMES = [
    ("R2Bucket", "name", ["abc", "shop-artifacts", "0a0", "a" * 63]),
    ("D1Database", "name", ["a", "Shop_Catalogue-2", "0a"]),
    ("WorkersKvNamespace", "title", ["A title, with spaces", "x" * 512]),
    ("Queue", "queueName", ["q", "shop-orders", "a" * 63]),
    ("WorkersScript", "scriptName", ["this-is_my_script-01", "_a"]),
    ("Worker", "name", ["shop-api"]),
]
WRONG = {
    "R2Bucket": ["ab", "Shop", "shop_artifacts", "-shop", "shop-", "a.b.c", "a" * 64],
    "D1Database": ["-a", "a b", "_a", "ä"],
    "WorkersKvNamespace": ["x" * 513],
    "Queue": ["Shop", "shop_orders", "-a", "a" * 64],
    "WorkersScript": ["Shop", "-shop", "shop.api", "shop api"],
    "Worker": ["Shop"],
}


@pytest.mark.parametrize(("kind", "field", "names"), NAMES)
def test_a_name_is_made_of_what_the_type_allows(found: Any, kind: str, field: str, names: Any) -> None:
    more: dict[str, Any] = {"readReplication": {"mode": "auto"}} if kind == "D1Database" else {}
    for name in (*names, UNKNOWN, None):
        assert found([entry(kind, "x", **{field: name, **more})]) == set(), name
    for name in WRONG[kind]:
        assert found([entry(kind, "x", **{field: name, **more})]) == {(VALID, title(kind, "x"))}, name


@pytest.mark.parametrize("hint", ["weur", "WEUR", "enam", "oc", UNKNOWN, None])
def test_a_location_that_exists_is_fine(found: Any, hint: Any) -> None:
    assert found([database("x", primaryLocationHint=hint), bucket("abc", "x", location=hint)]) == set()


@pytest.mark.parametrize("hint", ["eu", "auto", "us-east-1", "europe"])
def test_a_location_that_does_not_exist_is_found(found: Any, hint: str) -> None:
    assert found([database("x", primaryLocationHint=hint)]) == {(CHOICE, D1)}
    assert found([bucket("abc", "x", location=hint)]) == {(CHOICE, R2)}


@pytest.mark.parametrize(
    ("item", "name"),
    [
        (bucket("abc", "x", jurisdiction="germany"), R2),
        (bucket("abc", "x", storageClass="Glacier"), R2),
        (database("x", jurisdiction="default"), D1),
        (database("x", readReplication={"mode": "on"}), D1),
    ],
)
def test_other_choices_that_do_not_exist_are_found(found: Any, item: Any, name: str) -> None:
    assert found([item]) == {(CHOICE, name)}


@pytest.mark.parametrize(
    "item",
    [
        bucket("abc", "x", jurisdiction="eu"),
        bucket("abc", "x", jurisdiction="default", location="weur", storageClass="InfrequentAccess"),
        database("x", jurisdiction="fedramp", readReplication={"mode": "auto"}),
        database("x", readReplication=UNKNOWN),
    ],
)
def test_choices_that_exist_are_fine(found: Any, item: Any) -> None:
    assert found([item]) == set()


def test_a_jurisdiction_beside_a_location_is_advised_on(found: Any) -> None:
    assert found([database("x", jurisdiction="eu", primaryLocationHint="weur")]) == {(BOTH, D1)}
    assert found([bucket("abc", "x", jurisdiction="eu", location="weur")]) == {(BOTH, R2)}


def test_a_database_that_does_not_state_its_replication_is_advised_on(found: Any) -> None:
    assert found([database("x", readReplication=None)]) == {(REPLICATION, D1)}


def test_two_of_a_name_in_an_account_are_found(found: Any) -> None:
    pairs = [
        (bucket("abc", "x"), bucket("abc", "y"), "R2Bucket"),
        (database("n", "x"), database("n", "y"), "D1Database"),
        (
            entry("Queue", "x", accountId=ACCOUNT, queueName="q"),
            entry("Queue", "y", accountId=ACCOUNT, queueName="q"),
            "Queue",
        ),
    ]
    for one, two, kind in pairs:
        assert found([one]) == set()
        assert found([one, two]) == {(UNIQUE, title(kind, "x")), (UNIQUE, title(kind, "y"))}
        other = two | {"inputs": two["inputs"] | {"accountId": "another"}}
        assert found([one, other]) == set()


def test_an_old_and_a_new_type_of_one_worker_are_one_name(found: Any) -> None:
    old = entry("WorkerScript", "old", accountId=ACCOUNT, name="api", content="x", module=True)
    assert found([script("api"), old]) == {
        (UNIQUE, title("WorkersScript", "api")),
        (UNIQUE, title("WorkerScript", "old")),
    }


def test_names_that_cannot_meet_are_fine(found: Any) -> None:
    assert found([bucket("abc", "x"), bucket("abc", "y", jurisdiction="eu")]) == set()
    assert found([bucket(UNKNOWN, "x"), bucket(UNKNOWN, "y")]) == set()
    assert (
        found([bucket("abc", "x"), entry("Queue", "y", accountId=ACCOUNT, queueName="abc"), database("abc")]) == set()
    )
    assert found([bucket("abc", "x", accountId=UNKNOWN), bucket("abc", "y", accountId=UNKNOWN)]) == set()
