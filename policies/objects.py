"""The one index over all resources that cross-resource rules look into."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from operator import itemgetter
from typing import Any

from policies import gateway_routes, gateways, ingresses, ingressroutes, splits
from policies.account import Account
from policies.budgets import BUDGET_KINDS, Budget
from policies.gateway_listeners import Gateways
from policies.inventory import Inventory
from policies.labels import Answer, selects, service_selects
from policies.notes import Notes
from policies.object_references import references
from policies.pods import Pods, pods_of
from policies.precedence import Precedence
from policies.presence import Missing, Presence
from policies.purpose import PURPOSE, Purpose, purpose
from policies.references import Reference
from policies.resources import Resource
from policies.routes import Backend, Claim
from policies.scaling import Scaling
from policies.selection import Selection
from policies.services import SERVICE_KINDS, Service
from policies.splits import Split
from policies.storage import CLASS_KINDS, VOLUME_KINDS, Storage
from policies.unmatched import Selectors, Unmatched
from policies.values import UNKNOWN, mapping
from policies.world import World

NAMESPACE_KINDS = {"Namespace": frozenset({""})}
CLUSTER_WIDE = VOLUME_KINDS | CLASS_KINDS
"""Kinds that live in no namespace, as far as a rule asks what they are for."""
NO_PURPOSE = f"not judged by purpose, because neither a Namespace with {PURPOSE} nor the settings give one"


class Objects:
    """All resources of a stack, indexed once; the order they come in changes nothing that a rule finds.

    ``resources`` is what there will be, ``leaving`` what the engine is about to take away, ``external`` what the stack
    only reads.
    ``world`` says how much of a cluster they are, ``purpose`` what the stack is for where no label says it. What rules
    had to leave out is in ``notes`` afterwards.
    """

    def __init__(
        self, resources: Iterable[Resource], *, world: World = World.AUTO, purpose: Purpose | None = None
    ) -> None:
        everything = tuple(resources)
        self.resources = tuple(one for one in everything if not one.leaving and not one.external)
        self.external = tuple(one for one in everything if one.external and not one.leaving)
        self.leaving = tuple(resource for resource in everything if resource.leaving)
        self.world = world
        self.notes = Notes()
        self._purpose = purpose

    def of(self, kinds: Mapping[str, frozenset[str]]) -> list[Resource]:
        """Give the resources of some kinds, in the order of input: most rules want few, and there are many rules."""
        found = [
            (position, resource)
            for kind, groups in kinds.items()
            for position, resource in self._by_kind.get(kind, ())
            if resource.api[0] in groups
        ]
        if len(kinds) > 1:
            found.sort(key=itemgetter(0))
        return [resource for _, resource in found]

    @cached_property
    def _by_kind(self) -> dict[str, list[tuple[int, Resource]]]:
        found: dict[str, list[tuple[int, Resource]]] = defaultdict(list)
        for position, resource in enumerate(self.resources):
            found[resource.kind].append((position, resource))
        return found

    def purpose_of(self, resource: Resource) -> Purpose | None:
        """Give what a resource is there for: its Namespace's label, else the settings'; where neither says, a note.

        What lives in no namespace (Cloudflare's, volumes) has the purpose that all labelled Namespaces share.
        """
        labelled = self._purposes
        if resource.kind and not resource.is_a(CLUSTER_WIDE):
            found = labelled.get(resource.physical_name if resource.is_a(NAMESPACE_KINDS) else resource.namespace)
        else:
            shared = set(labelled.values())
            found = shared.pop() if len(shared) == 1 else None
        found = found or self._purpose
        if found is None:
            self.notes.add(NO_PURPOSE, f"namespace {resource.namespace}" if resource.kind else resource.title)
        return found

    @cached_property
    def _purposes(self) -> dict[Any, Purpose]:
        namespaces = [one for one in (*self.leaving, *self.resources) if one.is_a(NAMESPACE_KINDS)]
        for one in namespaces:
            if isinstance(one.labels.get(PURPOSE), str) and purpose(one.labels[PURPOSE]) is None:
                self.notes.add(f"carries a {PURPOSE} that is none of {', '.join(Purpose)}, and so none", one.title)
        found = {one.physical_name: purpose(one.labels.get(PURPOSE)) for one in namespaces}
        return {name: value for name, value in found.items() if value is not None}

    @cached_property
    def account(self) -> Account:
        """What stands at Cloudflare."""
        return Account(self.resources, self.external)

    @cached_property
    def storage(self) -> Storage:
        """Claims, and who mounts them."""
        return Storage(self.resources, self.pods)

    @cached_property
    def pods(self) -> tuple[Pods, ...]:
        """The pods of every resource that makes some."""
        return tuple(pods for resource in self.resources if (pods := pods_of(resource)))

    @cached_property
    def services(self) -> tuple[Service, ...]:
        """All Services."""
        return tuple(Service(resource) for resource in self.of(SERVICE_KINDS))

    @cached_property
    def backends(self) -> tuple[Backend, ...]:
        """Every backend of every routing object."""
        found: list[Backend] = []
        for resource in self.resources:
            if resource.is_a(ingresses.INGRESS_KINDS):
                found.extend(ingresses.backends(resource))
            elif resource.is_a(ingressroutes.BACKEND_KINDS):
                found.extend(ingressroutes.backends(resource))
            elif resource.is_a(gateways.ROUTE_KINDS):
                found.extend(gateways.backends(resource))
        return tuple(found)

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """Every claim of every routing object."""
        found: list[Claim] = []
        for resource in self.resources:
            if resource.is_a(ingresses.INGRESS_KINDS):
                found.extend(ingresses.claims(resource))
            elif resource.is_a(ingressroutes.CLAIM_KINDS):
                found.extend(ingressroutes.claims(resource))
            elif resource.is_a(gateways.ROUTE_KINDS) or resource.is_a(gateways.GATEWAY_KINDS):
                found.extend(gateway_routes.claims(resource, self.gateways))
        return tuple(found)

    @cached_property
    def scaling(self) -> Scaling:
        """Replicas and autoscalers."""
        return Scaling(self.resources)

    @cached_property
    def splits(self) -> tuple[Split, ...]:
        """Every weighted list of backends."""
        return tuple(split for resource in self.of(splits.SPLIT_KINDS) for split in splits.splits(resource))

    @cached_property
    def budgets(self) -> tuple[Budget, ...]:
        """Every PodDisruptionBudget; one that is written down twice counts once."""
        found = {one.identity: Budget(one) for one in self.of(BUDGET_KINDS)}
        return tuple(found.values())

    def services_of(self, resource: Resource) -> list[Service]:
        """Give the Services that surely select the pods of a resource."""
        return self._services_by_workload.get(id(resource), [])

    @cached_property
    def _services_by_workload(self) -> dict[int, list[Service]]:
        index: dict[int, list[Service]] = defaultdict(list)
        for service in self.services:
            for pods, answer in self.selected(service):
                if answer is True:
                    index[id(pods.resource)].append(service)
        return index

    def guarded(self, budget: Budget) -> Iterator[tuple[Pods, Answer]]:
        """Give the pods that a budget watches over, or may watch over when labels are unknown."""
        namespace, selector = budget.resource.namespace, budget.selector
        labels = mapping(selector, "matchLabels")
        found = self._candidates(namespace, labels) if labels else self._pods_by_namespace.get(namespace, [])
        for pods in found if isinstance(selector, dict) else ():
            answer = selects(selector, pods.labels)
            if answer is not False:
                yield pods, answer

    @cached_property
    def _pods_by_namespace(self) -> dict[Any, list[Pods]]:
        index: dict[Any, list[Pods]] = defaultdict(list)
        for pods in self.pods:
            if pods.serves:
                index[pods.resource.namespace].append(pods)
        return index

    @cached_property
    def inventory(self) -> Inventory:
        """What is there, by kind, namespace, name and file."""
        return Inventory(self.resources, self.pods)

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """Every reference from one object to another."""
        return tuple(references(self.resources))

    @cached_property
    def missing(self) -> tuple[Missing, ...]:
        """Every reference whose target is missing in the world that the input is taken for."""
        return tuple(self._absences[0].missing())

    @cached_property
    def selection(self) -> Selection:
        """Which pods a selector selects, wherever they come from."""
        return Selection(self.inventory)

    @cached_property
    def unmatched(self) -> tuple[Unmatched, ...]:
        """Every selector of a Service, PodDisruptionBudget or NetworkPolicy that selects no pods."""
        return tuple(self._absences[1].unmatched())

    @cached_property
    def _absences(self) -> tuple[Presence, Selectors]:
        """What may be missing: both are counted before either is judged."""
        rest = (self.inventory, self.world, self.notes)
        return Presence(self.references, *rest), Selectors(self.selection, *rest)

    @cached_property
    def precedence(self) -> Precedence:
        """Which claims Traefik puts before which."""
        return Precedence(self.claims, self.notes)

    @cached_property
    def gateways(self) -> Gateways:
        """The Gateways of the Gateway API, by namespace and name."""
        found = self.of(gateways.GATEWAY_KINDS)
        return {(one.namespace, one.physical_name): one for one in found}

    def services_named(self, namespace: Any, name: Any) -> list[Service]:  # noqa: ANN401  (may be unknown)
        """Give the Services under a name; more than one only where an object is written down more than once."""
        return self._services_by_name.get((namespace, name), [])

    def selected(self, service: Service) -> Iterator[tuple[Pods, Answer]]:
        """Give the serving pods that a Service selects, or may select when labels are unknown (then with UNKNOWN)."""
        selector, namespace = service.selector, service.resource.namespace
        for pods in self._candidates(namespace, selector):
            answer = service_selects(selector, pods.labels)
            if answer is not False:
                yield pods, answer

    @cached_property
    def _services_by_name(self) -> dict[tuple[Any, Any], list[Service]]:
        index: dict[tuple[Any, Any], list[Service]] = defaultdict(list)
        for service in self.services:
            index[service.resource.namespace, service.resource.physical_name].append(service)
        return index

    @cached_property
    def _pods_by_label(self) -> dict[tuple[Any, str, Any], list[Pods]]:
        index: dict[tuple[Any, str, Any], list[Pods]] = defaultdict(list)
        for pods in self.pods:
            if pods.serves:
                labels = pods.labels if isinstance(pods.labels, dict) else {"": pods.labels}
                for key, value in labels.items():
                    index[pods.resource.namespace, key, str(value)].append(pods)
        return index

    def _candidates(self, namespace: Any, selector: Any) -> list[Pods]:  # noqa: ANN401
        """Narrow by the selector's rarest pair, so that one label shared by the whole fleet costs nothing."""
        if not isinstance(selector, dict) or not selector:
            return []
        by_label, unknown = self._pods_by_label, str(UNKNOWN)
        wholly_unknown = by_label.get((namespace, "", unknown), [])
        narrowed = [
            by_label.get((namespace, key, str(value)), []) + by_label.get((namespace, key, unknown), [])
            for key, value in selector.items()
            if value is not UNKNOWN
        ]
        return wholly_unknown + (min(narrowed, key=len) if narrowed else [])
