"""Jobs that start when they should and end when they must."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from policies import cron
from policies.findings import Rule, Scope, Violation
from policies.resources import Resource
from policies.values import UNKNOWN, Path, at, mapping, scalar

_BATCH: Final = frozenset({"batch"})
CRON_KINDS: Final = {"CronJob": _BATCH}
JOB_KINDS: Final = {"Job": _BATCH, "CronJob": _BATCH}
_CONCURRENCY: Final = ("Allow", "Forbid", "Replace")
_SOONEST: Final = 10
_ZONE_PART: Final = re.compile(r"[A-Za-z._0-9+][A-Za-z._0-9+-]{0,13}", re.ASCII)


def _judge_schedule(resource: Resource) -> Iterator[Violation]:
    spec = mapping(resource.inputs, "spec")
    schedule, zone = spec.get("schedule"), spec.get("timeZone")
    if isinstance(schedule, str) and schedule:
        try:
            cron.check(schedule)
        except cron.ScheduleError as error:
            yield Violation(
                resource, ("spec", "schedule"), f"has the schedule {schedule!r}, which never starts: {error}"
            )
    elif spec and schedule is not UNKNOWN:
        yield Violation(resource, ("spec",), "has no schedule")
    if isinstance(zone, str) and not is_time_zone(zone):
        yield Violation(resource, ("spec", "timeZone"), f"is in the time zone {zone!r}, which does not exist")


@lru_cache(maxsize=256)
def is_time_zone(name: str) -> bool:
    """Say whether the API server knows a time zone; where this machine has no list of them, only by its form."""
    if name.lower() == "local" or not all(_ZONE_PART.fullmatch(part) for part in name.split("/")):
        return False
    if ".." in name.split("/") or "." in name.split("/"):
        return False
    return _is_listed(name) or not zoneinfo.available_timezones()


def _is_listed(name: str) -> bool:
    """Look one time zone up; to list all of them takes as long as to judge a thousand objects."""
    if name == "posixrules" or name.startswith(("posix/", "right/")):
        return False
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, OSError, ValueError):
        return False
    return True


SCHEDULE = Rule(
    code="FLT-SCALE-018",
    name="schedule-comes-round",
    title="A CronJob's schedule is one that the API server takes and that comes round",
    why="The API server refuses the CronJob, or it waits for a day that never comes: the daily close is never done.",
    source="https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax",
    remediation="Write five fields (minute, hour, day, month, day of week) or a macro such as @daily, and the zone in "
    "spec.timeZone by its IANA name.",
    scope=Scope.RESOURCE,
    judge=_judge_schedule,
    kinds=CRON_KINDS,
)
_NUMBERS: Final = (
    "parallelism",
    "completions",
    "backoffLimit",
    "backoffLimitPerIndex",
    "maxFailedIndexes",
    "ttlSecondsAfterFinished",
)
_CRON_NUMBERS: Final = ("successfulJobsHistoryLimit", "failedJobsHistoryLimit")


def _judge_job(resource: Resource) -> Iterator[Violation]:
    path: Path = ("spec",) if resource.kind == "Job" else ("spec", "jobTemplate", "spec")
    job = mapping(resource.inputs, *path)
    for name in _NUMBERS:
        yield from _negative(resource, (*path, name))
    deadline = scalar(job, "activeDeadlineSeconds")
    if isinstance(deadline, int) and deadline <= 0:
        yield Violation(resource, (*path, "activeDeadlineSeconds"), f"ends its pods after {deadline} s")
    if job.get("completionMode") == "Indexed" and job.get("completions") is None:
        yield Violation(resource, (*path, "completionMode"), "is Indexed, but has no completions to count to")
    if resource.kind == "CronJob":
        yield from _cron_job(resource)


def _cron_job(resource: Resource) -> Iterator[Violation]:
    for name in _CRON_NUMBERS:
        yield from _negative(resource, ("spec", name))
    policy = scalar(resource.inputs, "spec", "concurrencyPolicy")
    if policy not in (None, UNKNOWN, "", *_CONCURRENCY):
        message = f"has concurrencyPolicy {policy!r}, which is none of {', '.join(_CONCURRENCY)}"
        yield Violation(resource, ("spec", "concurrencyPolicy"), message)
    deadline = scalar(resource.inputs, "spec", "startingDeadlineSeconds")
    if isinstance(deadline, int) and deadline < _SOONEST:
        message = f"gives a start up after {deadline} s, but the controller looks only every {_SOONEST} s"
        yield Violation(resource, ("spec", "startingDeadlineSeconds"), message)


def _negative(resource: Resource, path: Path) -> Iterator[Violation]:
    number: Any = at(resource.inputs, *path)
    if isinstance(number, int) and number < 0:
        yield Violation(resource, path, f"has {path[-1]} {number}, which is below 0")


JOB = Rule(
    code="FLT-SCALE-019",
    name="job-can-start-and-end",
    title="A Job's numbers are ones that the API server takes and that let it run",
    why="The API server refuses the Job, or it is given up before it has started.",
    source="https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#starting-deadline",
    remediation="Write no negative number, a deadline that the work can meet, and a startingDeadlineSeconds of 10 or "
    "more.",
    scope=Scope.RESOURCE,
    judge=_judge_job,
    kinds=JOB_KINDS,
)

RULES = (SCHEDULE, JOB)
