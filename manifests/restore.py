"""Restoring a backup: a CronJob that never runs by itself, from which a person makes a Job (docs/runbooks/restore.md).

It is planned with everything else, so that on the day it is needed its image, its password and its way to the dumps are
the right ones, and one line of kubectl is all there is to type.
"""

from __future__ import annotations

from typing import Any

from fleet import naming
from fleet.model import BucketSpec, DatabaseServerSpec, FleetSpec
from manifests import dumps, pods, secrets
from manifests.migration import migrate_container
from manifests.objects import Identity, metadata, planned
from manifests.plan import Planned

OWNER = Identity(naming.RESTORE, naming.RESTORE, "job")
# A dump is read to its end before anything is touched. Then the old goes and the new comes in one transaction: all of
# it, or nothing has changed. Whatever the fleet keeps has one owner, so what a newer schema had goes too.
RESTORE = """\
set -eu
export PGPASSWORD="$(cat "$PGPASSWORD_FILE")"
for found in "$FOLDER"/$DUMP; do dump="$found"; done
[ -s "$dump" ] || { echo "$dump: there is no such dump; nothing was changed" >&2; exit 1; }
pg_restore --file=/dev/null "$dump" || { echo "$dump: can't be read to its end; nothing was changed" >&2; exit 1; }
said="$({
  echo 'BEGIN; DROP OWNED BY CURRENT_USER CASCADE;'
  pg_restore --no-owner --no-privileges --file=- "$dump" && printf 'COMMIT;\\n\\\\echo restored\\n'
} | psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 | tail -n 1)"
[ "$said" = restored ] || { echo "$dump: was refused; nothing was changed" >&2; exit 1; }
echo "restored $dump"
"""


def restore_objects(fleet: FleetSpec, server: DatabaseServerSpec, needs: tuple[str, ...]) -> Planned:
    """Plan the CronJob; it needs what the backup needs."""
    meta = metadata(fleet, naming.RESTORE, OWNER)
    password = secrets.password(fleet, naming.DATABASE)
    restore = dumps.container("restore", fleet, server, RESTORE, {"DUMP": dumps.NEWEST}, read_only=True)
    rotated = password.annotations
    first = [restore]
    if server.bucket:
        first = [_fetch(fleet, server.bucket), restore]
        rotated = rotated | secrets.bucket(fleet).annotations
    pod = pods.Pod(
        labels=meta["labels"] | {naming.COMPARTMENT: naming.DATABASE},
        annotations=rotated,
        service_account=naming.DATABASE,
        pull_secrets=fleet.pull_secrets,
        user=dumps.USER,
        init_containers=first,
        # A dump may be older than the release that serves.
        containers=[migrate_container(fleet, fleet.checkout.workload.stable.image)],
        volumes=[dumps.volume(server), password.volume],
        restart_policy="Never",
    )
    # Never again by itself: whoever restores looks at what came of it.
    job = {"backoffLimit": 0, "activeDeadlineSeconds": 3600, "template": pod.template()}
    spec = {
        "schedule": "@yearly",
        "timeZone": "Etc/UTC",
        "suspend": True,
        "concurrencyPolicy": "Forbid",
        "startingDeadlineSeconds": 3600,
        "successfulJobsHistoryLimit": 1,
        "failedJobsHistoryLimit": 3,
        "jobTemplate": {"spec": job},
    }
    return planned("batch/v1", "CronJob", meta, {"spec": spec}, needs=needs)


def _fetch(fleet: FleetSpec, bucket: BucketSpec) -> dict[str, Any]:
    source = f"bucket:{bucket.name}/{fleet.namespace}"
    args = ["copy", "--include", "$(DUMP)", source, dumps.FOLDER]
    return dumps.rclone("fetch", fleet, bucket, args, {"DUMP": dumps.NEWEST}, read_only=False)
