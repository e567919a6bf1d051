"""A cluster that is not ours, named by KUBECONFIG: used as it is; nothing is installed, started or stopped in it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from fleet.errors import FlotillaError, PlaceError
from manifests.plan import Manifest
from sandbox import builder, crds
from sandbox.cluster import Cluster
from sandbox.kubectl import Kubectl, find_kubectl
from sandbox.ownership import entries
from sandbox.progress import Progress
from sandbox.tools import KUBECTL

ENGINE = "pulumi-kubernetes"
"""How the field managers of Pulumi's Kubernetes provider begin."""


def is_named() -> bool:
    """Say whether the user has named a cluster of their own; that of the sandbox, as `status` prints it, is none."""
    named = os.environ.get("KUBECONFIG", "")
    return named != "" and Path(named).resolve() != Cluster().kubeconfig.resolve()


@contextmanager
def opened(progress: Progress) -> Iterator[Kubectl]:
    """Give kubectl for the cluster that KUBECONFIG names, with a discovery cache for this run alone.

    Raises PlaceError when it can't be reached.
    """
    try:
        path = find_kubectl()
    except PlaceError:
        builder.build(progress, [KUBECTL])
        path = KUBECTL.path
    with tempfile.TemporaryDirectory(prefix="flotilla-kubectl-") as cache:
        kubectl = Kubectl(path=path, cache_dir=Path(cache))
        context = kubectl.run("config", "current-context").strip()
        kubectl = Kubectl(path=path, context=context, cache_dir=Path(cache))
        kubectl.run("get", "--raw", "/readyz")
        yield kubectl


def admit(kubectl: Kubectl, manifests: Sequence[Manifest], progress: Progress) -> None:
    """See that the plan may be applied there.

    Raises PlaceError when a CRD that the plan uses is missing, FlotillaError when the fleet is Pulumi's there: its
    fields would be taken from the engine by force.
    """
    wanted = crds.names(manifests)
    crds.require(kubectl, wanted, files=crds.files(progress))
    namespaces = [manifest for manifest in manifests if manifest["kind"] == "Namespace"]
    for live in kubectl.live(namespaces):
        if any(str(entry.get("manager", "")).startswith(ENGINE) for entry in entries(live)):
            name = live["metadata"]["name"]
            raise FlotillaError(
                f"{kubectl.target}: Namespace {name} belongs to a Pulumi stack; use `flotilla up` there"
            )
