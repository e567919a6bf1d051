"""Every stack of the repository on a real API server."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from manifests import fleet as planning
from manifests.assumed import assumed_secrets
from ops import stackfile
from sandbox.apply import Application
from sandbox.progress import Progress
from sandbox.shops import shops

STACKS = sorted(path.name.split(".")[1] for path in Path(stackfile.PROJECT).glob("Pulumi.*.yaml"))


@pytest.mark.parametrize("stack", STACKS)
def test_the_stack_comes_up_whole_and_a_second_apply_changes_nothing(private_cluster: Any, stack: str) -> None:
    fleet = stackfile.read(stack).fleet()
    resources = [*planning.resources(planning.plan(fleet)), *assumed_secrets(fleet)]
    application = Application(
        kubectl=private_cluster.kubectl,
        fleet=fleet.namespace,
        progress=Progress(Console(file=io.StringIO())),
        volumes_in=private_cluster.volumes,
    )
    first = application.run(resources)
    assert len(first.created) == sum(resource.is_kubernetes for resource in resources)
    served = list(shops(private_cluster.kubectl, fleet))
    assert len(served) == sum(len(workload.releases) for workload in fleet.workloads)
    assert [shop.name for shop in served if not shop.is_ready or not shop.wanted] == []
    second = application.run(resources)
    assert second.is_nothing, str(second)


def test_both_readers_of_the_database_find_the_same_password(private_cluster: Any) -> None:
    fleet = stackfile.read("dev").fleet()
    resources = [*planning.resources(planning.plan(fleet)), *assumed_secrets(fleet)]
    quiet = Progress(Console(file=io.StringIO()))
    folder = private_cluster.volumes
    kubectl = private_cluster.kubectl
    Application(kubectl=kubectl, fleet=fleet.namespace, progress=quiet, volumes_in=folder).run(resources)
    of = ("get", "secret", "-n", fleet.namespace)
    names = ("database-a", "checkout-database-a", "database-b", "checkout-database-b")
    first, same, second, other = (kubectl.json(*of, name)["data"]["password"] for name in names)
    assert first == same != second == other
    assert first
    assert second
