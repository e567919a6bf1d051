"""Gateway API: a route attaches to a listener that takes it, and crosses namespaces only where that is granted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from policies import gateways
from policies.findings import Rule, Scope, Violation
from policies.gateway_listeners import PROTOCOLS, meeting
from policies.gateways import Parent
from policies.hostnames import is_template
from policies.labels import selects
from policies.objects import NAMESPACE_KINDS, Objects
from policies.references import Concern, Reference, place
from policies.resources import Resource
from policies.routes import canonical_host
from policies.rules.references import sentence
from policies.units import meets
from policies.values import UNKNOWN, Path, at, each, mapping, scalar
from policies.world import World

Listener = dict[str, Any]


def _judge_parents(objects: Objects) -> Iterator[Violation]:
    for missing in objects.missing:
        if missing.certain and missing.reference.role.concern is Concern.PARENT:
            yield Violation(missing.reference.owner, missing.reference.path, sentence(missing))
    for resource in objects.resources:
        for parent in gateways.parents(resource) if resource.is_a(gateways.ROUTE_KINDS) else ():
            found = _gateways(objects, parent)
            problems = [_problem(objects, parent, gateway) for gateway in found]
            if problems and all(problems):
                field, message = problems[0] or ("", "")
                yield Violation(resource, (*parent.path, field), message)


def _gateways(objects: Objects, parent: Parent) -> list[Resource]:
    where = parent.namespace or place(parent.owner)
    named = objects.inventory.entries.get(("Gateway", parent.name), ()) if isinstance(parent.name, str) else ()
    return [one for there, one in named if meets(there, where) and one.is_a(gateways.GATEWAY_KINDS)]


def _problem(objects: Objects, parent: Parent, gateway: Resource) -> tuple[str, str] | None:
    """Say why no listener of a Gateway takes the route, and the field that says so; None when one does, or may."""
    listeners = gateways.listeners(gateway)
    if not listeners or UNKNOWN in (parent.section, parent.port, at(gateway.inputs, "spec", "listeners")):
        return None
    offered = ", ".join(f"{scalar(one, 'name')} ({scalar(one, 'port')})" for one in listeners)
    for field, own, wanted in (("sectionName", "name", parent.section), ("port", "port", parent.port)):
        if wanted is not None:
            listeners = [one for one in listeners if scalar(one, own) in (wanted, UNKNOWN)]
            if not listeners:
                return field, f"attaches to listener {wanted!r} of {gateway.title}, whose listeners are {offered}"
    listeners = [one for one in listeners if _lets_in(objects, parent.owner, gateway, one)]
    if not listeners:
        return "name", f"attaches to {gateway.title}, whose listeners take no {parent.owner.kind} from its namespace"
    hosts = at(parent.owner.inputs, "spec", "hostnames")
    if isinstance(hosts, list) and hosts and not any(_shares_host(hosts, one) for one in listeners):
        return (
            "name",
            f"attaches to {gateway.title}, whose listeners have none of the hosts {', '.join(map(str, hosts))}",
        )
    return None


def _lets_in(objects: Objects, route: Resource, gateway: Resource, listener: Listener) -> bool:
    """Say whether a listener may let a route in, by its protocol, its kind and its namespace."""
    if scalar(listener, "protocol") not in {UNKNOWN, None, *PROTOCOLS.get(route.kind, ())}:
        return False
    kinds = [scalar(one, "kind") for _, one in each(listener, "allowedRoutes", "kinds")]
    if kinds and route.kind not in kinds and UNKNOWN not in kinds:
        return False
    allowed = mapping(listener, "allowedRoutes", "namespaces")
    admitted = scalar(allowed, "from") or "Same"
    if admitted == "Same":
        return meets(place(route), place(gateway))
    if admitted != "Selector":
        return admitted != "None"
    labels = [one.labels for one in objects.of(NAMESPACE_KINDS) if _names(one, route)]
    own = {"kubernetes.io/metadata.name": place(route)}
    return not labels or any(selects(at(allowed, "selector"), own | one) is not False for one in labels)


def _names(namespace: Resource, route: Resource) -> bool:
    return isinstance(place(route), str) and namespace.physical_name == place(route)


def _shares_host(hosts: list[Any], listener: Listener) -> bool:
    own = scalar(listener, "hostname")
    return not isinstance(own, str) or not own or any(_meet(own, host) for host in hosts)


def _meet(one: str, other: Any) -> bool:  # noqa: ANN401
    if not isinstance(other, str) or is_template(other):
        return True
    return meeting(canonical_host(one), canonical_host(other)) is not None


PARENT: Final = Rule(
    code="FLT-REF-016",
    name="route-attaches-to-a-listener",
    title="A Gateway API route attaches to a Gateway's listener that takes it",
    why="A route that no listener accepts is not served (NotAllowedByListeners): its hosts answer 404.",
    source="https://gateway-api.sigs.k8s.io/api-types/httproute/#attaching-to-gateways",
    remediation="Name a listener that is there, and let its allowedRoutes and hostname take the route.",
    scope=Scope.STACK,
    judge=_judge_parents,
)


def _judge_grants(objects: Objects) -> Iterator[Violation]:
    if objects.world is World.OPEN:
        return
    held: dict[Any, list[Resource]] = defaultdict(list)
    for resource in objects.of(gateways.GRANT_KINDS):
        held[place(resource)].append(resource)
    for reference in objects.references:
        if _crosses(objects, reference) and not _is_granted(reference, [*held[reference.namespace], *held[None]]):
            target = f"{reference.kind} {reference.namespace}/{reference.name}"
            message = (
                f"names {target}, but no ReferenceGrant there lets a {reference.owner.kind} of its namespace do so"
            )
            path: Path = (*reference.path[:-1], "namespace")
            yield Violation(reference.owner, path, message)


def _crosses(objects: Objects, reference: Reference) -> bool:
    owner = reference.owner
    if not (owner.is_a(gateways.ROUTE_KINDS) or owner.is_a(gateways.GATEWAY_KINDS)):
        return False
    if reference.kind not in {"Service", "Secret"} or meets(reference.namespace, place(owner)):
        return False
    return objects.world is World.CLOSED or objects.inventory.resolves(reference)


def _is_granted(reference: Reference, grants: list[Resource]) -> bool:
    owner = reference.owner
    return any(gateways.grants(grant, owner.kind, place(owner), reference.kind, reference.name) for grant in grants)


GRANT: Final = Rule(
    code="FLT-REF-017",
    name="crossing-is-granted",
    title="A Gateway API object names one of another namespace only with a ReferenceGrant there",
    why="Without the grant the reference is refused (RefNotPermitted), and requests get a 500.",
    source="https://gateway-api.sigs.k8s.io/api-types/referencegrant/",
    remediation="Add a ReferenceGrant to the target's namespace, or name an object of the same namespace.",
    scope=Scope.STACK,
    judge=_judge_grants,
)

RULES = (PARENT, GRANT)
