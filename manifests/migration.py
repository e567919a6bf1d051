"""The migration: the Job that brings the schema to what a release of the checkout needs, before that release serves."""

from __future__ import annotations

from typing import Any

from fleet import naming
from fleet.images import Image
from fleet.model import FleetSpec
from manifests import pods, secrets
from manifests.objects import NAMESPACE, Identity, logical_name, metadata, planned
from manifests.plan import Planned

OWNER = Identity(naming.MIGRATE, naming.MIGRATE, "job")
# The word an image of the checkout must understand beside serving (docs/architecture.md).
_MIGRATE = ["migrate"]
# A Job that failed is made anew by the next up (pulumi-kubernetes, annotations).
_AGAIN = {"pulumi.com/replaceUnready": "true"}


def migrations(fleet: FleetSpec) -> list[Planned]:
    """Plan a Job for every image that serves: migrations go forward only, and each release finds what it needs."""
    images = dict.fromkeys(release.image for release in fleet.checkout.workload.releases)
    return [_migration(fleet, image) for image in images]


def migrate_container(fleet: FleetSpec, image: Image) -> dict[str, Any]:
    """Write the container that migrates, for a pod in the database's compartment."""
    password = secrets.password(fleet, naming.DATABASE)
    return pods.container(
        naming.MIGRATE,
        image,
        fleet.checkout.workload.resources,
        mounts=[password.mount],
        args=_MIGRATE,
        env=pods.environment(database_environment(fleet, password)),
    )


def database_environment(fleet: FleetSpec, password: secrets.SecretSpec) -> dict[str, str]:
    """Give how an image of the checkout finds its database."""
    database = fleet.database
    return {
        "DATABASE_HOST": database.host,
        "DATABASE_PORT": str(database.port),
        "DATABASE_NAME": database.database,
        "DATABASE_USER": database.user,
        "DATABASE_PASSWORD_FILE": password.path("password"),
    }


def _migration(fleet: FleetSpec, image: Image) -> Planned:
    """Plan one Job; what it does is in its name, so it never changes.

    A rotation makes another one, which ends only when its role may sign in: so no pod starts with a password too new.
    """
    password = secrets.password(fleet, naming.DATABASE)
    pod = pods.Pod(
        labels=metadata(fleet, "", OWNER)["labels"] | {naming.COMPARTMENT: naming.DATABASE},
        annotations=password.annotations,
        service_account=naming.CHECKOUT,
        pull_secrets=fleet.pull_secrets,
        containers=[migrate_container(fleet, image)],
        volumes=[password.volume],
        restart_policy="Never",
    )
    spec = {"backoffLimit": 1, "activeDeadlineSeconds": 600, "template": pod.template()}
    name = f"{naming.MIGRATE}-{naming.digest(spec)}"
    version = {"version": image.version, "app.kubernetes.io/version": image.version}
    needs = [NAMESPACE, logical_name(naming.CHECKOUT, "ServiceAccount"), password.logical_name]
    if fleet.database.server:
        needs.append(logical_name(naming.DATABASE, "Service"))
    meta = metadata(fleet, name, OWNER, labels=version, annotations=_AGAIN)
    return planned("batch/v1", "Job", meta, {"spec": spec}, needs=tuple(needs))
