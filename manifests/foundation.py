"""What a fleet stands on: the namespace with its Pod Security labels, accounts without tokens, the pull secret."""

from __future__ import annotations

from collections.abc import Iterator

from fleet import naming
from fleet.model import FleetSpec
from manifests import providers, secrets
from manifests.objects import NAMESPACE, Identity, metadata, planned
from manifests.plan import Planned

# The version is pinned, so that an upgrade of the cluster never changes what is refused.
_POD_SECURITY = {
    f"pod-security.kubernetes.io/{mode}{suffix}": value
    for mode in ("enforce", "audit", "warn")
    for suffix, value in (("", "restricted"), ("-version", "v1.33"))
}
SERVICE_ACCOUNTS = (naming.CHECKOUT, naming.STOREFRONT, naming.DATABASE)


def foundation_objects(fleet: FleetSpec) -> Iterator[Planned]:
    """Plan what comes before everything else."""
    yield providers.kubernetes(fleet)
    yield providers.random()
    yield namespace(fleet)
    for name in SERVICE_ACCOUNTS:
        if name != naming.DATABASE or fleet.database.server:
            yield _service_account(fleet, name)
    if fleet.login:
        yield secrets.secret_object(fleet, secrets.registry(fleet))


def namespace(fleet: FleetSpec) -> Planned:
    """Plan the namespace. Deleting it deletes every volume in it, so it is protected like storage."""
    labels = naming.labels(
        name=fleet.namespace, instance=fleet.namespace, component="fleet", fleet=fleet.namespace, part_of=fleet.name
    )
    inputs = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": fleet.namespace,
            "labels": labels | {naming.PURPOSE: fleet.purpose} | _POD_SECURITY,
        },
    }
    return Planned(type="kubernetes:core/v1:Namespace", name=NAMESPACE, inputs=inputs, protect=fleet.protected)


def _service_account(fleet: FleetSpec, name: str) -> Planned:
    meta = metadata(fleet, name, Identity(name, name, "fleet"))
    return planned("v1", "ServiceAccount", meta, {"automountServiceAccountToken": False})
