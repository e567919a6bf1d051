"""What changes at the edge changes as it is meant."""

from __future__ import annotations

from typing import Any

import pytest

from tests.policies.edge import ACCOUNT, UNKNOWN, entry, script, title

TTL, SPLIT, ONE_WAY, OBJECTS, CONSUMED = (f"FLT-EDGE-0{number}" for number in range(31, 36))


def test_a_proxied_record_has_automatic_ttl(found: Any) -> None:
    def record(kind: str = "DnsRecord", **inputs: Any) -> Any:
        return entry(kind, "n", zoneId="z", name="a.b", type="A", content="192.0.2.1", **inputs)

    assert found([record(proxied=True, ttl=1)]) == set()
    assert found([record(proxied=True, ttl=UNKNOWN)]) == set()
    assert found([record(proxied=False, ttl=300)]) == set()
    assert found([record(ttl=300)]) == set()
    assert found([record(proxied=True, ttl=300)]) == {(TTL, title("DnsRecord", "n"))}
    assert found([record("Record", proxied=True, ttl=300)]) == {(TTL, title("Record", "n"))}


def deployment(*shares: Any, strategy: Any = "percentage", ids: Any = None) -> Any:
    names = ids or [f"version-{number}" for number in range(len(shares))]
    versions = [{"versionId": name, "percentage": share} for name, share in zip(names, shares, strict=True)]
    return entry("WorkersDeployment", "d", accountId=ACCOUNT, scriptName="api", strategy=strategy, versions=versions)


@pytest.mark.parametrize("shares", [(100,), (90, 10), (99.99, 0.01), (33.3, 66.7), (UNKNOWN, 10), ()])
def test_shares_that_make_a_whole_are_fine(found: Any, shares: Any) -> None:
    assert found([deployment(*shares)]) == set()


@pytest.mark.parametrize("shares", [(90,), (90, 20), (50, 40), (100, 0), (110, -10), (50, 30, 20)])
def test_shares_that_make_no_whole_are_found(found: Any, shares: Any) -> None:
    assert found([deployment(*shares)]) == {(SPLIT, title("WorkersDeployment", "d"))}


def test_a_version_has_one_share_and_the_strategy_one_name(found: Any) -> None:
    name = {(SPLIT, title("WorkersDeployment", "d"))}
    assert found([deployment(90, 10, ids=["a", "a"])]) == name
    assert found([deployment(90, 10, ids=[UNKNOWN, UNKNOWN])]) == set()
    assert found([deployment(100, strategy="canary")]) == name
    assert found([deployment(100, strategy=UNKNOWN)]) == set()


def test_a_script_beside_a_deployment_of_its_worker_is_advised_on(found: Any) -> None:
    worker = entry("Worker", "w", accountId=ACCOUNT, name="api")
    assert found([worker, deployment(90, 10)]) == set()
    assert found([script("other"), deployment(90, 10)]) == set()
    assert found([script("api"), deployment(90, 10)]) == {(ONE_WAY, title("WorkersDeployment", "d"))}


@pytest.mark.parametrize(
    "migrations",
    [
        {"newClasses": ["Cart"]},
        {"deletedClasses": ["Cart"]},
        {"steps": [{"newSqliteClasses": ["A"]}, {"deletedClasses": ["Cart"]}]},
    ],
)
def test_migrations_that_lose_or_lack_data_are_advised_on(found: Any, migrations: Any) -> None:
    assert found([script(migrations=migrations)]) == {(OBJECTS, title("WorkersScript", "api"))}


@pytest.mark.parametrize(
    "migrations",
    [
        None,
        UNKNOWN,
        {"newTag": "v1", "newSqliteClasses": ["Cart"]},
        {"renamedClasses": [{"from": "A", "to": "B"}]},
        {"newClasses": [], "deletedClasses": []},
    ],
)
def test_migrations_that_keep_data_are_fine(found: Any, migrations: Any) -> None:
    assert found([script(migrations=migrations)]) == set()


def consumer(logical: str = "c", **inputs: Any) -> Any:
    given = {"accountId": ACCOUNT, "queueId": "q", "type": "worker", "scriptName": "api", **inputs}
    return entry("QueueConsumer", logical, **given)


NAME = {(CONSUMED, title("QueueConsumer", "c"))}


def test_a_consumer_of_type_worker_names_its_worker(found: Any) -> None:
    assert found([consumer()]) == set()
    assert found([consumer(scriptName=None)]) == NAME
    assert found([consumer(scriptName=UNKNOWN)]) == set()
    assert found([consumer(type="http_pull", scriptName=None)]) == set()


def test_a_queue_has_one_consumer(found: Any) -> None:
    assert found([consumer(), consumer("e", queueId="r")]) == set()
    assert found([consumer(), consumer("e")]) == NAME | {(CONSUMED, title("QueueConsumer", "e"))}
    assert found([consumer(queueId=UNKNOWN), consumer("e", queueId=UNKNOWN)]) == set()


@pytest.mark.parametrize(
    ("field", "fine", "wrong"),
    [
        ("batchSize", (1, 100), (0, 101)),
        ("maxRetries", (0, 100), (-1, 101)),
        ("maxWaitTimeMs", (0, 60_000), (-1, 60_001)),
        ("maxConcurrency", (1, 250), (0, 251)),
    ],
)
def test_settings_keep_to_cloudflares_limits(found: Any, field: str, fine: Any, wrong: Any) -> None:
    for value in (*fine, UNKNOWN, None):
        assert found([consumer(settings={field: value})]) == set()
    for value in wrong:
        assert found([consumer(settings={field: value})]) == NAME


def test_failed_messages_do_not_go_back_to_their_own_queue(found: Any) -> None:
    assert found([consumer(queueName="orders", deadLetterQueue="failed")]) == set()
    assert found([consumer(queueName="orders", deadLetterQueue="orders")]) == NAME
