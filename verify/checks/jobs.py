"""What runs by the clock: the backup and the reconciliation; and the policies that nothing here can test."""

from __future__ import annotations

from datetime import datetime, timedelta

from fleet import naming
from verify import schedule
from verify.catalog import check
from verify.checks.pods import CLUSTER
from verify.cluster import Object, Snapshot, moment
from verify.results import Result


def last_success(seen: Snapshot, identity: str, name: str) -> Result:
    """Tell whether a CronJob's last run that was due succeeded, by its schedule and not by what was started."""
    found, resource, job = check(identity), seen.resource("CronJob", name), seen.find("CronJob", name)
    if job is None:
        return found.failed(CLUSTER, f"CronJob {name} is not there", cause="it was never applied", resource=resource)
    if job["spec"].get("suspend"):
        return found.failed(CLUSTER, f"CronJob {name} is suspended", cause="somebody suspended it", resource=resource)
    try:
        due = due_run(job, seen.read)
    except ValueError as error:
        return found.untold(CLUSTER, f"when {name} is due can't be told: {error}")
    status = job.get("status", {})
    started, done = moment(status.get("lastScheduleTime")), moment(status.get("lastSuccessfulTime"))
    # A run that has ended is known to have failed before it would have been too late.
    ended = started if started is not None and not status.get("active") else None
    needed = max((one for one in (due, ended) if one is not None), default=None)
    if needed is None:
        return found.untold(CLUSTER, _not_due(job), elsewhere=True)
    if done is not None and done >= needed:
        return found.passed(CLUSTER, f"{name} succeeded {_shown(done)}")
    last = f"the last success was {_shown(done)}" if done else "it never succeeded"
    how, cause = "did not succeed", "its Job failed"
    if started is None or started < needed:
        how, cause = "was not started", "a run before it does not end" if status.get("active") else _NOT_STARTED
    return found.failed(
        CLUSTER,
        f"{name} was due {_shown(needed)} and {how}; {last}",
        cause=cause,
        resource=resource,
        remedy=f"kubectl -n {seen.namespace} describe cronjob {name}, and logs -l job-name --prefix for the last runs",
    )


_NOT_STARTED = "the CronJob controller does not run, or was away for longer than a run may be late"


def due_run(job: Object, now: datetime) -> datetime | None:
    """Give when the last run that must have ended by now was due; None where the CronJob is too young for one.

    A run may start late by its deadline and take as long as its Job may. Raises ValueError for a schedule that can't
    be read, or that is not by UTC.
    """
    spec = job["spec"]
    if spec.get("timeZone", UTC_NAME) not in (UTC_NAME, "UTC"):
        raise ValueError(f"its schedule is by {spec['timeZone']}, and the plan's is by {UTC_NAME}")
    late = spec.get("startingDeadlineSeconds", LATE_SECONDS)
    takes = spec.get("jobTemplate", {}).get("spec", {}).get("activeDeadlineSeconds", TAKES_SECONDS)
    due = schedule.read(spec["schedule"]).last(now - timedelta(seconds=late + takes))
    made = moment(job["metadata"].get("creationTimestamp"))
    return due if due is not None and (made is None or due > made) else None


UTC_NAME = "Etc/UTC"
LATE_SECONDS = 600
TAKES_SECONDS = 3600
"""For a CronJob that names neither deadline, as the plan's do (manifests/checkout.py, manifests/backup.py)."""


def _not_due(job: Object) -> str:
    name, made = job["metadata"]["name"], job["metadata"]["creationTimestamp"]
    return (
        f"{name} ({job['spec']['schedule']}) has not been due since it was made, {made}, or its first run may still end"
    )


def _shown(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def network_policies(seen: Snapshot) -> Result:
    """Tell whether there are NetworkPolicies; whether something enforces them only a pod could find out."""
    found, count = check("network-policy"), len(seen.here("NetworkPolicy"))
    if count == 0:
        return found.failed(CLUSTER, "no NetworkPolicy is there", cause="none was applied, or they were deleted")
    line = f"{count} policies are there; whether this network plugin enforces them can't be told from outside a pod"
    return found.untold(CLUSTER, line, elsewhere=True)


SCHEDULED = {"backup": naming.BACKUP, "reconcile-job": naming.RECONCILE}
"""The CronJob behind each check."""
