"""When Kubernetes deprecates and removes an API version, from the life-cycle functions in its generated Go."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.policies.schemas import history

Release = tuple[int, int]

_FILE = "zz_generated.prerelease-lifecycle.go"
_FUNCTION = re.compile(r"func \(in \*(\w+)\) APILifecycle(\w+)\(\) .*?\{\s*return (.*?)\n\}", re.DOTALL)
_GROUP = re.compile(r'GroupName\s*=\s*"([^"]*)"')
_REPLACEMENT = re.compile(r'Group: "([^"]*)", Version: "([^"]*)", Kind: "([^"]*)"')
_OPTIONS = re.compile(r"\w+List|\w+Options|Scale|DeploymentRollback|AdmissionReview|ImageReview|APIGroupDiscovery")


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The life of one kind in one version."""

    api_version: str
    kind: str
    deprecated: Release | None
    removed: Release | None
    replacement: str | None


def read(modules: Iterable[Path]) -> Iterator[Lifecycle]:
    """Give the life of every kind that the modules declare."""
    for module in modules:
        for path in sorted(module.rglob(_FILE)):
            group = _GROUP.search((path.parent / "register.go").read_text(encoding="utf-8"))
            found: dict[str, dict[str, str]] = {}
            for function in _FUNCTION.finditer(path.read_text(encoding="utf-8")):
                found.setdefault(function[1], {})[function[2]] = function[3]
            for kind, said in sorted(found.items()):
                if group and not _OPTIONS.fullmatch(kind):
                    yield _lifecycle("/".join(part for part in (group[1], path.parent.name) if part), kind, said)


def _lifecycle(api_version: str, kind: str, said: dict[str, str]) -> Lifecycle:
    replacement = _REPLACEMENT.search(said.get("Replacement", ""))
    return Lifecycle(
        api_version,
        kind,
        _release(said.get("Deprecated")),
        _release(said.get("Removed")),
        "/".join(part for part in replacement.groups()[:2] if part) if replacement else None,
    )


def _release(said: str | None) -> Release | None:
    if said is None:
        return None
    major, minor = said.split(", ")
    return int(major), int(minor)


def table(release: Release, kinds: Iterable[str], lifecycles: Iterable[Lifecycle]) -> dict[str, Any]:
    """Give what the pack knows of API versions: what the release serves, what it dropped, what it will drop."""
    served: dict[str, list[str]] = {}
    for one in sorted(kinds):
        api_version, _, kind = one.rpartition("/")
        served.setdefault(api_version, []).append(kind)
    removed, deprecated = _history(history.REMOVED), _history(history.DEPRECATED)
    for life in lifecycles:
        key, home = f"{life.api_version}/{life.kind}", _home(served, life)
        is_served = life.kind in served.get(life.api_version, ())
        if life.removed and life.removed <= release and not is_served:
            removed[key] = [_text(life.removed), home]
        elif life.deprecated and life.deprecated <= release and is_served:
            deprecated[key] = [_text(life.deprecated), home]
    return {
        "release": _text(release),
        "served": served,
        "removed": dict(sorted((_history(history.REMOVED_ELSEWHERE) | removed).items())),
        "deprecated": dict(sorted((_history(history.DEPRECATED_ELSEWHERE) | deprecated).items())),
    }


def _history(gone: Iterable[history.Gone]) -> dict[str, list[str | None]]:
    return {f"{version}/{kind}": [since, home] for version, kinds, since, home in gone for kind in kinds.split()}


def _home(served: dict[str, list[str]], life: Lifecycle) -> str | None:
    """Give where the kind lives now: where its source says, else in the most stable version that is served.

    The source of an old version may name one that is gone too, and a beta's only other home an alpha.
    """
    homes = [one for one, kinds in served.items() if life.kind in kinds and one != life.api_version]
    homes = [one for one in homes if _stability(one) > _stability(life.api_version)]
    if life.replacement in homes:
        return life.replacement
    return max(homes, key=_stability, default=None)


def _stability(api_version: str) -> int:
    return 0 if "alpha" in api_version else 1 if "beta" in api_version else 2


def _text(release: Release) -> str:
    return f"{release[0]}.{release[1]}"
