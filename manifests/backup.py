"""Backups of the fleet's own Postgres: a dump by schedule, onto a volume or into a bucket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fleet import naming
from fleet.model import BucketSpec, DatabaseServerSpec, FleetSpec, Resources
from manifests import pods, secrets
from manifests.objects import NAMESPACE, Identity, logical_name, metadata, planned
from manifests.plan import Manifest, Planned
from manifests.volumes import claim

OWNER = Identity(naming.BACKUP, naming.BACKUP, "job")
_FOLDER = "/backups"
_RESOURCES = Resources(cpu_request="50m", memory_request="64Mi", cpu_limit="500m", memory_limit="256Mi")
_POSTGRES_USER = 999
# A dump gets its name only once it is whole, so that a broken one is never taken for a backup.
_DUMP = """\
set -eu
export PGPASSWORD="$(cat "$PGPASSWORD_FILE")"
name="$(date -u +%Y%m%dT%H%M%SZ).dump"
pg_dump --format=custom --file="$FOLDER/.partial"
pg_restore --list "$FOLDER/.partial" > /dev/null
mv "$FOLDER/.partial" "$FOLDER/$name"
ls -1 "$FOLDER" | grep '\\.dump$' | sort -r | tail -n "+$((KEEP + 1))" |
  while read -r old; do rm -- "$FOLDER/$old"; done
echo "kept $name"
"""


def backup_objects(fleet: FleetSpec, server: DatabaseServerSpec) -> Iterator[Planned]:
    """Plan the CronJob, and the volume or the bucket's keys that it needs."""
    if server.bucket:
        keys = secrets.bucket(fleet)
        yield secrets.secret_object(fleet, keys)
        yield _cron_job(fleet, server, _to_bucket(fleet, server, server.bucket, keys), keys.logical_name)
        return
    volume = claim(fleet, OWNER, naming.BACKUP_VOLUME, size=server.backup_size, storage_class=server.storage_class)
    yield volume
    yield _cron_job(fleet, server, _to_volume(fleet, server), volume.name)


def _cron_job(fleet: FleetSpec, server: DatabaseServerSpec, work: dict[str, Any], store: str) -> Planned:
    meta = metadata(fleet, naming.BACKUP, OWNER)
    password = secrets.database(fleet)
    rotated = password.annotations | (secrets.bucket(fleet).annotations if server.bucket else {})
    pod = pods.Pod(
        labels=meta["labels"] | {naming.COMPARTMENT: naming.DATABASE},
        annotations=rotated,
        service_account=naming.DATABASE,
        pull_secrets=fleet.pull_secrets,
        user=_POSTGRES_USER,
        restart_policy="Never",
        **work,
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
    needs = (
        NAMESPACE,
        logical_name(naming.DATABASE, "ServiceAccount"),
        logical_name(naming.DATABASE, "Service"),
        password.logical_name,
        store,
    )
    return planned("batch/v1", "CronJob", meta, {"spec": spec}, needs=needs)


def _to_volume(fleet: FleetSpec, server: DatabaseServerSpec) -> dict[str, Any]:
    volume = {"name": "backups", "persistentVolumeClaim": {"claimName": naming.BACKUP_VOLUME}}
    return {
        "containers": [_dump(fleet, server, server.backup_keep)],
        "volumes": [volume, secrets.database(fleet).volume],
    }


def _to_bucket(
    fleet: FleetSpec, server: DatabaseServerSpec, bucket: BucketSpec, keys: secrets.SecretSpec
) -> dict[str, Any]:
    """Dump into an empty folder first, then copy; how long the bucket keeps a dump is the bucket's own lifecycle."""
    copy = pods.container(
        "copy",
        bucket.image,
        _RESOURCES,
        mounts=[pods.mount("backups", _FOLDER)],
        args=["copy", "--immutable", "--include", "*.dump", _FOLDER, f"bucket:{bucket.name}/{fleet.namespace}"],
        env=[
            {"name": "RCLONE_CONFIG_BUCKET_TYPE", "value": "s3"},
            {"name": "RCLONE_CONFIG_BUCKET_PROVIDER", "value": "Other"},
            {"name": "RCLONE_CONFIG_BUCKET_ENDPOINT", "value": bucket.endpoint},
            _from_secret("RCLONE_CONFIG_BUCKET_ACCESS_KEY_ID", keys.name, "access-key-id"),
            _from_secret("RCLONE_CONFIG_BUCKET_SECRET_ACCESS_KEY", keys.name, "secret-access-key"),
            {"name": "RCLONE_CONFIG_DIR", "value": "/tmp"},  # noqa: S108  (inside the container)
        ],
    )
    return {
        "init_containers": [_dump(fleet, server, 1)],
        "containers": [copy],
        "volumes": [{"name": "backups", "emptyDir": {}}, secrets.database(fleet).volume],
    }


def _from_secret(variable: str, name: str, key: str) -> Manifest:
    return {"name": variable, "valueFrom": {"secretKeyRef": {"name": name, "key": key}}}


def _dump(fleet: FleetSpec, server: DatabaseServerSpec, keep: int) -> dict[str, Any]:
    database, password = fleet.database, secrets.database(fleet)
    return pods.container(
        "dump",
        server.image,
        _RESOURCES,
        mounts=[pods.mount("backups", _FOLDER, read_only=False), password.mount],
        command=["/bin/sh", "-c", _DUMP],
        env=pods.environment(
            {
                "FOLDER": _FOLDER,
                "KEEP": str(keep),
                "PGDATABASE": database.database,
                "PGHOST": database.host,
                "PGPASSWORD_FILE": password.path("password"),
                "PGPORT": str(database.port),
                "PGUSER": database.user,
            }
        ),
    )
