"""What the tests of the plan share: objects by what they are, and every pod wherever it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import strategies as st

from manifests.plan import Planned

Manifest = dict[str, Any]
Raw = dict[str, Any]


@dataclass(frozen=True)
class Pod:
    """A pod template and the object it stands in."""

    owner: str
    template: Manifest

    @property
    def labels(self) -> Manifest:
        labels: Manifest = self.template["metadata"]["labels"]
        return labels

    @property
    def spec(self) -> Manifest:
        spec: Manifest = self.template["spec"]
        return spec

    @property
    def containers(self) -> list[Manifest]:
        return [*self.spec.get("initContainers", []), *self.spec["containers"]]


class Objects:
    """The Kubernetes objects of a plan."""

    def __init__(self, planned: list[Planned]) -> None:
        self.all: list[Any] = [resource.inputs for resource in planned if resource.is_kubernetes]

    def of(self, *kinds: str) -> list[Manifest]:
        """Give the objects of some kinds."""
        return [one for one in self.all if one["kind"] in kinds]

    def names(self, kind: str) -> set[str]:
        """Give the names of the objects of a kind."""
        return {one["metadata"]["name"] for one in self.of(kind)}

    def named(self, kind: str, name: str) -> Manifest:
        """Give the one object of a kind and name."""
        (found,) = (one for one in self.of(kind) if one["metadata"]["name"] == name)
        return found

    def pods(self) -> Iterator[Pod]:
        """Give every pod that anything makes."""
        for one in self.all:
            spec = one.get("spec", {})
            template = spec.get("template") or spec.get("jobTemplate", {}).get("spec", {}).get("template")
            if template:
                yield Pod(f"{one['kind']} {one['metadata']['name']}", template)


@pytest.fixture(scope="session")
def objects(planned_resources: Callable[..., list[Planned]]) -> Callable[..., Objects]:
    """Give the Kubernetes objects of a raw fleet."""
    return lambda raw, stack="dev": Objects(planned_resources(raw, stack=stack))


@pytest.fixture(scope="session")
def any_fleet(raw_fleets: st.SearchStrategy[Raw], stack_config: Callable[[str], Raw]) -> st.SearchStrategy[Raw]:
    """Give the fleets of the repository's own stacks, then any other."""
    return st.sampled_from(["dev", "staging", "prod", "pr"]).map(stack_config) | raw_fleets


@pytest.fixture(scope="session")
def selects() -> Callable[[Manifest, Manifest], bool]:
    """Say whether a label selector selects labels, as the Kubernetes API says it does."""

    def matches(expression: Manifest, labels: Manifest) -> bool:
        value, operator = labels.get(expression["key"]), expression["operator"]
        if operator in ("Exists", "DoesNotExist"):
            return bool((value is not None) == (operator == "Exists"))
        return bool((value in expression["values"]) == (operator == "In"))

    def run(selector: Manifest, labels: Manifest) -> bool:
        equal = all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())
        return equal and all(matches(one, labels) for one in selector.get("matchExpressions", []))

    return run
