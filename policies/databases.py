"""Which containers are database servers, and in which folder each keeps its data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from policies import images
from policies.pods import Container, Pods
from policies.storage import claim_templates, volumes
from policies.values import UNKNOWN, Path, at, each, scalar

_POSTGRES: Final = ("/var/lib/postgresql/data",)
_POSTGRES_18: Final = ("/var/lib/postgresql",)
_FOLDERS: Final[dict[str, tuple[str, ...]]] = {
    "postgres": _POSTGRES,
    "postgis": _POSTGRES,
    "pgvector": _POSTGRES,
    "timescaledb": _POSTGRES,
    "mysql": ("/var/lib/mysql",),
    "mariadb": ("/var/lib/mysql",),
    "percona": ("/var/lib/mysql",),
    "percona-server": ("/var/lib/mysql",),
    "mongo": ("/data/db",),
    "cassandra": ("/var/lib/cassandra",),
    "clickhouse-server": ("/var/lib/clickhouse",),
    "couchdb": ("/opt/couchdb/data",),
    "influxdb": ("/var/lib/influxdb", "/var/lib/influxdb2"),
    "neo4j": ("/data",),
    "redis": ("/data",),
    "valkey": ("/data",),
}
"""The last part of an image's path, and the VOLUME of its Dockerfile in docker-library and the projects' own."""
_BITNAMI: Final = {
    name: (f"/bitnami/{name}", f"/bitnami/{name}/data")
    for name in ("postgresql", "mysql", "mariadb", "mongodb", "redis", "valkey")
}
_PUBLISHERS: Final = frozenset({"", "library", "percona", "timescale", "clickhouse"})
_OTHERS: Final = re.compile(
    r"(?:^|/)(?:sclorg|rhel\d*|rhscl|centos\d*|openshift\d*|ubi\d*|cimg|circleci|chainguard)(?:/|$)"
)
"""Publishers that use the same names for images with other folders."""
_CACHES: Final = frozenset({"redis", "valkey"})
_SERVERS: Final = (
    "postgres|mysqld(?:_safe)?|mariadbd(?:-safe)?|mongod|redis-server|valkey-server|docker-entrypoint\\.sh"
)
_SERVER: Final = re.compile(rf"(?:^|[\s;&|/])(?:{_SERVERS})(?=\s|$)")
_CLIENT: Final = re.compile(
    r"\b(?:pg_isready|psql|pg_dump(?:all)?|pg_basebackup|mysqladmin|mysqldump|mongodump|sleep)\b"
)
_AS_WORD: Final = re.compile(rf"(?:.*/)?(?:{_SERVERS})")
_APPENDS: Final = re.compile(r"appendonly[\s=]+\"?yes")
_CACHING: Final = re.compile(r"allkeys-|volatile-|appendonly[\s=]+\"?no\b|--save(?:=|\s+)(?:\"\"|''|\s*--|\s*$)")
_FOLDER_FLAG: Final = re.compile(r"(?:--datadir|--dbpath|--dir|-D|data_directory)(?:=|\s+)(/\S+)")
_FOLDER_VARIABLES: Final = frozenset({"PGDATA", "POSTGRESQL_DATA_DIR", "MYSQL_DATA_DIR"})
_TEMPORARY: Final = ("emptyDir", "ephemeral")
_BESIDE: Final = frozenset({"name", "configMap", "secret", "projected", "downwardAPI", *_TEMPORARY})
_POSTGRES_18_NUMBER: Final = 18


@dataclass(frozen=True, slots=True)
class Database:
    """A database server in a pod, and what its data folder lies on.

    ``kind`` is the volume's kind (``emptyDir``), empty where no volume is mounted there; ``elsewhere`` names a lasting
    volume that is mounted in another folder.
    """

    container: Container
    server: str
    folder: str
    kind: str
    path: Path
    elsewhere: str

    @property
    def is_cache(self) -> bool:
        """Whether the server is one that most people use as a cache."""
        return self.server in _CACHES


def unkept(pods: Pods) -> Iterator[Database]:
    """Give the database servers of a pod whose data goes with the pod."""
    for container in pods.running if pods.serves else ():
        found = _server(container)
        if found is None or not _is_served(container):
            continue
        server, folders, sure = found
        if server in _CACHES and _CACHING.search(_words(container)):
            continue
        database = _unkept(pods, container, server, folders)
        if database is not None and (sure or not database.elsewhere):
            yield database


def appends(container: Container) -> bool:
    """Say whether a Redis is told to keep what it is given."""
    return bool(_APPENDS.search(_words(container)))


def is_database(pods: Pods) -> bool:
    """Say whether a pod runs a database server."""
    return any(_server(container) is not None and _is_served(container) for container in pods.running)


def _server(container: Container) -> tuple[str, tuple[str, ...], bool] | None:
    """Give the server's name, its data folders, and whether the image is surely the one that is known."""
    written = scalar(container.spec, "image")
    image = images.parse(written) if isinstance(written, str) else None
    if image is None or _OTHERS.search(f"{image.host}/{image.path}"):
        return None
    folder, _, last = image.path.rpartition("/")
    if folder.startswith("bitnami"):
        return (last, _BITNAMI[last], True) if last in _BITNAMI else None
    if last not in _FOLDERS:
        return None
    number = re.match(r"\d+", image.tag or "")
    if _FOLDERS[last] is not _POSTGRES:
        folders = _FOLDERS[last]
    elif number is None:
        folders = _POSTGRES + _POSTGRES_18
    else:
        folders = _POSTGRES_18 if last == "postgres" and int(number[0]) >= _POSTGRES_18_NUMBER else _POSTGRES
    return last, folders, folder in _PUBLISHERS or folder == last


