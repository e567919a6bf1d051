"""Every pod of every fleet holds the Pod Security Standards' profile "restricted", and more."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifests.roles import KEEPER

Manifest = dict[str, Any]
Raw = dict[str, Any]
Fleets = st.SearchStrategy[Raw]
Objects = Callable[..., Any]
# kubernetes.io, Pod Security Standards, "Restricted": the only volumes it knows.
VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}


def violations(template: Manifest) -> Iterator[str]:
    """Give what the profile "restricted" refuses (kubernetes.io, Pod Security Standards), field by field."""
    spec = template["spec"]
    yield from (field for field in ("hostNetwork", "hostPID", "hostIPC") if spec.get(field))
    yield from (f"volume {one['name']}" for one in spec.get("volumes", []) if not (set(one) - {"name"}) <= VOLUMES)
    pod = spec.get("securityContext", {})
    if pod.get("sysctls") or pod.get("seLinuxOptions"):
        yield "sysctls or seLinuxOptions"
    for container in [*spec.get("initContainers", []), *spec["containers"]]:
        own = container.get("securityContext", {})
        both = {**pod, **own}
        checks = {
            "privileged": not own.get("privileged"),
            "allowPrivilegeEscalation": own.get("allowPrivilegeEscalation") is False,
            "runAsNonRoot": both.get("runAsNonRoot") is True,
            "runAsUser": both.get("runAsUser") != 0,
            "seccompProfile": both.get("seccompProfile", {}).get("type") in ("RuntimeDefault", "Localhost"),
            "drop": own.get("capabilities", {}).get("drop") == ["ALL"],
            "add": set(own.get("capabilities", {}).get("add", [])) <= {"NET_BIND_SERVICE"},
            "procMount": own.get("procMount", "Default") == "Default",
            "hostPort": not any(port.get("hostPort") for port in container.get("ports", [])),
        }
        yield from (name for name, holds in checks.items() if not holds)


@given(data=st.data())
def test_every_pod_is_restricted(any_fleet: Fleets, objects: Objects, data: st.DataObject) -> None:
    for pod in objects(data.draw(any_fleet)).pods():
        assert list(violations(pod.template)) == [], pod.owner


@pytest.mark.parametrize(
    ("path", "value", "violation"),
    [
        ("hostNetwork", True, "hostNetwork"),
        ("volumes", [{"name": "node", "hostPath": {}}], "volume node"),
        ("securityContext.runAsNonRoot", False, "runAsNonRoot"),
        ("securityContext.runAsUser", 0, "runAsUser"),
        ("securityContext.seccompProfile", {}, "seccompProfile"),
        ("containers.0.securityContext.allowPrivilegeEscalation", True, "allowPrivilegeEscalation"),
        ("containers.0.securityContext.capabilities", {"drop": ["NET_RAW"]}, "drop"),
        ("containers.0.ports.0.hostPort", 80, "hostPort"),
    ],
)
def test_the_check_itself_sees_a_violation(
    path: str, value: Any, violation: str, minimal: Raw, objects: Objects
) -> None:
    (checkout,) = (pod for pod in objects(minimal).pods() if pod.owner == "Deployment checkout")
    template = copy.deepcopy(checkout.template)
    here: Any = template["spec"]
    *parents, key = path.split(".")
    for parent in parents:
        here = here[int(parent)] if parent.isdecimal() else here[parent]
    here[key] = value
    assert list(violations(template)) == [violation]


@given(data=st.data())
def test_every_pod_is_read_only_and_has_no_token(any_fleet: Fleets, objects: Objects, data: st.DataObject) -> None:
    found = objects(data.draw(any_fleet))
    assert all(account["automountServiceAccountToken"] is False for account in found.of("ServiceAccount"))
    for pod in found.pods():
        assert pod.spec["automountServiceAccountToken"] is False
        for container in pod.containers:
            assert container["securityContext"]["readOnlyRootFilesystem"] is True
            assert set(container["resources"]) == {"requests", "limits"}
            assert set(container["resources"]["requests"]) == {"cpu", "memory"}


@given(data=st.data())
def test_what_serves_is_probed_and_drained(any_fleet: Fleets, objects: Objects, data: st.DataObject) -> None:
    found = objects(data.draw(any_fleet))
    for workload in found.of("Deployment", "StatefulSet"):
        for container in workload["spec"]["template"]["spec"]["containers"]:
            if container["name"] == KEEPER:
                continue
            assert {"startupProbe", "readinessProbe", "livenessProbe"} <= set(container)
            if workload["kind"] == "Deployment":
                pause = container["lifecycle"]["preStop"]["sleep"]["seconds"]
                assert 0 < pause < workload["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]


@given(data=st.data())
def test_an_image_that_can_move_is_pulled_always(any_fleet: Fleets, objects: Objects, data: st.DataObject) -> None:
    for pod in objects(data.draw(any_fleet)).pods():
        for container in pod.containers:
            moves = container["image"].endswith((":latest", ":main", ":_", "t" * 128, "postgres:17.6"))
            assert container["imagePullPolicy"] == ("Always" if moves else "IfNotPresent"), container["image"]


def test_the_namespace_enforces_the_profile(minimal: Raw, objects: Objects) -> None:
    (namespace,) = objects(minimal).of("Namespace")
    labels = namespace["metadata"]["labels"]
    for mode in ("enforce", "audit", "warn"):
        assert labels[f"pod-security.kubernetes.io/{mode}"] == "restricted"
        assert labels[f"pod-security.kubernetes.io/{mode}-version"] != "latest"
    assert labels["flotilla.dev/purpose"] == "test"
