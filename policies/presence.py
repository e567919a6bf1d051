"""What is missing: references whose target is not in the input, and how sure it is that it is nowhere else.

The rule is written down in ``policies.world``.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from policies.inventory import ANYWHERE, Inventory
from policies.names import Likeness
from policies.notes import Notes
from policies.references import Concern, Reference, place
from policies.resources import Resource
from policies.units import meets
from policies.world import World

SYSTEM: Final = "kube-system"
NOT_JUDGED: Final = (
    "not judged whether they exist, because they may be in the cluster beside the input (--world closed judges it)"
)
WORKLOADS: Final = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Pod")

_ALIKE: Final = (
    WORKLOADS,
    ("Role", "ClusterRole"),
    ("Issuer", "ClusterIssuer"),
    ("SecretStore", "ClusterSecretStore"),
    ("TriggerAuthentication", "ClusterTriggerAuthentication"),
    ("Service", "TraefikService"),
    ("Middleware", "MiddlewareTCP"),
    ("ServersTransport", "ServersTransportTCP"),
    ("ConfigMap", "Secret"),
)
_TWINS: Final = {kind: [one for one in kinds if one != kind] for kinds in _ALIKE for kind in kinds}
"""Kinds that are mixed up: an object of the very name, of the other kind, is the one that was meant."""

_READ: Final = frozenset({"ConfigMap", "Secret"})


@dataclass(frozen=True, slots=True)
class Missing:
    """A reference without its target. ``certain``: it is a mistake; else it is worth an advice.

    What may have been meant: ``nearest`` is another name, ``elsewhere`` a namespace that has an object of the very
    name, ``twin`` another kind that has one.
    """

    reference: Reference
    certain: bool
    nearest: str | None = None
    elsewhere: str | None = None
    twin: str | None = None


class Presence:
    """The answer to all references of an input."""

    def __init__(self, references: Iterable[Reference], inventory: Inventory, world: World, notes: Notes) -> None:
        self._inventory, self._world, self._notes = inventory, world, notes
        self._references = [inventory.read(reference) for reference in references]
        self._dangling = [one for one in self._references if not self._counted(one)]

    def missing(self) -> Iterator[Missing]:
        """Give every reference whose target is missing, for sure or probably."""
        for reference in self._dangling if self._world is not World.OPEN else ():
            found = self._graded(reference)
            if found:
                yield found
            else:
                self._notes.add(NOT_JUDGED, shown(reference))

    def _counted(self, reference: Reference) -> bool:
        """Say whether a reference resolves, and count it as one that does or does not."""
        resolved = self._inventory.resolves(reference)
        units, name = self._inventory.units.of(reference.owner), (reference.namespace, reference.name)
        self._inventory.tally.count(units, _topic(reference), name, resolved=resolved)
        return resolved

    def _graded(self, reference: Reference) -> Missing | None:
        likely = self._nearest(reference)
        certain = self._is_certain(reference, is_slip=bool(likely and likely[1]) or self._is_slip(reference))
        if certain is None:
            return None
        twin = self._twin(reference)
        nearest = self._unqualified(reference) or (None if twin or not likely else likely[0])
        return Missing(reference, certain, nearest, self._elsewhere(reference), twin)

    def _is_certain(self, reference: Reference, *, is_slip: bool) -> bool | None:
        """Say whether a target is missing for sure; False when probably, None when that cannot be told."""
        namespace, inventory = reference.namespace, self._inventory
        if self._world is World.CLOSED:
            return True
        if namespace == SYSTEM or inventory.may_be_made(reference):
            return None
        if is_slip:
            return True
        if reference.role.concern is Concern.CLUSTER or inventory.is_brought(namespace):
            return None
        if self._is_own(reference):
            return True
        held = any(inventory.holds(unit, namespace, reference.kind) for unit in self._units(reference))
        return False if held and reference.role.doubted else None

    def _is_slip(self, reference: Reference) -> bool:
        """Say whether the target stands there in a namespace, of a kind, or in a form that was mixed up."""
        if self._twin(reference) or self._unqualified(reference):
            return True
        held = self._inventory.entries.get((reference.kind, reference.name), ()) if self._elsewhere(reference) else ()
        return any(self._is_orphan(reference.kind, reference.role.use, reference.name, *one) for one in held)

    def _unqualified(self, reference: Reference) -> str | None:
        """Give what a text such as ``strip-all@kubernetescrd`` lacks: the namespace before a name that has dashes."""
        whole, where = "-".join(reference.aliases[0]) if reference.aliases else "", place(reference.owner)
        is_name = bool(whole) and self._inventory.has(reference.kind, where, whole)
        return f"{where}-{whole}" if is_name and isinstance(where, str) else None

    def _twin(self, reference: Reference) -> str | None:
        """Give the kind that has an object of the very name; one that pods read besides has to be one nobody reads."""
        units = set(self._inventory.units.whole(reference.owner))
        for kind in _TWINS.get(reference.kind, ()):
            for where, resource in self._inventory.entries.get((kind, reference.name), ()):
                if resource is reference.owner:
                    continue  # a TraefikService may well be called like the Service that it sends to
                near = meets(where, reference.namespace) and units.intersection(self._inventory.units.of(resource))
                if near and (kind not in _READ or self._is_orphan(kind, "", reference.name, where, resource)):
                    return kind
        return None

    def _units(self, reference: Reference) -> tuple[str, ...]:
        """Give the units that count: without a namespace only the file and its folder say what belongs together."""
        inventory, owner = self._inventory, reference.owner
        whole = inventory.units.whole(owner)
        if isinstance(reference.namespace, str) or not reference.role.namespaced:
            return whole
        return tuple(unit for unit in inventory.units.of(owner)[:2] if unit in whole)

    def _is_own(self, reference: Reference) -> bool:
        """Say whether the target is one that the application brings itself, so that it would be here."""
        role, inventory = reference.role, self._inventory
        for unit in self._units(reference):
            brought = any(
                all(inventory.holds(unit, reference.namespace, kind) for kind in kinds) for kinds in role.brought_with
            )
            namesake = role.concern is Concern.BACKEND and any(
                meets(where, reference.namespace)
                for kind in WORKLOADS
                for where, _ in inventory.entries.get((kind, reference.name), ())
            )
            listed = role.listed and not unit.endswith("/") and inventory.holds(unit, reference.namespace, role.kind)
            orphaned = role.orphan_tells and (unit, _where(reference), reference.kind, role.use) in self._orphaned
            held = role.orphan_tells and inventory.holds(unit, reference.namespace, reference.kind)
            orphaned = orphaned or (held and inventory.tally.is_habit(unit, _topic(reference)))
            if (brought or namesake or listed or orphaned) and inventory.tally.agrees(unit, _topic(reference)):
                return True
        return False

    def _nearest(self, reference: Reference) -> tuple[str, bool] | None:
        """Give the name that was most likely meant, and whether that is beyond doubt."""
        found: list[tuple[bool, int, str]] = []
        for name, likeness, places in self._inventory.like(reference):
            unused = any(self._is_orphan(reference.kind, reference.role.use, name, *one) for one in places)
            found.append((likeness is Likeness.MISSPELT or unused, likeness, name))
        return (max(found)[2], max(found)[0]) if found else None

    def _elsewhere(self, reference: Reference) -> str | None:
        if not isinstance(reference.namespace, str):
            return None
        held = self._inventory.entries.get((reference.kind, reference.name), ())
        return min((where for where, _ in held if isinstance(where, str)), default=None)

    def _is_orphan(self, kind: str, use: str, name: str, where: Any, resource: Resource) -> bool:  # noqa: ANN401
        key = where if isinstance(where, str) else ANYWHERE
        used = {(kind, use, key, name), (kind, use, None, name)} & self._used
        return not used and name not in self._inventory.mentioned and not _serves_others(resource)

    @cached_property
    def _used(self) -> frozenset[tuple[str, str, Any, str]]:
        used: set[tuple[str, str, Any, str]] = set()
        for one in self._references:
            where = one.namespace if isinstance(one.namespace, str) else None
            used.update({(one.kind, one.role.use, where, one.name), (one.kind, one.role.use, ANYWHERE, one.name)})
        return frozenset(used)

    @cached_property
    def _orphaned(self) -> frozenset[tuple[str, Any, str, str]]:
        """Every unit and namespace with an object that nobody uses, for the kinds of which that tells something."""
        uses = {(one.kind, one.role.use) for one in self._references if one.role.orphan_tells}
        found: set[tuple[str, Any, str, str]] = set()
        for (kind, name), places in self._inventory.entries.items():
            for use in {use for own, use in uses if own == kind}:
                for where, resource in places:
                    if self._is_orphan(kind, use, name, where, resource):
                        key = where if isinstance(where, str) else None
                        for unit in self._inventory.units.of(resource):
                            found.update({(unit, key, kind, use), (unit, ANYWHERE, kind, use)})
        return frozenset(found)


def _topic(reference: Reference) -> Hashable:
    return reference.kind, reference.role.use, _where(reference)


def _where(reference: Reference) -> Any:  # noqa: ANN401
    return reference.namespace if isinstance(reference.namespace, str) else ANYWHERE


def _serves_others(resource: Resource) -> bool:
    """Say whether an object is there for whoever looks it up by label, so that nobody names it."""
    if "aggregationRule" in resource.inputs or resource.inputs.get("type") == "kubernetes.io/service-account-token":
        return True
    return any(value in ("1", "true", 1, True) or "secret-type" in key for key, value in resource.labels.items())


def shown(reference: Reference) -> str:
    """Give the target of a reference as people write it: ``Secret shop/stripe``."""
    where = reference.namespace if isinstance(reference.namespace, str) else place(reference.owner)
    return (
        f"{reference.kind} {where}/{reference.name}" if isinstance(where, str) else f"{reference.kind} {reference.name}"
    )
