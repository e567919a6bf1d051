"""Cron triggers are readable, meant, and one to a Worker."""

from __future__ import annotations

from typing import Any

import pytest

from policies.judge import judge
from policies.resources import from_document
from tests.policies.edge import ACCOUNT, UNKNOWN, bucket, entry, script, state, title

READS, WEEKDAYS, ONE, FIT = (f"FLT-EDGE-0{number}" for number in range(12, 16))
DAILY = title("WorkersCronTrigger", "daily")


def trigger(*expressions: Any, logical: str = "daily", worker: Any = "close", account: Any = ACCOUNT) -> Any:
    schedules = [{"cron": expression} for expression in expressions]
    return entry("WorkersCronTrigger", logical, accountId=account, scriptName=worker, schedules=schedules)


@pytest.mark.parametrize("expression", ["0 16 * * *", "59 23 LW * *", "0 16 * * SUN", UNKNOWN])
def test_a_schedule_that_cloudflare_reads_is_fine(found: Any, expression: str) -> None:
    assert found([script("close"), trigger(expression)]) == set()


@pytest.mark.parametrize("expression", ["0 16 * * 0", "0 0 16 * * *", "@daily", "", None, 5])
def test_a_schedule_that_cloudflare_refuses_is_found(found: Any, expression: Any) -> None:
    assert found([script("close"), trigger("0 4 * * *", expression)]) == {(READS, DAILY)}


def test_the_field_and_the_reason_are_told() -> None:
    findings = [one for one in judge([trigger("0 4 * * *", "0 16 * * 0")]) if one.rule.code == READS]
    assert [one.path for one in findings] == [("schedules", 1, "cron")]
    assert "'0' as its weekday, which is none of 1 to 7; Sunday is 1" in findings[0].message


def test_version_5_wrote_schedules_as_text(found: Any) -> None:
    old = entry("WorkerCronTrigger", "old", accountId=ACCOUNT, scriptName="close", schedules=["0 16 * * 0"])
    assert found([old]) == {(READS, title("WorkerCronTrigger", "old"))}
    fine = entry("WorkerCronTrigger", "old", accountId=ACCOUNT, scriptName="close", schedules=["0 16 * * mon-fri"])
    assert found([fine]) == set()


def test_weekdays_that_count_from_monday_elsewhere_are_advised_on(found: Any) -> None:
    assert found([trigger("0 16 * * 1-5")]) == {(WEEKDAYS, DAILY)}
    assert found([trigger("0 16 * * 2-6")]) == set()


def test_two_triggers_for_one_worker_are_found(found: Any) -> None:
    one, two = trigger("0 16 * * *"), trigger("0 4 * * *", logical="backup")
    assert found([one]) == set()
    assert found([one, two]) == {(ONE, DAILY), (ONE, title("WorkersCronTrigger", "backup"))}
    for other in ({"worker": "api"}, {"worker": UNKNOWN}, {"account": "another"}):
        assert found([one, trigger("0 4 * * *", logical="backup", **other)]) == set()
    assert found([trigger(logical="a", worker=UNKNOWN), trigger(logical="b", worker=UNKNOWN)]) == set()


def test_a_schedule_that_stands_there_twice_is_advised_on(found: Any) -> None:
    assert found([trigger("0 16 * * *", "0 16 * * *")]) == {(FIT, DAILY)}
    assert found([trigger("0 16 * * mon", "0 16  * * MON")]) == {(FIT, DAILY)}
    assert found([trigger("0 16 * * *", "0 4 * * *")]) == set()
    assert found([trigger(UNKNOWN, UNKNOWN)]) == set()


def test_more_triggers_than_an_account_may_have_are_advised_on(found: Any) -> None:
    many = [
        trigger(f"{number % 60} {number // 60} * * *", logical=f"t{number}", worker=f"w{number}")
        for number in range(251)
    ]
    assert found(many[:250]) == set()
    assert {code for code, _ in found(many)} == {FIT}


def _removed(item: Any, *beside: Any) -> set[tuple[str, str]]:
    steps = [{"op": "delete", "urn": state(one)["urn"], "oldState": state(one)} for one in (item, *beside)]
    codes = {(one.rule.code, one.resource.title) for one in judge(from_document({"steps": steps}))}
    return {said for said in codes if said[0] == "FLT-EDGE-011"}


@pytest.mark.parametrize(
    ("on", "off", "host"),
    [
        (trigger("0 16 * * *"), trigger(), script("close")),
        (
            entry("R2ManagedDomain", "x", bucketName="artifacts", enabled=True),
            entry("R2ManagedDomain", "x", bucketName="artifacts", enabled=False),
            bucket(),
        ),
        (
            entry("R2BucketLifecycle", "x", bucketName="artifacts", rules=[{"id": "a"}]),
            entry("R2BucketLifecycle", "x", bucketName="artifacts", rules=[]),
            bucket(),
        ),
    ],
)
def test_what_the_provider_does_not_delete_is_switched_off_first(on: Any, off: Any, host: Any) -> None:
    assert _removed(off) == set()
    assert _removed(on) == {("FLT-EDGE-011", f"{on['type']} {on['name']}")}
    assert _removed(on, host) == set()


def test_what_the_provider_deletes_may_be_removed() -> None:
    assert _removed(entry("R2BucketCors", "x", bucketName="artifacts", rules=[{}])) == set()
