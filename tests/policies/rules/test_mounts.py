"""What a container mounts is a volume of its pod."""

from __future__ import annotations

from typing import Any

import pytest

from policies.values import UNKNOWN

FOUND = {("FLT-REF-009", "Deployment shop/checkout")}
DEPLOYMENT = "Deployment checkout"
SPEC = "spec/template/spec"
MOUNT = [{"name": "data", "mountPath": "/data"}]


@pytest.fixture
def mounting(stack: Any, put: Any) -> Any:
    mounted = put(stack, DEPLOYMENT, f"{SPEC}/containers/0/volumeMounts", MOUNT)
    return put(mounted, DEPLOYMENT, f"{SPEC}/volumes", [{"name": "data", "emptyDir": {}}])


@pytest.mark.parametrize("volumes", [..., [], [{"name": "date", "emptyDir": {}}]])
def test_a_mount_without_its_volume_is_found(mounting: Any, put: Any, found: Any, volumes: Any) -> None:
    assert found(mounting) == set()
    assert found(put(mounting, DEPLOYMENT, f"{SPEC}/volumes", volumes)) == FOUND


@pytest.mark.parametrize("path", ["initContainers/0/volumeMounts", "initContainers/1/volumeDevices"])
def test_every_container_is_looked_at(mounting: Any, put: Any, found: Any, path: str) -> None:
    assert found(put(mounting, DEPLOYMENT, f"{SPEC}/{path}", MOUNT)) == set()
    assert found(put(mounting, DEPLOYMENT, f"{SPEC}/{path}", [{"name": "gone", "mountPath": "/x"}])) == FOUND


@pytest.mark.parametrize(
    ("volumes", "undecided"), [(UNKNOWN, True), ([UNKNOWN], True), ([{"name": UNKNOWN, "emptyDir": {}}], False)]
)
def test_a_volume_that_is_not_known_may_be_the_one(
    mounting: Any, put: Any, found: Any, volumes: Any, *, undecided: bool
) -> None:
    said = {("FLT-PLAN-001", DEPLOYMENT.replace(" ", " shop/"))} if undecided else set()
    assert found(put(mounting, DEPLOYMENT, f"{SPEC}/volumes", volumes)) == said


def test_a_stateful_set_claims_volumes_by_template(mounting: Any, put: Any, found: Any) -> None:
    without = put(mounting, DEPLOYMENT, f"{SPEC}/volumes", ...)
    without[0]["spec"]["volumeClaimTemplates"] = [{"metadata": {"name": "data"}}]
    assert found(without) == FOUND
    without[0]["kind"] = "StatefulSet"
    assert found(without) == set()


def test_a_patch_mounts_what_stands_elsewhere(mounting: Any, put: Any, found: Any) -> None:
    patch = put(mounting, DEPLOYMENT, f"{SPEC}/containers", [{"name": "app", "volumeMounts": MOUNT}])
    patch = put(patch, DEPLOYMENT, f"{SPEC}/initContainers", ...)
    assert found(put(patch, DEPLOYMENT, f"{SPEC}/volumes", ...)) == set()


@pytest.mark.parametrize("name", ["app", "wait", "", None, UNKNOWN])
def test_a_variable_measures_a_container_of_the_pod(stack: Any, put: Any, found: Any, name: Any) -> None:
    def measuring(container: Any) -> Any:
        field = {"resourceFieldRef": {"containerName": container, "resource": "limits.cpu"}}
        return put(stack, DEPLOYMENT, f"{SPEC}/containers/0/env", [{"name": "CPUS", "valueFrom": field}])

    assert found(measuring("server")) == {("FLT-REF-022", DEPLOYMENT.replace(" ", " shop/"))}
    assert found(measuring(name)) == set()
