"""Which API versions there are, which are gone, and where a kind lives: the table that a Kubernetes release gives."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from policies import schemas

_STABLE: Final = ("v1", "v2")


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a kind in an API version: ``since`` names the release, ``home`` what to write instead."""

    since: str
    home: str | None


def api_version(group: str, version: str) -> str:
    """Write a group and version as ``apiVersion`` does; the core group has no name."""
    return f"{group}/{version}" if group else version


def release() -> str:
    """Give the release of Kubernetes that the table is of."""
    return str(_table()["release"])


def removed(version: str, kind: str) -> Fate | None:
    """Say when a kind went out of an API version that it once was in."""
    return _fate("removed", version, kind)


def deprecated(version: str, kind: str) -> Fate | None:
    """Say since when a kind in an API version waits for its end."""
    return _fate("deprecated", version, kind)


def _fate(part: str, version: str, kind: str) -> Fate | None:
    found = _table()[part].get(f"{version}/{kind}")
    return Fate(*found) if found else None


@cache
def served() -> dict[str, frozenset[str]]:
    """Give the kinds of every API version, of Kubernetes and of the projects whose definitions we know."""
    found: dict[str, set[str]] = {version: set(kinds) for version, kinds in _table()["served"].items()}
    for file in sorted(set(_table()["custom"].values())):
        for key in schemas.load(file)["kinds"]:
            version, _, kind = key.rpartition("/")
            found.setdefault(version, set()).add(kind)
    return {version: frozenset(kinds) for version, kinds in found.items()}


@cache
def own_groups() -> frozenset[str]:
    """Give the groups of Kubernetes itself, with those that are gone."""
    own = {version.rpartition("/")[0] for version in _table()["served"]}
    gone = {
        key.rpartition("/")[0].rpartition("/")[0]
        for key, (since, _) in _table()["removed"].items()
        if since[0].isdigit()
    }
    return frozenset(own | gone)


@cache
def foreign_groups() -> frozenset[str]:
    """Give the groups of other projects whose definitions we know."""
    return frozenset(_table()["custom"])


@cache
def _homes() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for version, kinds in _table()["served"].items():
        for kind in kinds:
            found[kind].append(version)
    return {kind: tuple(sorted(versions, key=_rank)) for kind, versions in found.items()}


def homes(kind: str) -> tuple[str, ...]:
    """Give the API versions of Kubernetes that have a kind, the one to use first."""
    return _homes().get(kind, ())


def is_stable(kind: str) -> bool:
    """Say whether a kind is one of Kubernetes' own that everybody knows: not one that is still being tried."""
    return any(version.rpartition("/")[2] in _STABLE for version in homes(kind))


def kinds() -> frozenset[str]:
    """Give the names of all kinds of Kubernetes."""
    return frozenset(_homes())


def _rank(version: str) -> tuple[int, int, str]:
    """Order by what to use: stable before beta, the newest first, and the core's Event before that of events.k8s.io."""
    name = version.rpartition("/")[2]
    return (0 if name.isalnum() and name[1:].isdecimal() else 1, -int(name[1:2]), version)


def _table() -> dict[str, Any]:
    return schemas.load("apis")
