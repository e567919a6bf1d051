"""The canary guard's lock: whoever trips it owns the weights, and nothing may apply over them.

The guard takes ``spec.weighted.services`` of a TraefikService by a forced apply; that ownership is the lock, and only
``flotilla canary acknowledge`` gives it back (DESIGN, "Weights have one owner").
"""

from __future__ import annotations

from collections.abc import Iterable

from fleet.errors import FlotillaError
from manifests.plan import Planned
from sandbox.kubectl import Kubectl
from sandbox.ownership import owners

GUARD = "flotilla-guard"
KIND = "TraefikService"
WEIGHTS = ("spec", "weighted", "services")


def locked(kubectl: Kubectl, resources: Iterable[Planned]) -> list[str]:
    """Give the names of the planned TraefikServices whose weights the guard holds, as ``namespace/name``."""
    services = [resource.inputs for resource in resources if resource.inputs.get("kind") == KIND]
    return [
        f"{live['metadata']['namespace']}/{live['metadata']['name']}"
        for live in kubectl.live(services)
        if any(owner.manager == GUARD for owner in owners(live, *WEIGHTS))
    ]


def refuse_if_locked(kubectl: Kubectl, resources: Iterable[Planned]) -> None:
    """Raise FlotillaError when the guard holds any weights: what it rolled back must not come up again unseen."""
    if held := locked(kubectl, resources):
        raise FlotillaError(
            f"TraefikService {', '.join(held)}: spec.weighted.services is held by {GUARD}, which rolled a canary back; "
            "look at why, then run `flotilla canary acknowledge`"
        )
