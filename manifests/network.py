"""Who may talk to whom: Traefik to the pods, the checkout to its database and the world, nobody else to anybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from fleet import naming
from fleet.model import FleetSpec
from manifests.objects import Identity, metadata, planned
from manifests.plan import Manifest, Planned

_CLIENTS_OF_DATABASE = (naming.CHECKOUT, naming.RECONCILE, naming.MIGRATE, naming.BACKUP, naming.RESTORE)
_DNS = {"ports": [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")]}


def checkout_policy(fleet: FleetSpec) -> Planned:
    """Plan what reaches the checkout (Traefik, Prometheus) and what it reaches (DNS, its database, Stripe)."""
    egress = [_DNS, _to_database(fleet), {"ports": [_tcp(_stripe_port(fleet))]}]
    apps = (naming.CHECKOUT, naming.RECONCILE, naming.MIGRATE)
    return _policy(fleet, naming.CHECKOUT, apps, _from_outside(fleet, fleet.checkout.workload.port), egress)


def _stripe_port(fleet: FleetSpec) -> int:
    double = urlsplit(fleet.checkout.stripe_api or "https:")
    return double.port or (443 if double.scheme == "https" else 80)


def storefront_policy(fleet: FleetSpec) -> Planned:
    """Plan what reaches the variants, all at once: they themselves reach nothing but DNS."""
    port = fleet.variants[0].workload.port
    return _policy(fleet, naming.STOREFRONT, (naming.STOREFRONT,), _from_outside(fleet, port), [_DNS])


def database_policies(fleet: FleetSpec) -> Iterator[Planned]:
    """Plan what reaches the database, and what backups and restoring reach."""
    clients = {"from": [_pods(_CLIENTS_OF_DATABASE)], "ports": [_tcp(naming.DATABASE_PORT)]}
    yield _policy(fleet, naming.DATABASE, (naming.DATABASE,), [clients], [_DNS])
    egress = [_DNS, _to_database(fleet)]
    if fleet.database.server and fleet.database.server.bucket:
        egress.append({"ports": [_tcp(443)]})
    yield _policy(fleet, naming.BACKUP, (naming.BACKUP, naming.RESTORE), [], egress)


def _policy(
    fleet: FleetSpec, name: str, apps: tuple[str, ...], ingress: list[Manifest], egress: list[Manifest]
) -> Planned:
    body = {
        "spec": {
            "podSelector": _selector(apps),
            "policyTypes": ["Ingress", "Egress"],
            "ingress": ingress,
            "egress": egress,
        }
    }
    return planned(
        "networking.k8s.io/v1", "NetworkPolicy", metadata(fleet, name, Identity(name, name, "network")), body
    )


def _from_outside(fleet: FleetSpec, port: int) -> list[Manifest]:
    namespaces = [fleet.traefik.namespace]
    if fleet.monitoring:
        namespaces.append(fleet.monitoring.namespace)
    return [{"from": [_namespace(name) for name in namespaces], "ports": [_tcp(port)]}]


def _to_database(fleet: FleetSpec) -> Manifest:
    """Name a database of our own by its pods; of one outside only the port is known, not the address."""
    ports = [_tcp(fleet.database.port)]
    return {"to": [_pods((naming.DATABASE,))], "ports": ports} if fleet.database.server else {"ports": ports}


def _pods(apps: tuple[str, ...]) -> Manifest:
    return {"podSelector": _selector(apps)}


def _selector(apps: tuple[str, ...]) -> Manifest:
    key = "app.kubernetes.io/name"
    if len(apps) == 1:
        return {"matchLabels": {key: apps[0]}}
    return {"matchExpressions": [{"key": key, "operator": "In", "values": sorted(apps)}]}


def _namespace(name: str) -> Manifest:
    return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}


def _tcp(port: int) -> dict[str, Any]:
    return {"protocol": "TCP", "port": port}
