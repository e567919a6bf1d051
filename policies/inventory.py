"""What the input holds, by kind, namespace, name and unit, and what others make or may make beside it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any, Final

from policies.makers import brought_into, made_by
from policies.names import Likeness, Names
from policies.pods import Pods
from policies.references import PODS, Reference, place
from policies.resources import Resource
from policies.units import Tally, Units, meets
from policies.values import UNKNOWN, at

ANYWHERE: Final = "*"
_BUILT_IN: Final = frozenset({"", "apps", "batch", "autoscaling", "policy", "extensions"})
_MAKE_NOTHING: Final = frozenset(
    {
        *("traefik.io", "traefik.containo.us", "cert-manager.io", "acme.cert-manager.io", "external-secrets.io"),
        *("bitnami.com", "keda.sh", "kyverno.io", "networking.istio.io", "security.istio.io", "cilium.io"),
        *("argoproj.io", "helm.sh", "cloud.google.com", "networking.gke.io", "telemetry.istio.io"),
    }
)
_LONG: Final = 6
_ONLY_WATCH: Final = frozenset({"ServiceMonitor", "PodMonitor", "PrometheusRule", "Probe", "ScrapeConfig"})
_READ_PROPERLY: Final = frozenset({"ScaledObject", "Certificate", "ExternalSecret"})
"""Custom kinds whose references are known one by one, so that not every text in them may be a name."""
_HANDLES: Final = re.compile(r"kubectl|--[\w.-]*(?:secret|config-?map)", re.IGNORECASE)
_WORD: Final = re.compile(r"[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?")


def is_foreign(resource: Resource) -> bool:
    """Say whether a resource is an operator's, which may make any object out of it."""
    group, _, kind = resource.api
    if not kind or group in _BUILT_IN or group in _MAKE_NOTHING or group.endswith(".k8s.io"):
        return False
    return kind not in _ONLY_WATCH


