"""Writes ``policies/schemas``: run ``python -m tests.policies.schemas.generate`` after a new version of a source.

The pack reads the trees and nothing here: this needs Go modules of tens of megabytes, the trees are kilobytes.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fleet.errors import PlaceError
from policies import schemas
from policies.documents import documents
from sandbox import crds, go
from sandbox.progress import Progress
from sandbox.tools import APISERVER
from tests.policies.schemas import lifecycles, openapi
from tests.policies.schemas.definitions import Definitions

HERE = Path(__file__).parent
LIMIT = 600_000
"""Bytes that all trees together may take: the pack reads them at every start."""


@dataclass(frozen=True, slots=True)
class Module:
    """A Go module in the module cache: its name, its version, and where it lies."""

    name: str
    version: str
    folder: Path


def module(name: str, pins: Path) -> Module:
    """Give a module of the version that ``pins``, a folder with a go.mod, requires; checked against its go.sum."""
    text, own = (pins / "go.mod").read_text(), re.escape(name)
    replaced = re.search(rf"^\s*{own} => {own} (v\S+)", text, re.MULTILINE)
    found = replaced or re.search(rf"^(?:require)?\s*{own} (v\S+)", text, re.MULTILINE)
    if found is None:
        raise LookupError(f"{pins / 'go.mod'} does not require {name}")
    compiler = go.find(go.required_version([pins / "go.mod"]), Progress())
    answer = subprocess.run(
        [compiler, "mod", "download", "-json", f"{name}@{found[1]}"],
        cwd=pins, env=go.environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = json.loads(answer.stdout) if answer.stdout.strip() else {"Error": answer.stderr.strip()}
    if said.get("Error"):
        raise PlaceError(f"{name}@{found[1]} can't be downloaded: {said['Error']}")
    if f"{name} {found[1]} {said['Sum']}" not in (pins / "go.sum").read_text().splitlines():
        raise PlaceError(f"{name}@{found[1]} is {said['Sum']}, which go.sum does not name")
    return Module(name, found[1], Path(said["Dir"]))


def kubernetes() -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the trees of Kubernetes' own kinds and the table of its API versions."""
    pins = APISERVER.folder
    source = module("k8s.io/kubernetes", pins)
    tree = openapi.Definitions(source.folder).tree()
    declaring = [module(f"k8s.io/{name}", pins) for name in ("api", "apiextensions-apiserver", "kube-aggregator")]
    release = tuple(int(part) for part in source.version.removeprefix("v").split(".")[:2])
    table = lifecycles.table((release[0], release[1]), tree["kinds"], lifecycles.read(one.folder for one in declaring))
    return _titled(source, tree), _titled(source, table)


def custom(source: Module, patterns: Iterable[str]) -> dict[str, Any]:
    """Give the trees of the definitions that ``patterns`` find in a module."""
    paths = sorted(path for pattern in patterns for path in source.folder.glob(pattern))
    return _titled(source, Definitions(_definitions(paths)).tree())


def _definitions(paths: Iterable[Path]) -> Iterator[dict[str, Any]]:
    for path in paths:
        for document in documents(str(path), path.read_text(encoding="utf-8")):
            found = document.parse()
            if isinstance(found, dict) and found.get("kind") == "CustomResourceDefinition":
                yield found


def _titled(source: Module, content: dict[str, Any]) -> dict[str, Any]:
    return {"source": source.name, "version": source.version} | content


CUSTOM = {
    "traefik": (
        "github.com/traefik/traefik/v3",
        HERE,
        ("docs/content/reference/dynamic-configuration/kubernetes-crd-definition-v1.yml",),
    ),
    "cert-manager": ("github.com/cert-manager/cert-manager", crds.MODULE, ("deploy/crds/*.yaml",)),
    "prometheus-operator": (
        "github.com/prometheus-operator/prometheus-operator",
        crds.MODULE,
        ("example/prometheus-operator-crd/monitoring.coreos.com_*.yaml",),
    ),
    "gateway": ("sigs.k8s.io/gateway-api", HERE, ("config/crd/experimental/gateway.networking.k8s.io_*.yaml",)),
}
"""File, module, what pins it, and where its definitions lie. Gateway API's experimental ones hold the standard ones."""


def contents() -> dict[str, str]:
    """Give every file of ``policies/schemas`` by its name."""
    trees, table = kubernetes()
    files = {"kubernetes": trees}
    groups: dict[str, str] = {}
    for name, (project, pins, patterns) in CUSTOM.items():
        files[name] = custom(module(project, pins), patterns)
        groups |= dict.fromkeys((kind.partition("/")[0] for kind in files[name]["kinds"]), name)
    files["apis"] = table | {"custom": dict(sorted(groups.items()))}
    return {f"{name}.json": written(content) for name, content in files.items()}


def written(content: dict[str, Any]) -> str:
    """Write one type or one kind a line, so that a new version shows what it changed."""
    parts = []
    for key, value in content.items():
        if isinstance(value, dict):
            rows = ",\n".join(f" {json.dumps(name)}:{_compact(one)}" for name, one in value.items())
            parts.append(f"{json.dumps(key)}:{{\n{rows}\n}}")
        else:
            parts.append(f"{json.dumps(key)}:{_compact(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def main() -> None:
    """Write the files anew."""
    for name, text in contents().items():
        (schemas.FOLDER / name).write_text(text, encoding="utf-8")
        print(f"{name}: {len(text)} bytes")


if __name__ == "__main__":
    main()
