"""What a stack file may say of the database, its backup and the edge."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from fleet.config_workloads import ResourcesConfig
from fleet.fields import Count, Cron, Host, ImageReference, Name, ObjectName, OneOf, Quantity, Section


class BucketConfig(Section):
    """An S3-compatible bucket; its keys are the Pulumi secrets flotilla:backupAccessKeyId and ...SecretAccessKey."""

    endpoint: str = Field(pattern=r"^https://[^/\s]+$")
    """The S3 endpoint, like https://<account>.r2.cloudflarestorage.com."""
    name: ObjectName
    """The bucket."""
    image: ImageReference = "docker.io/rclone/rclone:1.71.0"
    """The image that copies the dump there."""


class BackupConfig(Section):
    """When the database is dumped, and where to: a volume unless a bucket is named."""

    schedule: Cron = "17 2 * * *"
    """When (UTC)."""
    keep: Count = 14
    """How many dumps to keep on the volume."""
    size: Quantity = "10Gi"
    """The size of the backup volume, when there is no bucket."""
    bucket: BucketConfig | None = None
    """A bucket to copy dumps to, instead of a volume."""


class DatabaseClusterConfig(Section):
    """A Postgres of the fleet's own, in the cluster."""

    image: ImageReference
    """The Postgres image; pg_dump of the same image makes the backups."""
    size: Quantity = "10Gi"
    """The size of the data volume. It can grow later where the StorageClass allows it, and never shrink."""
    storage_class: ObjectName | None = None
    """The StorageClass of the volumes; the cluster's default when absent. Later changes are ignored."""
    resources: ResourcesConfig | None = None
    """CPU and memory; a documented default when absent."""
    backup: BackupConfig = BackupConfig()
    """Backups."""


class ExternalDatabaseConfig(Section):
    """A Postgres that somebody else runs; its password is the Pulumi secret flotilla:databasePassword."""

    host: Host
    """Where it listens."""
    port: Annotated[int, Field(ge=1, le=65535, strict=True)] = 5432
    """Its port."""
    database: Name = "checkout"
    """The database's name."""
    user: Name = "checkout"
    """The user the checkout signs in as."""


class DatabaseConfig(OneOf):
    """The checkout's Postgres: exactly one of the two."""

    cluster: DatabaseClusterConfig | None = None
    """One of the fleet's own."""
    external: ExternalDatabaseConfig | None = None
    """One that exists."""


class EdgeConfig(Section):
    """Storage at Cloudflare's edge; the API token is the Pulumi secret flotilla:cloudflareApiToken."""

    account_id: str = Field(pattern=r"^[0-9a-f]{32}$")
    """The Cloudflare account. Later changes are ignored."""
    location: Literal["wnam", "enam", "weur", "eeur", "apac", "oc"] | None = None
    """Where D1 and R2 keep their data; chosen by Cloudflare when absent. Later changes are ignored."""
    jurisdiction: Literal["eu", "fedramp"] | None = None
    """Where data may legally lie. Later changes are ignored."""
