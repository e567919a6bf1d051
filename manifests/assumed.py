"""What a fleet takes for granted: Secrets that somebody else keeps, named in the stack file and not planned.

A real stack finds them in its namespace; the sandbox, where nobody else is, makes them.
"""

from __future__ import annotations

from collections.abc import Iterator

from fleet import naming
from fleet.model import FleetSpec
from manifests.objects import Identity, metadata, planned
from manifests.plan import Planned
from manifests.secrets import REGISTRY_KEY, REGISTRY_TYPE

TLS_TYPE = "kubernetes.io/tls"


def assumed_secrets(fleet: FleetSpec) -> Iterator[Planned]:
    """Give the certificate and the pull secrets that must exist, as a stand-in for them would be planned."""
    if name := fleet.certificates.secret:
        hosts = {naming.HOSTS: ",".join(workload.host for workload in fleet.workloads)}
        yield _secret(fleet, name, TLS_TYPE, ("tls.crt", "tls.key"), hosts)
    made = {naming.REGISTRY_SECRET} if fleet.login else set()
    for name in fleet.pull_secrets:
        if name not in made:
            yield _secret(fleet, name, REGISTRY_TYPE, (REGISTRY_KEY,), {})


def _secret(fleet: FleetSpec, name: str, kind: str, keys: tuple[str, ...], annotations: dict[str, str]) -> Planned:
    meta = metadata(
        fleet,
        name,
        Identity(name, name, "fleet"),
        annotations={naming.KEYS: ",".join(keys), naming.GENERATION: "1", **annotations},
    )
    return planned("v1", "Secret", meta, {"type": kind})
