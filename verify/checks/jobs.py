"""What runs by the clock: the backup and the reconciliation; and the policies that nothing here can test."""

from __future__ import annotations

from datetime import datetime

from fleet import naming
from verify.catalog import check
from verify.checks.pods import CLUSTER
from verify.cluster import Snapshot
from verify.results import Result


def last_success(seen: Snapshot, identity: str, name: str) -> Result:
    """Tell whether a CronJob's last run that was due succeeded."""
    found, resource, job = check(identity), seen.resource("CronJob", name), seen.find("CronJob", name)
    if job is None:
        return found.failed(CLUSTER, f"CronJob {name} is not there", cause="it was never applied", resource=resource)
    if job["spec"].get("suspend"):
        return found.failed(CLUSTER, f"CronJob {name} is suspended", cause="somebody suspended it", resource=resource)
    due, done = (_moment(job.get("status", {}).get(key)) for key in ("lastScheduleTime", "lastSuccessfulTime"))
    schedule = job["spec"]["schedule"]
    if due is None:
        line = f"{name} ({schedule}) has not been due since it was made, {job['metadata']['creationTimestamp']}"
        return found.untold(CLUSTER, line, elsewhere=True)
    running = bool(job.get("status", {}).get("active"))
    if done is not None and (done >= due or running):
        return found.passed(CLUSTER, f"{name} succeeded {done:%Y-%m-%d %H:%M} UTC")
    if done is None and running:
        return found.untold(CLUSTER, f"the first run of {name} is under way", elsewhere=True)
    last = f"the last success was {done:%Y-%m-%d %H:%M}" if done else "it never succeeded"
    return found.failed(
        CLUSTER,
        f"{name} was due {due:%Y-%m-%d %H:%M} UTC and did not succeed; {last}",
        cause="its Job failed",
        resource=resource,
        remedy=f"kubectl -n {seen.namespace} logs -l job-name --prefix shows the last runs",
    )


def network_policies(seen: Snapshot) -> Result:
    """Tell whether there are NetworkPolicies; whether something enforces them only a pod could find out."""
    found, count = check("network-policy"), len(seen.here("NetworkPolicy"))
    if count == 0:
        return found.failed(CLUSTER, "no NetworkPolicy is there", cause="none was applied, or they were deleted")
    line = f"{count} policies are there; whether this network plugin enforces them can't be told from outside a pod"
    return found.untold(CLUSTER, line, elsewhere=True)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


SCHEDULED = {"backup": naming.BACKUP, "reconcile-job": naming.RECONCILE}
"""The CronJob behind each check."""
