"""The fleet's own Postgres: one server on one volume. Nothing of it is planned for an external database."""

from __future__ import annotations

from collections.abc import Iterator

from fleet import naming
from fleet.model import DatabaseServerSpec, FleetSpec
from fleet.secrets import DATABASE_PASSWORD
from manifests import pods, providers, secrets
from manifests.backup import backup_objects
from manifests.network import database_policies
from manifests.objects import NAMESPACE, Identity, logical_name, metadata, planned
from manifests.plan import Planned
from manifests.volumes import claim

OWNER = Identity(naming.DATABASE, naming.DATABASE, "database")
POSTGRES_USER = 999
"""The user ``postgres`` of the official image (docker-library/postgres)."""
_DATA = "/var/lib/postgresql/data"
_PORT_NAME = "postgres"


def database_objects(fleet: FleetSpec) -> Iterator[Planned]:
    """Plan the server, its volume, its Service and its backup."""
    server = fleet.database.server
    if server is None:
        return
    yield providers.random_password(secrets.GENERATED[DATABASE_PASSWORD], fleet.generations.database)
    yield secrets.secret_object(fleet, secrets.database(fleet))
    yield claim(fleet, OWNER, naming.DATABASE_VOLUME, size=server.size, storage_class=server.storage_class)
    yield from database_policies(fleet)
    yield _stateful_set(fleet, server)
    yield _service(fleet)
    yield from backup_objects(fleet, server)


def _stateful_set(fleet: FleetSpec, server: DatabaseServerSpec) -> Planned:
    # The claim stands beside the StatefulSet and not inside it: volumeClaimTemplates force a replacement, so that
    # asking for more room would delete the database.
    password = secrets.database(fleet)
    selector = {"app.kubernetes.io/name": OWNER.app, "app.kubernetes.io/instance": OWNER.instance}
    meta = metadata(fleet, naming.DATABASE, OWNER, labels={"app.kubernetes.io/version": server.image.version})
    pod = pods.Pod(
        labels=meta["labels"] | {naming.COMPARTMENT: naming.DATABASE},
        annotations=password.annotations,
        service_account=naming.DATABASE,
        pull_secrets=fleet.pull_secrets,
        user=POSTGRES_USER,
        containers=[_server(fleet, server, password)],
        volumes=[
            {"name": "data", "persistentVolumeClaim": {"claimName": naming.DATABASE_VOLUME}},
            {"name": "run", "emptyDir": {}},
            password.volume,
        ],
    )
    body = {
        "spec": {
            "serviceName": naming.DATABASE,
            "replicas": 1,
            "selector": {"matchLabels": selector},
            "template": pod.template(),
        }
    }
    needs = (
        NAMESPACE,
        logical_name(naming.DATABASE, "ServiceAccount"),
        logical_name(naming.DATABASE_VOLUME, "PersistentVolumeClaim"),
        password.logical_name,
    )
    return planned("apps/v1", "StatefulSet", meta, body, needs=needs, protect=fleet.protected)


def _server(fleet: FleetSpec, server: DatabaseServerSpec, password: secrets.SecretSpec) -> dict[str, object]:
    database = fleet.database
    ask = {"exec": {"command": ["pg_isready", "-U", database.user, "-d", database.database]}}
    return pods.container(
        "postgres",
        server.image,
        server.resources,
        mounts=[
            pods.mount("data", _DATA, read_only=False),
            pods.mount("run", "/var/run/postgresql", read_only=False),
            password.mount,
        ],
        ports=[{"name": _PORT_NAME, "containerPort": naming.DATABASE_PORT, "protocol": "TCP"}],
        env=pods.environment(
            {
                # A folder of its own: the volume's root may hold lost+found, on which initdb refuses to start.
                "PGDATA": f"{_DATA}/pgdata",
                "POSTGRES_DB": database.database,
                "POSTGRES_PASSWORD_FILE": password.path("password"),
                "POSTGRES_USER": database.user,
            }
        ),
        **pods.probes(ask, ask),
    )


def _service(fleet: FleetSpec) -> Planned:
    selector = {"app.kubernetes.io/name": OWNER.app, "app.kubernetes.io/instance": OWNER.instance}
    port = {
        "name": _PORT_NAME,
        "port": naming.DATABASE_PORT,
        "targetPort": _PORT_NAME,
        "protocol": "TCP",
    }
    body = {"spec": {"type": "ClusterIP", "selector": selector, "ports": [port]}}
    needs = (logical_name(naming.DATABASE, "StatefulSet"),)
    return planned("v1", "Service", metadata(fleet, naming.DATABASE, OWNER), body, needs=needs)
