"""A database's data lies on a volume that outlives its pod."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from policies.judge import judge
from policies.purpose import Purpose
from policies.settings import Settings
from tests.policies.edge import UNKNOWN

SURE, MAYBE = "FLT-STORAGE-007", "FLT-STORAGE-008"
DATA = "/var/lib/postgresql/data"
CLAIM = {"name": "data", "persistentVolumeClaim": {"claimName": "database"}}
EMPTY = {"name": "data", "emptyDir": {}}


def namespace(purpose: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": _label(purpose)}}


def _label(purpose: str) -> dict[str, str]:
    return {"flotilla.dev/purpose": purpose}


def server(
    image: str = "postgres:17.6",
    mount: str | None = DATA,
    volume: Any = CLAIM,
    *,
    kind: str = "StatefulSet",
    **more: Any,
) -> dict[str, Any]:
    container: dict[str, Any] = {"name": "server", "image": image, **more}
    if mount:
        container["volumeMounts"] = [{"name": "data", "mountPath": mount}]
    pod = {"containers": [container], "volumes": [volume]}
    metadata = {"name": "database", "namespace": "shop"}
    spec = pod if kind == "Pod" else {"template": {"spec": pod}}
    return {"apiVersion": "v1" if kind == "Pod" else "apps/v1", "kind": kind, "metadata": metadata, "spec": spec}


KEPT = [
    ("postgres:17.6", DATA),
    ("postgres:17.6", "/var/lib/postgresql"),
    ("postgres:17.6", "/var/lib/postgresql/data/"),
    ("postgres:18.1", "/var/lib/postgresql"),
    ("postgres", DATA),
    ("postgres:latest", "/var/lib/postgresql"),
    ("registry.example:5000/mirror/library/postgres:16-alpine", DATA),
    ("postgis/postgis:16-3.4", DATA),
    ("pgvector/pgvector:pg16", DATA),
    ("mysql:8.4", "/var/lib/mysql"),
    ("mariadb:11", "/var/lib/mysql"),
    ("percona/percona-server:8.0", "/var/lib/mysql"),
    ("mongo:7", "/data/db"),
    ("mongo:7", "/data"),
    ("clickhouse/clickhouse-server:24.8", "/var/lib/clickhouse"),
    ("influxdb:2.7", "/var/lib/influxdb2"),
    ("bitnami/postgresql:16.2.0", "/bitnami/postgresql"),
    ("bitnamilegacy/mongodb:7.0", "/bitnami/mongodb/data"),
    ("docker.io/bitnami/mariadb:11.3", "/bitnami/mariadb"),
]


@pytest.mark.parametrize(("image", "mount"), KEPT)
def test_a_server_that_loses_its_volume_is_found(found: Any, image: str, mount: str) -> None:
    name = "StatefulSet shop/database"
    production = namespace("production")
    assert found([production, server(image, mount)]) == set()
    assert found([production, server(image, mount, EMPTY)]) == {(SURE, name)}
    assert found([production, server(image, None)]) == {(SURE, name)}
    assert found([server(image, mount, EMPTY)]) == {(MAYBE, name)}
    for purpose in ("test", "disposable"):
        assert found([namespace(purpose), server(image, mount, EMPTY)]) == set()


@pytest.mark.parametrize("kind", ["StatefulSet", "Deployment", "ReplicaSet", "DaemonSet", "Pod"])
def test_whatever_makes_the_server_is_judged(found: Any, kind: str) -> None:
    assert found([server(kind=kind)]) == set()
    assert found([server(kind=kind, volume=EMPTY)]) == {(MAYBE, f"{kind} shop/database")}


@pytest.mark.parametrize("kind", ["Job", "CronJob"])
def test_a_job_with_the_image_is_a_client(found: Any, kind: str) -> None:
    template = server(volume=EMPTY)["spec"]["template"]
    spec = {"jobTemplate": {"spec": {"template": template}}} if kind == "CronJob" else {"template": template}
    manifest = {"apiVersion": "batch/v1", "kind": kind, "metadata": {"name": "b", "namespace": "shop"}, "spec": spec}
    assert found([namespace("production"), manifest]) == set()


@pytest.mark.parametrize(
    "volume",
    [
        {"name": "data", "hostPath": {"path": "/disk"}},
        {"name": "data", "nfs": {"server": "s", "path": "/"}},
        {"name": "data", "awsElasticBlockStore": {"volumeID": "v"}},
        {"name": "data", "csi": {"driver": "d"}},
        {"name": "data", "persistentVolumeClaim": UNKNOWN},
    ],
)
def test_other_lasting_volumes_are_fine(found: Any, volume: Any) -> None:
    assert found([namespace("production"), server(volume=volume)]) == set()


@pytest.mark.parametrize(
    "volume",
    [
        {"name": "data", "emptyDir": {"medium": "Memory"}},
        {"name": "data", "ephemeral": {"volumeClaimTemplate": {}}},
        {"name": "data", "configMap": {"name": "c"}},
    ],
)
def test_volumes_that_go_with_the_pod_are_found(found: Any, volume: Any) -> None:
    assert found([namespace("production"), server(volume=volume)]) == {(SURE, "StatefulSet shop/database")}


def test_a_claim_template_is_a_volume_that_no_list_names(found: Any) -> None:
    manifest = server(volume={"name": "run", "emptyDir": {}})
    manifest["spec"]["volumeClaimTemplates"] = [{"metadata": {"name": "data"}}]
    assert found([namespace("production"), manifest]) == set()
    manifest["spec"]["volumeClaimTemplates"][0]["metadata"]["name"] = "elsewhere"
    manifest["spec"]["template"]["spec"]["volumes"].append(EMPTY)
    assert found([namespace("production"), manifest]) == {(SURE, "StatefulSet shop/database")}


def test_a_volume_where_the_server_does_not_look_is_no_volume() -> None:
    wrong = server(mount="/var/lib/postgres/data")
    found = judge([wrong], settings=Settings(purpose=Purpose.PRODUCTION))
    messages = [one.message for one in found if one.rule.code == SURE]
    assert len(messages) == 1
    assert "(/var/lib/postgres/data is mounted, where the server does not look)" in messages[0]


def test_postgres_18_keeps_its_data_one_folder_higher(found: Any) -> None:
    production = namespace("production")
    assert found([production, server("postgres:18.1", DATA)]) == {(SURE, "StatefulSet shop/database")}
    told = [{"name": "PGDATA", "value": f"{DATA}/pgdata"}]
    assert found([production, server("postgres:18.1", DATA, env=told)]) == set()


@pytest.mark.parametrize(
    ("image", "more"),
    [
        ("postgres:17.6", {"env": [{"name": "PGDATA", "value": "/disk/pg"}]}),
        ("postgres:17.6", {"args": ["-c", "shared_buffers=256MB", "-D", "/disk/pg"]}),
        ("mysql:8.4", {"args": ["--datadir=/disk/mysql"]}),
        ("mongo:7", {"command": ["mongod", "--dbpath", "/disk/db", "--replSet", "rs0"]}),
    ],
)
def test_a_folder_that_the_server_is_told_is_the_one_that_counts(found: Any, image: str, more: Any) -> None:
    assert found([namespace("production"), server(image, "/disk", **more)]) == set()
    assert found([namespace("production"), server(image, "/var/lib", **more)]) == {(SURE, "StatefulSet shop/database")}


@pytest.mark.parametrize(
    "more",
    [
        {"command": ["sh", "-c", "until pg_isready -U postgres -h db; do sleep 1; done"]},
        {"command": ["pg_dump", "-U", "postgres"]},
        {"command": ["psql", "postgres://shop@db/shop"]},
        {"command": ["sleep", "infinity"]},
        {"args": ["pg_basebackup", "-D", "/copy"]},
        {"command": UNKNOWN},
        {"volumeMounts": UNKNOWN},
        {"env": [{"name": "PGDATA", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "k"}}}]},
    ],
)
def test_a_client_and_what_cannot_be_told_are_not_judged(found: Any, more: Any) -> None:
    assert found([namespace("production"), server(mount=None, **more)]) == set()


@pytest.mark.parametrize(
    "more",
    [
        {"command": ["docker-entrypoint.sh", "postgres"]},
        {"command": ["/usr/local/bin/docker-entrypoint.sh"], "args": ["-c", "ssl=on"]},
        {"args": ["-c", "max_connections=200"]},
        {"args": ["postgres", "-c", "ssl=on"]},
        {"command": ["bash", "-c", "cp /keys/* /tmp && exec docker-entrypoint.sh postgres -c ssl=on"]},
    ],
)
def test_a_server_started_by_hand_is_still_one(found: Any, more: Any) -> None:
    assert found([namespace("production"), server(mount=None, **more)]) == {(SURE, "StatefulSet shop/database")}


def test_init_containers_are_clients_and_native_sidecars_are_servers(found: Any) -> None:
    manifest = server("shop:1.4.2", mount=None)
    init: dict[str, Any] = {"name": "wait", "image": "postgres:17.6"}
    manifest["spec"]["template"]["spec"]["initContainers"] = [init]
    assert found([namespace("production"), manifest]) == set()
    init["restartPolicy"] = "Always"
    assert found([namespace("production"), manifest]) == {(SURE, "StatefulSet shop/database")}


@pytest.mark.parametrize(
    "image",
    [
        "prom/mysqld-exporter:v0.15.1",
        "quay.io/prometheuscommunity/postgres-exporter:v0.15.0",
        "ghcr.io/zalando/postgres-operator:v1.12.2",
        "quay.io/sclorg/postgresql-15-c9s:1",
        "cimg/postgres:16.2",
        "adminer:4.8.1",
        "bitnami/pgbouncer:1.22",
    ],
)
def test_other_images_are_no_databases(found: Any, image: str) -> None:
    assert found([namespace("production"), server(image, None)]) == set()


def test_a_name_that_anyone_may_use_is_judged_only_without_any_volume(found: Any) -> None:
    own = "registry.example/team/postgres:17.6"
    assert found([namespace("production"), server(own, "/elsewhere")]) == set()
    assert found([namespace("production"), server(own, None, EMPTY)]) == {(SURE, "StatefulSet shop/database")}


@pytest.mark.parametrize("image", ["redis:7.2", "valkey/valkey:8.0", "bitnami/redis:7.2"])
def test_a_redis_may_be_a_cache(found: Any, image: str) -> None:
    production, name = namespace("production"), "StatefulSet shop/database"
    assert found([server(image, None)]) == set()
    assert found([production, server(image, None)]) == {(MAYBE, name)}
    for arguments in (["--appendonly", "yes"], ["--appendonly=yes"], ["--requirepass", "x", "--appendonly", '"yes"']):
        assert found([production, server(image, None, args=arguments)]) == {(SURE, name)}
    for arguments in (["--maxmemory-policy", "allkeys-lru"], ["--save", ""], ["--appendonly", "no"]):
        assert found([production, server(image, None, args=arguments)]) == set()


def _stateful(policy: Any, purpose: str = "production") -> list[Any]:
    manifest = server(volume={"name": "run", "emptyDir": {}})
    manifest["spec"]["volumeClaimTemplates"] = [{"metadata": {"name": "data"}, "spec": {"storageClassName": "disks"}}]
    manifest["spec"]["persistentVolumeClaimRetentionPolicy"] = policy
    return [namespace(purpose), manifest]


def test_claims_that_go_with_their_statefulset_are_found(found: Any) -> None:
    name = "StatefulSet shop/database"
    assert found(_stateful({"whenDeleted": "Retain", "whenScaled": "Retain"})) == set()
    assert found(_stateful({"whenDeleted": "Delete"})) == {("FLT-STORAGE-009", name)}
    assert found(_stateful({"whenScaled": "Delete"})) == {("FLT-STORAGE-010", name)}
    for policy in (None, UNKNOWN, {}, {"whenDeleted": UNKNOWN}):
        assert found(_stateful(policy)) == set()
    assert found(_stateful({"whenDeleted": "Delete", "whenScaled": "Delete"}, "test")) == set()


def test_a_class_or_volume_that_reclaims_a_production_disk_is_advised_on(found: Any) -> None:
    disks: dict[str, Any] = {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": "disks"},
        "reclaimPolicy": "Retain",
    }
    stack = _stateful(None)
    deleting = disks | {"reclaimPolicy": "Delete"}
    unset = {key: value for key, value in disks.items() if key != "reclaimPolicy"}
    assert found([*stack, disks]) == set()
    assert found([*stack, deleting]) == {("FLT-STORAGE-010", "StorageClass disks")}
    assert found([*stack, unset]) == {("FLT-STORAGE-010", "StorageClass disks")}
    assert found([*stack, deleting | {"metadata": {"name": "others"}}]) == set()
    assert found([*_stateful(None, "test"), deleting]) == set()


def test_a_bound_volume_decides_before_its_class(found: Any) -> None:
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "database", "namespace": "shop"},
        "spec": {"volumeName": "disk"},
    }
    disk: dict[str, Any] = {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "disk"}, "spec": {}}
    stack = [namespace("production"), server(), claim]
    assert found([*stack, disk]) == set()
    deleting = copy.deepcopy(disk)
    deleting["spec"]["persistentVolumeReclaimPolicy"] = "Delete"
    assert found([*stack, deleting]) == {("FLT-STORAGE-010", "PersistentVolume disk")}
