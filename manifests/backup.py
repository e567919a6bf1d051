"""Backups of the fleet's own Postgres: a dump by schedule, onto a volume or into a bucket; and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fleet import naming
from fleet.model import BucketSpec, DatabaseServerSpec, FleetSpec
from manifests import dumps, pods, secrets
from manifests.objects import NAMESPACE, Identity, logical_name, metadata, planned
from manifests.plan import Planned
from manifests.restore import restore_objects
from manifests.volumes import claim

OWNER = Identity(naming.BACKUP, naming.BACKUP, "job")
# A dump gets its name only once it is whole, so that a broken one is never taken for a backup. In the minute after a
# rotation the database may not know the new password yet.
DUMP = """\
set -eu
export PGPASSWORD="$(cat "$PGPASSWORD_FILE")"
tries=36
until psql --no-psqlrc --quiet --command='' || [ "$tries" -eq 0 ]; do tries=$((tries - 1)); sleep 5; done
name="$(date -u +%Y%m%dT%H%M%SZ).dump"
pg_dump --format=custom --file="$FOLDER/.partial"
pg_restore --file=/dev/null "$FOLDER/.partial"
mv "$FOLDER/.partial" "$FOLDER/$name"
ls -1 "$FOLDER" | grep '\\.dump$' | sort -r | tail -n "+$((KEEP + 1))" |
  while read -r old; do rm -- "$FOLDER/$old"; done
echo "kept $name"
"""


def backup_objects(fleet: FleetSpec, server: DatabaseServerSpec) -> Iterator[Planned]:
    """Plan the CronJobs of backup and restoring, and the volume or the bucket's keys that they need."""
    if server.bucket:
        keys = secrets.bucket(fleet)
        store = secrets.secret_object(fleet, keys)
    else:
        size, storage_class = server.backup_size, server.storage_class
        store = claim(fleet, OWNER, naming.BACKUP_VOLUME, size=size, storage_class=storage_class)
    needs = (
        NAMESPACE,
        logical_name(naming.DATABASE, "ServiceAccount"),
        logical_name(naming.DATABASE, "Service"),
        secrets.password(fleet, naming.DATABASE).logical_name,
        store.name,
    )
    yield store
    yield _backup(fleet, server, needs)
    yield restore_objects(fleet, server, needs)


def _backup(fleet: FleetSpec, server: DatabaseServerSpec, needs: tuple[str, ...]) -> Planned:
    meta = metadata(fleet, naming.BACKUP, OWNER)
    password = secrets.password(fleet, naming.DATABASE)
    rotated = password.annotations | (secrets.bucket(fleet).annotations if server.bucket else {})
    pod = pods.Pod(
        labels=meta["labels"] | {naming.COMPARTMENT: naming.DATABASE},
        annotations=rotated,
        service_account=naming.DATABASE,
        pull_secrets=fleet.pull_secrets,
        user=dumps.USER,
        volumes=[dumps.volume(server), password.volume],
        restart_policy="Never",
        **_work(fleet, server),
    )
    spec = {
        "schedule": server.backup_schedule,
        "timeZone": "Etc/UTC",
        "concurrencyPolicy": "Forbid",
        "startingDeadlineSeconds": 3600,
        "successfulJobsHistoryLimit": 1,
        "failedJobsHistoryLimit": 3,
        "jobTemplate": {"spec": {"backoffLimit": 2, "activeDeadlineSeconds": 3600, "template": pod.template()}},
    }
    return planned("batch/v1", "CronJob", meta, {"spec": spec}, needs=needs)


def _work(fleet: FleetSpec, server: DatabaseServerSpec) -> dict[str, Any]:
    """Dump onto the volume; or into an empty folder, then copy: how long a bucket keeps a dump is its own lifecycle."""
    keep = 1 if server.bucket else server.backup_keep
    dump = dumps.container("dump", fleet, server, DUMP, {"KEEP": str(keep)}, read_only=False)
    if server.bucket is None:
        return {"containers": [dump]}
    return {"init_containers": [dump], "containers": [_copy(fleet, server.bucket)]}


def _copy(fleet: FleetSpec, bucket: BucketSpec) -> dict[str, Any]:
    target = f"bucket:{bucket.name}/{fleet.namespace}"
    args = ["copy", "--immutable", "--include", "*.dump", dumps.FOLDER, target]
    return dumps.rclone("copy", fleet, bucket, args, {}, read_only=True)
