"""The fleet's own Postgres: one server on one volume. Nothing of it is planned for an external database."""

from __future__ import annotations

from collections.abc import Iterator

from fleet import naming
from fleet.model import DatabaseServerSpec, FleetSpec
from fleet.secrets import ROLE_PASSWORDS
from manifests import dumps, pods, providers, roles, secrets
from manifests.backup import backup_objects
from manifests.network import database_policies
from manifests.objects import NAMESPACE, Identity, logical_name, metadata, planned
from manifests.plan import Planned
from manifests.volumes import claim

OWNER = Identity(naming.DATABASE, naming.DATABASE, "database")
_DATA = "/var/lib/postgresql/data"
_PORT_NAME = "postgres"


def database_objects(fleet: FleetSpec) -> Iterator[Planned]:
    """Plan the server, its volume, its Service and its backup."""
    server = fleet.database.server
    if server is None:
        return
    for role in server.roles:
        yield providers.random_password(secrets.GENERATED[ROLE_PASSWORDS[role.letter]], role.generation)
    yield from (secrets.secret_object(fleet, one) for one in secrets.passwords(fleet, naming.DATABASE).values())
    yield claim(fleet, OWNER, naming.DATABASE_VOLUME, size=server.size, storage_class=server.storage_class)
    yield from database_policies(fleet)
    yield _stateful_set(fleet, server)
    yield _service(fleet)
    yield from backup_objects(fleet, server)


def _stateful_set(fleet: FleetSpec, server: DatabaseServerSpec) -> Planned:
    # The claim stands beside the StatefulSet and not inside it: volumeClaimTemplates force a replacement, so that
    # asking for more room would delete the database.
    passwords = list(secrets.passwords(fleet, naming.DATABASE).values())
    selector = {"app.kubernetes.io/name": OWNER.app, "app.kubernetes.io/instance": OWNER.instance}
    meta = metadata(fleet, naming.DATABASE, OWNER, labels={"app.kubernetes.io/version": server.image.version})
    pod = pods.Pod(
        labels=meta["labels"] | {naming.COMPARTMENT: naming.DATABASE},
        # Without the passwords' generations: the keeper reads them as they come, and the server stays.
        service_account=naming.DATABASE,
        pull_secrets=fleet.pull_secrets,
        user=dumps.USER,
        containers=[_server(fleet, server, passwords[0]), roles.keeper(fleet, server)],
        volumes=[
            {"name": "data", "persistentVolumeClaim": {"claimName": naming.DATABASE_VOLUME}},
            {"name": "run", "emptyDir": {}},
            *(password.volume for password in passwords),
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
        *(password.logical_name for password in passwords),
    )
    return planned("apps/v1", "StatefulSet", meta, body, needs=needs, protect=fleet.protected)


def _server(fleet: FleetSpec, server: DatabaseServerSpec, password: secrets.SecretSpec) -> dict[str, object]:
    database = fleet.database.database
    ask = {"exec": {"command": ["pg_isready", "-U", roles.SUPERUSER, "-d", database]}}
    return pods.container(
        "postgres",
        server.image,
        server.resources,
        mounts=[
            pods.mount("data", _DATA, read_only=False),
            roles.sockets(),
            password.mount,
        ],
        ports=[{"name": _PORT_NAME, "containerPort": naming.DATABASE_PORT, "protocol": "TCP"}],
        env=pods.environment(
            {
                # A folder of its own: the volume's root may hold lost+found, on which initdb refuses to start.
                "PGDATA": f"{_DATA}/pgdata",
                "POSTGRES_DB": database,
                # Wanted at the first start, and taken away again (manifests/roles.py).
                "POSTGRES_PASSWORD_FILE": password.path("password"),
                "POSTGRES_USER": roles.SUPERUSER,
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
