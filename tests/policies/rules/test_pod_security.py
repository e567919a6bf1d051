"""Pods keep away from their node and from root, whichever kind makes them and whichever list a container is in."""

from __future__ import annotations

from typing import Any

import pytest

from policies.judge import judge
from policies.values import UNKNOWN

APP = "spec/template/spec/containers/0"
WORKLOAD = "Deployment checkout"
TITLE = "Deployment shop/checkout"
PRIVILEGED, HOST, PATHS, CAPABILITIES, CONFINEMENT, ROOT = (f"FLT-SECURITY-00{number}" for number in range(1, 7))
LISTS = ["containers", "initContainers", "ephemeralContainers"]


def _pod(context: Any = None, where: str = "containers", **spec: Any) -> dict[str, Any]:
    container = {"name": "c", "image": "shop:1.4.2"} | ({"securityContext": context} if context is not None else {})
    whole = {"containers": [{"name": "m", "image": "shop:1.4.2"}], where: [container]} | spec
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": whole}


@pytest.mark.parametrize(
    ("code", "path", "value"),
    [
        (PRIVILEGED, f"{APP}/securityContext/privileged", True),
        (PRIVILEGED, f"{APP}/securityContext/windowsOptions", {"hostProcess": True}),
        (PRIVILEGED, "spec/template/spec/securityContext/windowsOptions", {"hostProcess": True}),
        (HOST, "spec/template/spec/hostNetwork", True),
        (HOST, "spec/template/spec/hostPID", True),
        (HOST, "spec/template/spec/hostIPC", True),
        (HOST, f"{APP}/ports/0/hostPort", 8443),
        (PATHS, "spec/template/spec/volumes", [{"name": "v", "hostPath": {"path": "/var/run/docker.sock"}}]),
        (PATHS, "spec/template/spec/volumes", [{"name": "v", "hostPath": {}}]),
        (CAPABILITIES, f"{APP}/securityContext/capabilities", {"add": ["SYS_ADMIN"]}),
        (CAPABILITIES, f"{APP}/securityContext/capabilities", {"drop": ["ALL"], "add": ["CHOWN", "NET_RAW"]}),
        (CAPABILITIES, f"{APP}/securityContext/capabilities", {"add": ["ALL"]}),
        (CONFINEMENT, "spec/template/spec/securityContext/seccompProfile/type", "Unconfined"),
        (CONFINEMENT, f"{APP}/securityContext/seccompProfile", {"type": "Unconfined"}),
        (CONFINEMENT, f"{APP}/securityContext/appArmorProfile", {"type": "Unconfined"}),
        (CONFINEMENT, "spec/template/spec/securityContext/appArmorProfile", {"type": "Unconfined"}),
        (
            CONFINEMENT,
            "spec/template/metadata/annotations",
            {"container.apparmor.security.beta.kubernetes.io/app": "unconfined"},
        ),
        (CONFINEMENT, f"{APP}/securityContext/seLinuxOptions", {"type": "spc_t"}),
        (CONFINEMENT, "spec/template/spec/securityContext/seLinuxOptions", {"user": "system_u"}),
        (CONFINEMENT, f"{APP}/securityContext/seLinuxOptions", {"role": "sysadm_r"}),
        (CONFINEMENT, f"{APP}/securityContext/procMount", "Unmasked"),
        (CONFINEMENT, "spec/template/spec/securityContext/sysctls", [{"name": "net.core.somaxconn", "value": "9"}]),
        (CONFINEMENT, f"{APP}/readinessProbe/httpGet/host", "10.0.0.7"),
        (CONFINEMENT, f"{APP}/lifecycle", {"preStop": {"httpGet": {"port": 80, "host": "169.254.169.254"}}}),
        (ROOT, f"{APP}/securityContext/runAsUser", 0),
        (ROOT, "spec/template/spec/securityContext/runAsUser", 0),
        (ROOT, f"{APP}/securityContext/allowPrivilegeEscalation", True),
    ],
)
def test_one_wrong_field_in_a_clean_stack_is_one_finding(
    stack: Any, put: Any, found: Any, code: str, path: str, value: Any
) -> None:
    assert found(stack) == set()
    assert found(put(stack, WORKLOAD, path, value)) == {(code, TITLE)}


def test_a_pod_that_allows_root_is_found_where_no_user_is_set(stack: Any, put: Any, found: Any) -> None:
    without_user = put(stack, WORKLOAD, "spec/template/spec/securityContext/runAsUser", ...)
    assert found(without_user) == set()
    assert found(put(without_user, WORKLOAD, f"{APP}/securityContext/runAsNonRoot", False)) == {(ROOT, TITLE)}


@pytest.mark.parametrize("where", LISTS)
@pytest.mark.parametrize(
    ("code", "context"),
    [
        (PRIVILEGED, {"privileged": True}),
        (CAPABILITIES, {"capabilities": {"add": ["NET_ADMIN"]}}),
        (CONFINEMENT, {"seccompProfile": {"type": "Unconfined"}}),
        (ROOT, {"runAsUser": 0}),
        (ROOT, {"runAsNonRoot": False}),
        (ROOT, {"allowPrivilegeEscalation": True}),
    ],
)
def test_every_list_of_containers_counts(found: Any, where: str, code: str, context: Any) -> None:
    assert found([_pod({}, where)]) == set()
    assert found([_pod(context, where)]) == {(code, "Pod p")}


