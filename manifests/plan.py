"""The plan: every resource of a fleet as a plain value, with what it needs first.

Components register exactly these resources with Pulumi; ``flotilla render`` writes exactly these to files; the sandbox
applies exactly these. Nothing here, or in this package, knows Pulumi or a cluster.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Manifest = Mapping[str, Any]
"""A Kubernetes object as it is written in YAML."""

KUBERNETES_TYPE = "kubernetes:"
EDGE_TYPE = "cloudflare:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One resource of the plan.

    ``type`` is the Pulumi type token, ``name`` the logical name (unique in the fleet), ``inputs`` what the provider is
    given (for Kubernetes the manifest itself, and never a secret's value), ``needs`` the logical names of resources
    that must be there, and ready, before this one is created or changed, ``ignore_changes`` the inputs that count only
    when the resource is made, because a later change would replace it.
    """

    type: str
    name: str
    inputs: Manifest
    needs: tuple[str, ...] = ()
    protect: bool = False
    retain_on_delete: bool = False
    ignore_changes: tuple[str, ...] = ()

    @property
    def is_kubernetes(self) -> bool:
        """Whether this resource is a Kubernetes object, and so can be written as a manifest and applied."""
        return self.type.startswith(KUBERNETES_TYPE)

    @property
    def is_edge(self) -> bool:
        """Whether this resource is storage at the edge."""
        return self.type.startswith(EDGE_TYPE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedComponent:
    """A component of the plan with the resources it owns; ``parent`` is the logical name of the owning component."""

    type: str
    name: str
    parent: str | None
    args: Mapping[str, Any]
    resources: tuple[Planned, ...]


class PlanError(ValueError):
    """The plan contradicts itself: a need that nothing meets, a name taken twice, or a circle of needs."""


def waves(resources: Iterable[Planned]) -> Iterator[list[Planned]]:
    """Give the resources in waves: each wave needs only earlier ones, and each resource comes as early as it can.

    Within a wave the order of ``resources`` is kept. Raises PlanError when a need is unknown, a name stands twice, or
    needs form a circle.
    """
    waiting = list(resources)
    names = [resource.name for resource in waiting]
    known = set(names)
    if len(known) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise PlanError(f"planned twice under one logical name: {', '.join(twice)}")
    for resource in waiting:
        if unknown := [need for need in resource.needs if need not in known]:
            raise PlanError(f"{resource.name} needs {', '.join(unknown)}, which the plan does not have")
    done: set[str] = set()
    while waiting:
        wave = [resource for resource in waiting if done.issuperset(resource.needs)]
        if not wave:
            raise PlanError(f"these need each other in a circle: {', '.join(sorted(r.name for r in waiting))}")
        yield wave
        done.update(resource.name for resource in wave)
        waiting = [resource for resource in waiting if resource.name not in done]
