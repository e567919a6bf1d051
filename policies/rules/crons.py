"""Cron triggers: expressions that Cloudflare reads as they are meant, and one trigger for a Worker."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator
from typing import Final

from policies import cloudflare, edge_cron
from policies.findings import Level, Rule, Scope, Violation
from policies.objects import Objects
from policies.resources import Resource
from policies.values import UNKNOWN, Path, at, scalar

_SOURCE: Final = "https://developers.cloudflare.com/workers/configuration/cron-triggers/"
_MOST: Final = 250
"""Cron triggers of an account on the paid plan: developers.cloudflare.com/workers/platform/limits."""


def _schedules(resource: Resource) -> Iterator[tuple[Path, object]]:
    """Give the expressions of a trigger; version 5 wrote them without the key ``cron``."""
    listed = at(resource.inputs, "schedules")
    for position, schedule in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(schedule, dict):
            yield ("schedules", position, "cron"), scalar(schedule, "cron")
        else:
            yield ("schedules", position), schedule


def _triggered(resource: Resource) -> bool:
    return cloudflare.type_of(resource) == cloudflare.WORKERS_CRON_TRIGGER


def _judge_reads(resource: Resource) -> Iterator[Violation]:
    for path, expression in _schedules(resource) if _triggered(resource) else ():
        if expression is UNKNOWN:
            continue
        try:
            edge_cron.check(expression if isinstance(expression, str) else "")
        except edge_cron.CronError as error:
            yield Violation(resource, path, f"is triggered by {expression!r}, which {error}")


READS = Rule(
    code="FLT-EDGE-012",
    name="cron-expression-parses",
    title="A cron trigger's expression is one that Cloudflare can read",
    why="The API refuses the whole list of schedules, and the Worker is not started at all.",
    source=_SOURCE,
    remediation="Write five fields (minute, hour, day, month, weekday), with weekdays as SUN to SAT or 1 to 7.",
    scope=Scope.RESOURCE,
    kinds=cloudflare.NO_KUBERNETES,
    judge=_judge_reads,
)


def _judge_weekdays(resource: Resource) -> Iterator[Violation]:
    for path, expression in _schedules(resource) if _triggered(resource) else ():
        meaning = edge_cron.shifted_weekdays(expression) if isinstance(expression, str) else None
        if meaning:
            yield Violation(resource, path, f"is triggered by {expression!r}, which Cloudflare reads as {meaning}")


WEEKDAYS = Rule(
    code="FLT-EDGE-013",
    name="cron-weekdays-are-meant",
    title="A cron trigger's weekdays count from Sunday as 1",
    why="The job runs on Sundays and never on Fridays: one day late or early, without any error.",
    source=_SOURCE,
    remediation="Write the weekdays by name.",
    scope=Scope.RESOURCE,
    level=Level.ADVISORY,
    kinds=cloudflare.NO_KUBERNETES,
    judge=_judge_weekdays,
)


def _judge_one(objects: Objects) -> Iterator[Violation]:
    groups: dict[Hashable, list[Resource]] = defaultdict(list)
    for resource in objects.account.of(cloudflare.WORKERS_CRON_TRIGGER):
        script, account = cloudflare.text(resource, "scriptName"), cloudflare.account_of(resource)
        if script and account is not UNKNOWN:
            groups[account, script].append(resource)
    for group in groups.values():
        for resource in group if len(group) > 1 else ():
            others = sorted(one.name for one in group if one is not resource)
            script = cloudflare.text(resource, "scriptName")
            message = f"replaces all schedules of Worker {script}, as {' and '.join(others)} does"
            yield Violation(resource, ("scriptName",), message)


ONE_TRIGGER = Rule(
    code="FLT-EDGE-014",
    name="one-cron-trigger-per-worker",
    title="A Worker's schedules stand in one resource",
    why="Each resource writes the whole list, so the last one wins and the other jobs are never run.",
    source="https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/schedules/",
    remediation="Join the schedules in one WorkersCronTrigger.",
    scope=Scope.STACK,
    judge=_judge_one,
)


def _judge_distinct(objects: Objects) -> Iterator[Violation]:
    counts: Counter[Hashable] = Counter()
    last: dict[Hashable, Resource] = {}
    for resource in objects.account.of(cloudflare.WORKERS_CRON_TRIGGER):
        seen: set[str] = set()
        account = cloudflare.account_of(resource)
        for path, expression in _schedules(resource):
            counts[account] += 1
            last[account] = max(last.get(account, resource), resource, key=lambda one: one.name)
            text = edge_cron.canonical(expression) if isinstance(expression, str) else None
            if text in seen:
                yield Violation(resource, path, f"has the schedule {expression!r} twice")
            seen |= {text} if text else set()
    for account, resource in last.items():
        if counts[account] > _MOST:
            yield Violation(
                resource, ("schedules",), f"is one of {counts[account]} cron triggers, where an account has {_MOST}"
            )


DISTINCT = Rule(
    code="FLT-EDGE-015",
    name="cron-triggers-fit-the-account",
    title="Schedules are distinct, and as many as an account may have",
    why="Cloudflare counts or refuses the surplus, and whoever reads the list thinks that a job runs twice.",
    source="https://developers.cloudflare.com/workers/platform/limits/",
    remediation="Remove the schedule, or let one job do the work of several.",
    scope=Scope.STACK,
    level=Level.ADVISORY,
    judge=_judge_distinct,
)

_STAYS: Final = {
    cloudflare.WORKERS_CRON_TRIGGER: ("schedules", "the cron triggers keep firing", "scriptName", cloudflare.WORKERS),
    cloudflare.R2_MANAGED_DOMAIN: ("enabled", "the bucket stays public", "bucketName", (cloudflare.R2_BUCKET,)),
    cloudflare.R2_BUCKET_LIFECYCLE: ("rules", "its rules keep deleting objects", "bucketName", (cloudflare.R2_BUCKET,)),
}
"""Types whose deletion the provider does not carry out: the field to empty first, and what goes on otherwise."""


def _judge_removal(objects: Objects) -> Iterator[Violation]:
    for resource in objects.leaving:
        found = _STAYS.get(cloudflare.type_of(resource))
        if found is None or resource.leaving != "delete" or not at(resource.inputs, found[0]):
            continue
        field, what, names, types = found
        host = cloudflare.text(resource, names)
        gone = [one for one in objects.leaving if cloudflare.type_of(one) in types]
        if host is None or host not in {cloudflare.name_of(one)[1] for one in gone}:
            yield Violation(resource, (field,), f"is removed from the stack, but not at Cloudflare: {what}")


REMOVED = Rule(
    code="FLT-EDGE-011",
    name="removal-takes-effect",
    title="What the provider does not delete is switched off before it is removed",
    why="For these types the provider's delete does nothing, so what they switched on goes on, and no stack owns it.",
    source="https://github.com/cloudflare/terraform-provider-cloudflare",
    remediation="Apply once with the field empty (schedules: [], enabled: false, rules: []), and remove it then.",
    scope=Scope.STACK,
    level=Level.ADVISORY,
    judge=_judge_removal,
)

RULES = (REMOVED, READS, WEEKDAYS, ONE_TRIGGER, DISTINCT)
