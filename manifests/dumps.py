"""Where dumps lie, and the containers that write, copy and read them: what backing up and restoring share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fleet import naming
from fleet.model import BucketSpec, DatabaseServerSpec, FleetSpec, Resources
from manifests import pods, secrets
from manifests.plan import Manifest

FOLDER = "/backups"
NEWEST = "*.dump"
"""Which dump is restored when nobody names one: the last by name, and names are times."""
USER = 999
"""The user ``postgres`` of the official image (docker-library/postgres)."""
_VOLUME = "backups"
_RESOURCES = Resources(cpu_request="50m", memory_request="64Mi", cpu_limit="500m", memory_limit="256Mi")


def volume(server: DatabaseServerSpec) -> Manifest:
    """Write the volume of dumps: the claim that keeps them, or room for the way to a bucket and back."""
    if server.bucket:
        return {"name": _VOLUME, "emptyDir": {}}
    return {"name": _VOLUME, "persistentVolumeClaim": {"claimName": naming.BACKUP_VOLUME}}


def container(
    name: str,
    fleet: FleetSpec,
    server: DatabaseServerSpec,
    script: str,
    variables: Mapping[str, str],
    *,
    read_only: bool,
) -> dict[str, Any]:
    """Write a container of the server's own image that runs a script, signed in, with the dumps in $FOLDER."""
    database, password = fleet.database, secrets.password(fleet, naming.DATABASE)
    return pods.container(
        name,
        server.image,
        _RESOURCES,
        mounts=[pods.mount(_VOLUME, FOLDER, read_only=read_only), password.mount],
        command=["/bin/sh", "-c", script],
        env=pods.environment(
            {
                "FOLDER": FOLDER,
                "PGDATABASE": database.database,
                "PGHOST": database.host,
                "PGPASSWORD_FILE": password.path("password"),
                "PGPORT": str(database.port),
                "PGUSER": database.user,
                **variables,
            }
        ),
    )


def rclone(
    name: str,
    fleet: FleetSpec,
    bucket: BucketSpec,
    args: Sequence[str],
    variables: Mapping[str, str],
    *,
    read_only: bool,
) -> dict[str, Any]:
    """Write a container that copies between the dumps' folder and a bucket, which it calls ``bucket:``."""
    keys = secrets.bucket(fleet)
    return pods.container(
        name,
        bucket.image,
        _RESOURCES,
        mounts=[pods.mount(_VOLUME, FOLDER, read_only=read_only)],
        args=list(args),
        env=[
            {"name": "RCLONE_CONFIG_BUCKET_TYPE", "value": "s3"},
            {"name": "RCLONE_CONFIG_BUCKET_PROVIDER", "value": "Other"},
            {"name": "RCLONE_CONFIG_BUCKET_ENDPOINT", "value": bucket.endpoint},
            _from_secret("RCLONE_CONFIG_BUCKET_ACCESS_KEY_ID", keys.name, "access-key-id"),
            _from_secret("RCLONE_CONFIG_BUCKET_SECRET_ACCESS_KEY", keys.name, "secret-access-key"),
            {"name": "RCLONE_CONFIG_DIR", "value": "/tmp"},  # noqa: S108  (inside the container)
            *pods.environment(variables),
        ],
    )


def _from_secret(variable: str, name: str, key: str) -> Manifest:
    return {"name": variable, "valueFrom": {"secretKeyRef": {"name": name, "key": key}}}
