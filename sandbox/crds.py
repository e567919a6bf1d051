"""The custom resource definitions a fleet uses, taken from the Go modules of the projects that define them.

They are pinned like the tools and read at run time; this repository holds no copy that could go stale.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from fleet.errors import PlaceError
from sandbox import go, lock, places
from sandbox.kubectl import Kubectl, Manifest
from sandbox.progress import Progress
from sandbox.tools import MODULES

MODULE = MODULES / "crds"
READY_SECONDS = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A project's definitions: the files of ``module`` named by ``pattern`` with each of ``kinds`` (plural) in it."""

    project: str
    group: str
    module: str
    pattern: str
    kinds: tuple[str, ...]

    @property
    def patterns(self) -> list[str]:
        """Give the path of each definition inside the module."""
        return [self.pattern.format(kind=kind) for kind in self.kinds]


SOURCES = (
    Source(
        project="Traefik",
        group="traefik.io",
        module="github.com/traefik/traefik/v3",
        pattern="docs/content/reference/dynamic-configuration/traefik.io_{kind}.yaml",
        # All of them: Traefik waits for each before it serves any.
        kinds=(
            *("ingressroutes", "middlewares", "traefikservices", "tlsoptions", "tlsstores", "serverstransports"),
            *("ingressroutetcps", "ingressrouteudps", "middlewaretcps", "serverstransporttcps"),
        ),
    ),
    Source(
        project="the Prometheus operator",
        group="monitoring.coreos.com",
        module="github.com/prometheus-operator/prometheus-operator",
        pattern="example/prometheus-operator-crd/monitoring.coreos.com_{kind}.yaml",
        kinds=("servicemonitors", "podmonitors", "probes", "prometheusrules"),
    ),
    Source(
        project="cert-manager",
        group="cert-manager.io",
        module="github.com/cert-manager/cert-manager",
        pattern="deploy/crds/cert-manager.io_{kind}.yaml",
        kinds=("certificates", "issuers", "clusterissuers"),
    ),
)
"""Only the kinds a fleet may plan: each definition costs the API server a second of start and some memory.

What an operator runs rather than reads (Prometheus itself is 700 kB of schema) is left out.
"""
REQUIRED = ("ingressroutes.traefik.io", "middlewares.traefik.io", "traefikservices.traefik.io")
"""What every fleet uses; whatever else a plan uses is judged by the API server when it is applied."""


def files(progress: Progress) -> list[Path]:
    """Give the definitions, one file for each project, fetched once into the user's cache.

    Raises PlaceError when a module can't be had or is not the one that go.sum names.
    """
    pins = b"".join((MODULE / name).read_bytes() for name in ("go.mod", "go.sum"))
    asked = repr(SOURCES).encode()
    folder = places.cache() / "crds" / hashlib.sha256(pins + asked).hexdigest()[:16]
    wanted = {source: folder / f"{source.group}.yaml" for source in SOURCES}
    if not all(path.exists() for path in wanted.values()):
        with lock.held("crds"), progress.stage("fetch the definitions of custom resources") as stage:
            folder.mkdir(parents=True, exist_ok=True)
            compiler = go.find(go.required_version([MODULE / "go.mod"]), progress)
            for source, path in wanted.items():
                stage.update(source.project)
                collect(module_folder(compiler, source), source, path)
    return list(wanted.values())


def module_folder(compiler: Path, source: Source) -> Path:
    """Give where the pinned module lies in Go's module cache, downloaded if need be and checked against go.sum."""
    pin = re.search(rf"^\s*{re.escape(source.module)} (v\S+)", (MODULE / "go.mod").read_text(), re.MULTILINE)
    if pin is None:
        raise LookupError(f"{MODULE / 'go.mod'} does not require {source.module}")
    named = f"{source.module}@{pin[1]}"
    answer = subprocess.run(
        [compiler, "mod", "download", "-json", named],
        cwd=MODULE, env=go.environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = json.loads(answer.stdout) if answer.stdout.strip() else {"Error": answer.stderr.strip()}
    if found.get("Error"):
        raise PlaceError(f"CRDs of {source.project}: {named} can't be downloaded: {found['Error']}; run it again")
    if f"{source.module} {pin[1]} {found['Sum']}" not in (MODULE / "go.sum").read_text().splitlines():
        raise PlaceError(f"CRDs of {source.project}: {named} is {found['Sum']}, which go.sum does not name")
    return Path(found["Dir"])


def collect(module: Path, source: Source, path: Path) -> None:
    """Write the definitions of a module into one file, whole or not at all."""
    found = [module / pattern for pattern in source.patterns]
    if absent := [file.name for file in found if not file.exists()]:
        raise PlaceError(f"CRDs of {source.project}: its module has no {', '.join(absent)}; pin another version of it")
    partial = path.with_suffix(".partial")
    partial.write_text("\n---\n".join(file.read_text(encoding="utf-8") for file in found), encoding="utf-8")
    partial.rename(path)


def install(kubectl: Kubectl, paths: Iterable[Path]) -> None:
    """Apply the definitions and wait until the API server serves them."""
    named = [word for path in paths for word in ("-f", str(path))]
    kubectl.run("apply", "--server-side", "--force-conflicts", "--field-manager=flotilla-sandbox-crds", *named)
    kubectl.run("wait", "--for=condition=Established", f"--timeout={READY_SECONDS}s", *named)
    # The first list of a kind starts its cache and is told to come back in a second: better all at once than in turn.
    kinds = [f"{kind}.{source.group}" for source in SOURCES for kind in source.kinds]
    with ThreadPoolExecutor(max_workers=len(kinds)) as pool:
        list(pool.map(lambda kind: kubectl.run("get", kind, "-A", "--ignore-not-found"), kinds))


def require(kubectl: Kubectl, names: Iterable[str] = REQUIRED, *, files: Iterable[Path] = ()) -> None:
    """See that a cluster that is not ours has these definitions; they are never installed there silently.

    ``files`` are where definitions could be applied from. Raises PlaceError naming what lacks and what fixes it.
    """
    listed = kubectl.run("get", "customresourcedefinitions", "-o", "name").splitlines()
    have = {line.partition("/")[2] for line in listed}
    if lacking := sorted(name for name in names if name not in have):
        raise PlaceError(f"{kubectl.target}: CRDs {', '.join(lacking)} are missing; {remedy(lacking, files)}")


def remedy(lacking: Iterable[str], files: Iterable[Path]) -> str:
    """Give the command that brings the definitions named, or who brings them where none of ``files`` does."""
    groups = {name.partition(".")[2] for name in lacking}
    if named := [f"-f {path}" for path in files if path.stem in groups]:
        return f"run: kubectl apply --server-side {' '.join(named)}"
    projects = [source.project for source in SOURCES if source.group in groups]
    return f"install {' and '.join(projects) or 'what serves ' + ', '.join(sorted(groups))}"


def names(manifests: Iterable[Manifest]) -> set[str]:
    """Give the definitions that the kinds of a plan come from: plural and group, as Kubernetes names a definition.

    A group of Kubernetes' own has no dot in it, or ends in ``.k8s.io``, and needs none.
    """
    found = {(manifest["apiVersion"].rpartition("/")[0], manifest["kind"]) for manifest in manifests}
    return {f"{kind.lower()}s.{group}" for group, kind in found if "." in group and not group.endswith(".k8s.io")}
