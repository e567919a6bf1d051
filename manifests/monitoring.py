"""What the Prometheus operator is told: which Services to scrape, with track and version on every series."""

from __future__ import annotations

from collections.abc import Iterator

from fleet import naming
from fleet.model import FleetSpec
from manifests.objects import Identity, metadata, planned
from manifests.plan import Planned

_MONITORED = ((naming.CHECKOUT, "api"), (naming.STOREFRONT, "web"))
_POD_LABELS = ["track", "version", "app.kubernetes.io/instance"]
"""Without track and version a canary can't be told from stable (systems.md E)."""


def monitoring_objects(fleet: FleetSpec) -> Iterator[Planned]:
    """Plan one ServiceMonitor for the checkout and one for all variants; none where the stack has no monitoring."""
    if fleet.monitoring is None:
        return
    for app, component in _MONITORED:
        body = {
            "spec": {
                "selector": {"matchLabels": {"app.kubernetes.io/name": app, naming.FLEET: fleet.namespace}},
                "podTargetLabels": _POD_LABELS,
                "endpoints": [{"port": naming.HTTP_PORT, "path": "/metrics", "interval": fleet.monitoring.interval}],
            }
        }
        meta = metadata(fleet, app, Identity(app, app, component), labels=fleet.monitoring.labels)
        yield planned("monitoring.coreos.com/v1", "ServiceMonitor", meta, body)
