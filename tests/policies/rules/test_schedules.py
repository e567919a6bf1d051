"""Jobs that start when they should and end when they must."""

from __future__ import annotations

from typing import Any

import pytest

from policies.rules.schedules import is_time_zone
from policies.values import UNKNOWN

SCHEDULE, JOB = {("FLT-SCALE-018", "CronJob shop/close")}, {("FLT-SCALE-019", "CronJob shop/close")}
POD = {"restartPolicy": "Never", "containers": [{"name": "close", "image": "registry.example/close:1.0.0"}]}


def cron(job: Any = None, **spec: Any) -> Any:
    template = {"spec": {"template": {"spec": POD}, **(job or {})}}
    spec = {"schedule": "0 16 * * *", "jobTemplate": template, **spec}
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": "close", "namespace": "shop"},
        "spec": spec,
    }


@pytest.mark.parametrize(
    "schedule", ["0 16 * *", "0 0 16 * * *", "61 * * * *", "@dayly", "0 0 31 2 *", "", None, "TZ=UTC @daily"]
)
def test_a_schedule_that_never_comes_round(found: Any, schedule: Any) -> None:
    assert found([cron()]) == set()
    assert found([cron(schedule=schedule)]) == SCHEDULE


@pytest.mark.parametrize("schedule", ["@hourly", "*/5 * * * *", "0 16 * * mon-fri", "@every 5m", "0 0 29 2 *", UNKNOWN])
def test_a_schedule_that_comes_round(found: Any, schedule: Any) -> None:
    assert found([cron(schedule=schedule)]) == set()


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Etc/UTC", "UTC", "America/Argentina/Buenos_Aires", UNKNOWN, None])
def test_a_time_zone_that_there_is(found: Any, zone: Any) -> None:
    assert found([cron(timeZone=zone)]) == set()


@pytest.mark.parametrize("zone", ["Local", "Europe/../UTC", "Europe/Berlin ", "", "UTC+1h!", "/Europe/Berlin"])
def test_a_time_zone_that_there_is_not(found: Any, zone: Any) -> None:
    assert found([cron(timeZone=zone)]) == SCHEDULE


def test_a_city_that_is_misspelt_is_found_where_the_machine_has_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    for zones, known in (({"Europe/Berlin"}, False), (set(), True)):
        is_time_zone.cache_clear()
        monkeypatch.setattr("zoneinfo.available_timezones", lambda zones=zones: zones)
        assert is_time_zone("Europe/Berln") is known
    is_time_zone.cache_clear()


@pytest.mark.parametrize(
    ("spec", "job"),
    [
        ({"startingDeadlineSeconds": 9}, {}),
        ({"startingDeadlineSeconds": 0}, {}),
        ({"concurrencyPolicy": "forbid"}, {}),
        ({"concurrencyPolicy": "Never"}, {}),
        ({"failedJobsHistoryLimit": -1}, {}),
        ({}, {"backoffLimit": -1}),
        ({}, {"parallelism": -1}),
        ({}, {"ttlSecondsAfterFinished": -1}),
        ({}, {"activeDeadlineSeconds": 0}),
        ({}, {"completionMode": "Indexed"}),
    ],
)
def test_a_job_that_cannot_run(found: Any, spec: Any, job: Any) -> None:
    assert found([cron(job, **spec)]) == JOB
    if job:
        metadata = {"name": "close", "namespace": "shop"}
        own = {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": metadata,
            "spec": {"template": {"spec": POD}, **job},
        }
        assert found([own]) == {("FLT-SCALE-019", "Job shop/close")}


@pytest.mark.parametrize(
    ("spec", "job"),
    [
        ({"startingDeadlineSeconds": 10, "concurrencyPolicy": "Forbid", "suspend": True}, {}),
        ({"successfulJobsHistoryLimit": 0}, {"backoffLimit": 0, "ttlSecondsAfterFinished": 0, "parallelism": 0}),
        ({"startingDeadlineSeconds": UNKNOWN}, {"backoffLimit": UNKNOWN}),
        ({}, {"completionMode": "Indexed", "completions": 3}),
    ],
)
def test_a_job_that_can(found: Any, spec: Any, job: Any) -> None:
    assert found([cron(job, **spec)]) == set()