@pytest.mark.parametrize(
    ("api", "kind", "path"),
    [
        ("apps/v1", "Deployment", ["spec", "template"]),
        ("apps/v1", "StatefulSet", ["spec", "template"]),
        ("apps/v1", "DaemonSet", ["spec", "template"]),
        ("apps/v1", "ReplicaSet", ["spec", "template"]),
        ("v1", "ReplicationController", ["spec", "template"]),
        ("v1", "PodTemplate", ["template"]),
        ("batch/v1", "Job", ["spec", "template"]),
        ("batch/v1", "CronJob", ["spec", "jobTemplate", "spec", "template"]),
    ],
)
def test_every_kind_that_makes_pods_counts(found: Any, api: str, kind: str, path: list[str]) -> None:
    inner: dict[str, Any] = {"spec": _pod({"privileged": True})["spec"]}
    for step in reversed(path):
        inner = {step: inner}
    assert found([{"apiVersion": api, "kind": kind, "metadata": {"name": "x"}} | inner]) == {(PRIVILEGED, f"{kind} x")}


@pytest.mark.parametrize(
    "pod",
    [
        _pod({"runAsUser": 10001}, securityContext={"runAsUser": 0}),
        _pod({"runAsNonRoot": True}, securityContext={"runAsNonRoot": False}),
        _pod({"runAsNonRoot": False, "runAsUser": 10001}),
        _pod({"runAsUser": 0, "runAsNonRoot": False, "procMount": "Unmasked"}, hostUsers=False),
        _pod({"capabilities": {"add": ["CHOWN", "NET_BIND_SERVICE", "SETUID"]}}),
        _pod({"seccompProfile": {"type": "Localhost", "localhostProfile": "shop.json"}}),
        _pod({"appArmorProfile": {"type": "Localhost", "localhostProfile": "shop"}}),
        _pod({"seLinuxOptions": {"type": "container_t", "level": "s0:c123,c456"}}),
        _pod({"seLinuxOptions": {"type": "container_engine_t"}}),
        _pod({"privileged": False, "procMount": "Default", "allowPrivilegeEscalation": False}),
        _pod(securityContext={"sysctls": [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}]}),
        _pod(securityContext={"runAsUser": 10001, "fsGroup": 0, "supplementalGroups": [0]}),
        _pod(hostNetwork=False, hostPID=False, hostIPC=False, shareProcessNamespace=True),
        _pod(hostAliases=[{"ip": "10.0.0.7", "hostnames": ["db"]}]),
        _pod(volumes=[{"name": "v", "hostPath": None, "emptyDir": {}}, {"name": "w", "nfs": {"server": "a"}}]),
        _pod({"windowsOptions": {"runAsUserName": "ContainerUser"}}, os={"name": "windows"}),
        _pod(securityContext=None, volumes=None, os=None),
    ],
)
def test_what_the_standards_allow_is_fine(found: Any, pod: Any) -> None:
    assert found([pod]) == set()


def test_an_unmasked_proc_needs_a_user_namespace(found: Any) -> None:
    assert found([_pod({"procMount": "Unmasked"}, hostUsers=False)]) == set()
    assert found([_pod({"procMount": "Unmasked"}, hostUsers=True)]) == {(CONFINEMENT, "Pod p")}


def test_what_a_privileged_container_has_anyway_is_said_once(found: Any) -> None:
    context = {"privileged": True, "allowPrivilegeEscalation": True, "capabilities": {"add": ["SYS_ADMIN"]}}
    assert found([_pod(context)]) == {(PRIVILEGED, "Pod p")}


def test_a_host_port_on_the_hosts_network_is_said_once(everything: Any) -> None:
    pod = _pod(hostNetwork=True)
    pod["spec"]["containers"][0]["ports"] = [{"containerPort": 9100, "hostPort": 9100}]
    assert {code for code, _ in everything([pod]) if code <= ROOT and "SECURITY" in code} == {HOST}


def test_one_wrong_field_of_a_pod_is_one_finding_for_all_its_containers(found: Any, put: Any, stack: Any) -> None:
    wrong = put(stack, WORKLOAD, "spec/template/spec/securityContext/runAsUser", 0)
    findings = [one for one in judge(wrong) if one.rule.code == ROOT]
    assert [one.path[-2:] for one in findings] == [("securityContext", "runAsUser")]


def test_what_keeps_the_node_itself_is_no_fleets(found: Any) -> None:
    pod = _pod({"privileged": True, "runAsUser": 0}, hostNetwork=True, priorityClassName="system-node-critical")
    assert found([pod]) == {(code, "Pod p") for code in (PRIVILEGED, HOST, ROOT)}
    pod["metadata"]["namespace"] = "kube-system"
    assert found([pod]) == set()


@pytest.mark.parametrize("field", ["privileged", "runAsUser", "runAsNonRoot", "allowPrivilegeEscalation", "procMount"])
def test_an_unknown_field_is_said_to_be_unknown(found: Any, field: str) -> None:
    assert found([_pod({field: UNKNOWN})]) == {("FLT-PLAN-001", "Pod p")}


@pytest.mark.parametrize("field", ["hostNetwork", "hostPID", "hostIPC"])
def test_an_unknown_host_namespace_is_said_to_be_unknown(found: Any, field: str) -> None:
    fields: dict[str, Any] = {field: UNKNOWN}
    assert found([_pod(**fields)]) == {("FLT-PLAN-001", "Pod p")}
