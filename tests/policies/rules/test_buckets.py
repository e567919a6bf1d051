"""Buckets have one set of settings, and are public or emptied only where that is meant."""

from __future__ import annotations

from typing import Any

import pytest

from tests.policies.edge import ACCOUNT, UNKNOWN, bucket, entry, namespace, title

PARTS, R2_DEV, MEANT, SECONDS, EMPTIED = (f"FLT-EDGE-{number:03}" for number in range(6, 11))
DAY = 86_400


def part(kind: str, logical: str = "x", **inputs: Any) -> Any:
    return entry(kind, logical, **{"accountId": ACCOUNT, "bucketName": "artifacts", **inputs})


@pytest.mark.parametrize("kind", ["R2BucketCors", "R2BucketLifecycle", "R2BucketLock", "R2ManagedDomain"])
def test_two_resources_for_one_setting_are_found(found: Any, kind: str) -> None:
    assert found([bucket(), part(kind)]) == set()
    assert found([part(kind), part(kind, "y")]) == {(PARTS, title(kind, "x")), (PARTS, title(kind, "y"))}
    for other in ({"bucketName": "others"}, {"bucketName": UNKNOWN}, {"accountId": "b"}, {"jurisdiction": "eu"}):
        assert found([part(kind), part(kind, "y", **other)]) == set()


def test_a_bucket_may_have_several_domains_and_notifications(found: Any) -> None:
    domains = [part("R2CustomDomain", name, domain=f"{name}.example", enabled=True) for name in ("x", "y")]
    events = [part("R2BucketEventNotification", name, queueId=UNKNOWN, rules=[]) for name in ("v", "w")]
    assert found([bucket(), *domains, *events]) == set()


@pytest.mark.parametrize("kind", ["R2BucketCors", "R2BucketLifecycle", "R2CustomDomain", "R2BucketEventNotification"])
def test_a_part_in_another_jurisdiction_than_its_bucket_is_found(found: Any, kind: str) -> None:
    assert found([bucket(jurisdiction="eu"), part(kind, jurisdiction="EU")]) == set()
    assert found([bucket(jurisdiction="eu"), part(kind)]) == {(PARTS, title(kind, "x"))}
    assert found([bucket(), part(kind, jurisdiction="eu")]) == {(PARTS, title(kind, "x"))}
    assert found([bucket(), part(kind, jurisdiction="default")]) == set()
    assert found([bucket(jurisdiction=UNKNOWN), part(kind)]) == set()
    assert found([bucket("others"), part(kind, jurisdiction="eu")]) == set()


def test_a_production_bucket_under_r2_dev_is_found(found: Any) -> None:
    name = title("R2ManagedDomain", "x")
    for enabled, expected in ((True, {(R2_DEV, name)}), (False, set()), (UNKNOWN, set())):
        assert found([namespace("production"), bucket(), part("R2ManagedDomain", enabled=enabled)]) == expected
    assert found([bucket(), part("R2ManagedDomain", enabled=True)]) == {(MEANT, name)}
    for purpose in ("test", "disposable"):
        assert found([namespace(purpose), part("R2ManagedDomain", enabled=True)]) == set()


@pytest.mark.parametrize("name", ["shop-backups", "backup", "private-files", "db-dumps-eu", "customer-exports", "logs"])
def test_a_domain_for_a_bucket_that_sounds_private_is_advised_on(found: Any, name: str) -> None:
    public = part("R2CustomDomain", bucketName=name, domain="files.shop.example", enabled=True)
    assert found([public]) == {(MEANT, title("R2CustomDomain", "x"))}
    assert found([part("R2CustomDomain", bucketName=name, domain="files.shop.example", enabled=False)]) == set()


@pytest.mark.parametrize("name", ["artifacts", "catalogue-images", "blogs", "privateer", "stateful", UNKNOWN])
def test_a_domain_for_any_other_bucket_is_fine(found: Any, name: str) -> None:
    assert found([part("R2CustomDomain", bucketName=name, domain="files.shop.example", enabled=True)]) == set()


def lifecycle(*, prefix: str = "tmp/", enabled: Any = True, **transitions: Any) -> Any:
    rule = {"id": "r", "enabled": enabled, "conditions": {"prefix": prefix}, **transitions}
    return part("R2BucketLifecycle", rules=[rule])


def age(seconds: Any) -> Any:
    return {"condition": {"type": "Age", "maxAge": seconds}}


LIFE = {(SECONDS, title("R2BucketLifecycle", "x"))}


@pytest.mark.parametrize("days", [1, 7, 14, 30, 90, 365, 3650])
def test_days_where_seconds_belong_are_found(found: Any, days: int) -> None:
    for name in ("deleteObjectsTransition", "abortMultipartUploadsTransition"):
        assert found([lifecycle(**{name: age(days * DAY)})]) == set()
        assert found([lifecycle(**{name: age(days)})]) == LIFE
    cold = age(days) | {"storageClass": "InfrequentAccess"}
    assert found([lifecycle(storageClassTransitions=[cold])]) == LIFE


@pytest.mark.parametrize("seconds", [DAY, 30 * DAY, 3600, 43_200, UNKNOWN])
def test_an_age_in_seconds_is_fine(found: Any, seconds: Any) -> None:
    assert found([lifecycle(deleteObjectsTransition=age(seconds))]) == set()


def test_an_age_of_nothing_deletes_at_once_but_aborts_harmlessly(found: Any) -> None:
    assert found([lifecycle(deleteObjectsTransition=age(0))]) == LIFE
    assert found([lifecycle(abortMultipartUploadsTransition=age(0))]) == set()


def test_an_age_that_is_not_given_is_found(found: Any) -> None:
    assert found([lifecycle(deleteObjectsTransition={"condition": {"type": "Age"}})]) == LIFE


def test_a_rule_that_is_off_does_nothing(found: Any) -> None:
    assert found([lifecycle(enabled=False, deleteObjectsTransition=age(30))]) == set()


def test_a_date_that_empties_the_whole_bucket_is_advised_on(found: Any) -> None:
    date = {"condition": {"type": "Date", "date": "2027-01-01T00:00:00Z"}}
    assert found([lifecycle(deleteObjectsTransition=date)]) == set()
    assert found([lifecycle(prefix="", enabled=False, deleteObjectsTransition=date)]) == set()
    whole = lifecycle(prefix="", deleteObjectsTransition=date)
    assert found([whole]) == {(EMPTIED, title("R2BucketLifecycle", "x"))}
    assert found([lifecycle(prefix="", deleteObjectsTransition=age(35 * DAY))]) == set()