class Inventory:
    """An index over all resources; a name counts as there whatever group or version its kind is written with."""

    def __init__(self, resources: Iterable[Resource], pods: Iterable[Pods]) -> None:
        self.resources = [resource for resource in resources if resource.kind]
        self.pods = list(pods)
        self.units = Units(self.resources)
        self.tally = Tally()
        self.entries: dict[tuple[str, str], list[tuple[Any, Resource]]] = defaultdict(list)
        self._nameless: dict[str, list[Any]] = defaultdict(list)
        self._held: set[tuple[str, Any, str]] = set()
        self._brought: list[Any] = []
        for resource in self.resources:
            self._add(resource.kind, resource.physical_name, place(resource), resource)
            for kind, name, namespace in made_by(resource):
                self._add(kind, name, namespace, resource)
            self._brought.extend(brought_into(resource))
        for one in self.pods:
            if one.serves:
                self._hold(PODS, place(one.resource), one.resource)

    def _add(self, kind: str, name: Any, namespace: Any, resource: Resource) -> None:  # noqa: ANN401
        self._hold(kind, namespace, resource)
        if isinstance(name, str):
            self.entries[kind, name].append((namespace, resource))
        elif name is UNKNOWN or kind == resource.kind:
            self._nameless[kind].append(namespace)

    def _hold(self, kind: str, namespace: Any, resource: Resource) -> None:  # noqa: ANN401
        named = namespace if isinstance(namespace, str) else None
        for unit in self.units.of(resource):
            self._held.update({(unit, named, kind), (unit, ANYWHERE, kind)})

    def holds(self, unit: str, namespace: Any, kind: str) -> bool:  # noqa: ANN401
        """Say whether a unit has any object of a kind in a namespace."""
        if not isinstance(namespace, str):
            return (unit, ANYWHERE, kind) in self._held
        return (unit, namespace, kind) in self._held or (unit, None, kind) in self._held

    def has(self, kind: str, namespace: Any, name: str) -> bool:  # noqa: ANN401
        """Say whether an object is there, or may be: one whose name or namespace nobody knows yet."""
        if any(meets(where, namespace) for where in self._nameless.get(kind, ())):
            return True
        return any(meets(where, namespace) for where, _ in self.entries.get((kind, name), ()))

    def resolves(self, reference: Reference) -> bool:
        """Say whether the target of a reference is there."""
        return reference.namespace is UNKNOWN or self.has(reference.kind, reference.namespace, reference.name)

    def read(self, reference: Reference) -> Reference:
        """Choose how a text such as ``shop-web-auth`` parts into namespace and name: as it resolves, or may."""
        readings = [replace(reference, namespace=where, name=name) for where, name in reference.aliases]
        if not readings:
            return reference
        near = {place(reference.owner), *self._namespaces}
        likely = [one for one in readings if one.namespace in near]
        named = [one for one in readings if (one.kind, one.name) in self.entries]
        return next((one for one in readings if self.resolves(one)), [*readings[:1], *named, *likely][-1])

    @cached_property
    def _namespaces(self) -> frozenset[str]:
        return frozenset(where for resource in self.resources if isinstance(where := place(resource), str))

    def is_brought(self, namespace: Any) -> bool:  # noqa: ANN401
        """Say whether a chart or an application brings objects into a namespace that the input does not show."""
        return any(meets(one, namespace) for one in self._brought)

    def is_operated(self, namespace: Any) -> bool:  # noqa: ANN401
        """Say whether an operator may make objects, and pods, in a namespace."""
        return any(meets(one, namespace) for places in self._foreign.values() for one in places)

    def may_be_made(self, reference: Reference) -> bool:
        """Say whether an operator's object names the target, or is its name's root: ``db`` makes ``db-app``."""
        return reference.name in self.mentioned or any(
            meets(where, reference.namespace)
            for span in _spans(reference.name)
            for where in self._foreign.get(span, ())
        )

    @cached_property
    def _foreign(self) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = defaultdict(list)
        for resource in self.resources:
            if is_foreign(resource):
                found[str(resource.physical_name)].append(place(resource))
        return found

    @cached_property
    def mentioned(self) -> frozenset[str]:
        """Every text in objects of kinds that Kubernetes does not know, and what pods are told to handle as objects."""
        found = {text for one in self.resources if _is_custom(one) for text in _texts(one.inputs.get("spec"))}
        for pods in self.pods:
            for container in pods.containers:
                told = [str(word) for key in ("command", "args") for word in _listed(at(container.spec, key))]
                if _HANDLES.search(" ".join(told)):
                    found.update(word for text in told for word in _WORD.findall(text))
        return frozenset(found)

    @cached_property
    def _names(self) -> dict[str, Names]:
        found: dict[str, Names] = defaultdict(Names)
        for kind, name in sorted(self.entries):
            found[kind].add(name)
        return found

    def like(self, reference: Reference) -> Iterator[tuple[str, Likeness, list[tuple[Any, Resource]]]]:
        """Give the names in the same application that the reference's may have been meant for, with their places."""
        units = set(self.units.whole(reference.owner))
        for name, likeness in self._names[reference.kind].like(reference.name) if units else ():
            found = [
                (where, one)
                for where, one in self.entries[reference.kind, name]
                if meets(where, reference.namespace) and units.intersection(self.units.of(one))
            ]
            if found:
                yield name, likeness, found


def _spans(name: str) -> Iterator[str]:
    """Give the runs of words in a name that may be another's name: at its start any, later none that is short."""
    words = re.split(r"([-.])", name)
    for start in range(0, len(words), 2):
        for end in range(start + 1, len(words) + 1, 2):
            span = "".join(words[start:end])
            if not start or len(span) >= _LONG:
                yield span


def _is_custom(resource: Resource) -> bool:
    group = resource.api[0]
    built_in = group in _BUILT_IN or group.endswith(".k8s.io") or group.startswith("traefik.")
    return not built_in and resource.kind not in _READ_PROPERLY


def _listed(value: Any) -> list[Any]:  # noqa: ANN401
    return value if isinstance(value, list) else []


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