def _words(container: Container) -> str:
    lists = [at(container.spec, key) for key in ("command", "args")]
    return " ".join(str(word) for one in lists if isinstance(one, list) for word in one)


def _is_served(container: Container) -> bool:
    """Say whether the container runs the server itself, and is no client, wait loop or backup from its image."""
    command, arguments = at(container.spec, "command"), at(container.spec, "args")
    if UNKNOWN in (command, arguments):
        return False
    first = command or arguments
    if not isinstance(first, list) or not first:
        return True
    word = str(first[0])
    if (not command and word.startswith("-")) or _AS_WORD.fullmatch(word):
        return True
    words = _words(container)
    return bool(word.rpartition("/")[2] in {"sh", "bash"} and _SERVER.search(words) and not _CLIENT.search(words))


def _unkept(pods: Pods, container: Container, server: str, folders: tuple[str, ...]) -> Database | None:
    told = _told(container)
    if told is UNKNOWN or UNKNOWN in (at(container.spec, "volumeMounts"), at(pods.template, "spec", "volumes")):
        return None
    kinds = _kinds(pods)
    mounts = [(path, mount) for path, mount in each(container.spec, "volumeMounts")]
    if any(at(mount, "mountPath") is UNKNOWN for _, mount in mounts):
        return None
    wanted = (told,) if isinstance(told, str) else folders
    answers = [_answer(mounts, folder, kinds) for folder in wanted]
    if any(kind not in (*_TEMPORARY, "") for kind, _ in answers):
        return None
    kind, path = next((answer for answer in answers if answer[0]), answers[0])
    lasting = (str(at(mount, "mountPath")) for _, mount in mounts if kinds.get(scalar(mount, "name")) == "lasting")
    where = (*container.path, *path) if path else (*container.path, "image")
    return Database(container, server, wanted[0], kind, where, next(lasting, ""))


def _told(container: Container) -> Any:  # noqa: ANN401
    """Give the folder that the container is told to keep its data in; UNKNOWN where something outside may tell it."""
    for _, variable in each(container.spec, "env"):
        if scalar(variable, "name") in _FOLDER_VARIABLES:
            value = at(variable, "value")
            return value if isinstance(value, str) and value.startswith("/") else UNKNOWN
    flag = _FOLDER_FLAG.search(_words(container))
    return flag[1] if flag else None


def _kinds(pods: Pods) -> dict[Any, str]:
    """Give what each volume of a pod is: a temporary kind, ``lasting``, or something beside data."""
    found = {scalar(claim, "metadata", "name"): "lasting" for _, claim in claim_templates(pods.resource)}
    for _, volume in volumes(pods):
        kind = next((one for one in volume if one in _TEMPORARY), None)
        found[scalar(volume, "name")] = kind or ("lasting" if volume.keys() - _BESIDE else "")
    return found


def _answer(mounts: list[tuple[Path, dict[str, Any]]], folder: str, kinds: dict[Any, str]) -> tuple[str, Path]:
    """Give the kind of volume that a folder lies on, by the nearest mount at it or above it."""
    best: tuple[int, str, Path] = (-1, "", ())
    for path, mount in mounts:
        place = str(at(mount, "mountPath")).rstrip("/")
        above = folder == place or folder.startswith(f"{place}/")
        if above and len(place) > best[0]:
            best = (len(place), kinds.get(scalar(mount, "name"), "lasting"), path)
    return best[1], best[2]
