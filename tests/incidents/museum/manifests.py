"""A plan's manifests as a person edits them: looked up by kind and name, changed in place, applied by hand."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from manifests.plan import Planned, PlannedComponent

Object = dict[str, Any]
Identity = tuple[str, str, str]
"""API group, kind and name: what makes it another object in the cluster when it changes."""
BY_HAND = "by-hand"
"""The file in which stands what no plan has."""


class Manifests:
    """The components of a plan with whatever was changed in them; the plan itself stays as it is."""

    def __init__(self, components: Iterable[PlannedComponent]) -> None:
        self.planned = list(components)
        self._edited = [_editable(component) for component in self.planned]
        self._added: list[Object] = []

    def __getitem__(self, key: tuple[str, str]) -> Object:
        """Give the manifest of a kind and name, to be changed in place."""
        found = [each for each in self.objects() if (each["kind"], each["metadata"]["name"]) == key]
        assert len(found) == 1, f"{len(found)} manifests are {key[0]} {key[1]}"
        return found[0]

    def container(self, deployment: str) -> Object:
        """Give the first container of a Deployment."""
        first: Object = self["Deployment", deployment]["spec"]["template"]["spec"]["containers"][0]
        return first

    def add(self, manifest: Object) -> Object:
        """Add what no plan has, and give it."""
        self._added.append(manifest)
        return manifest

    def objects(self) -> Iterator[Object]:
        """Give every manifest as it is now."""
        for component in self._edited:
            for resource in component.resources:
                if resource.is_kubernetes:
                    yield resource.inputs  # type: ignore[misc]  # a deep copy, so it is a dict
        yield from self._added

    def changed(self) -> list[Object]:
        """Give what has to be applied: the manifests that are not the plan's."""
        before = _by_identity(self.planned)
        return [each for each in self.objects() if before.get(identity(each)) != each]

    def removed(self) -> list[Object]:
        """Give what the plan has and these manifests have not."""
        now = {identity(each) for each in self.objects()}
        return [each for key, each in _by_identity(self.planned).items() if key not in now]

    def resources(self) -> list[Planned]:
        """Give everything as the resources of one plan, for whoever judges them without files."""
        return [resource for component in self.components() for resource in component.resources]

    def components(self) -> list[PlannedComponent]:
        """Give everything as components, for whoever writes them to files."""
        if not self._added:
            return self._edited
        resources = tuple(
            Planned(type=f"kubernetes:{each['kind']}", name=f"{BY_HAND}-{number}", inputs=each)
            for number, each in enumerate(self._added)
        )
        return [*self._edited, PlannedComponent(type="", name=BY_HAND, parent=None, args={}, resources=resources)]


def identity(manifest: Object) -> Identity:
    """Give what an object is; a version of its API may change and it is still the same."""
    return manifest["apiVersion"].rpartition("/")[0], manifest["kind"], manifest["metadata"]["name"]


def title(manifest: Object) -> str:
    """Give an object's name as verify's results have it."""
    meta = manifest["metadata"]
    return "/".join(filter(None, (manifest["kind"], meta.get("namespace"), meta["name"])))


def _editable(component: PlannedComponent) -> PlannedComponent:
    resources = (replace(each, inputs=copy.deepcopy(dict(each.inputs))) for each in component.resources)
    return replace(component, resources=tuple(resources))


def _by_identity(components: Iterable[PlannedComponent]) -> dict[Identity, Object]:
    objects = (each for component in components for each in component.resources if each.is_kubernetes)
    return {identity(dict(each.inputs)): dict(each.inputs) for each in objects}
