"""A Namespace that enforces a standard admits what is planned for it, and its labels say what they mean."""

from __future__ import annotations

from typing import Any

import pytest

from policies.judge import judge
from policies.values import UNKNOWN

APP = "spec/template/spec/containers/0"
WORKLOAD = "Deployment checkout"
TITLE = "Deployment shop/checkout"
REFUSED, LABELS, UNSTATED = ("FLT-SECURITY-007", TITLE), "FLT-SECURITY-008", ("FLT-SECURITY-009", TITLE)


def _namespace(name: str = "shop", **labels: Any) -> dict[str, Any]:
    written = {f"pod-security.kubernetes.io/{key.replace('_', '-')}": value for key, value in labels.items()}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": written}}


RESTRICTED = _namespace(enforce="restricted")

_LEFT_OUT: list[tuple[str, Any]] = [
    (f"{APP}/securityContext", ...),
    (f"{APP}/securityContext/allowPrivilegeEscalation", ...),
    (f"{APP}/securityContext/capabilities", {"drop": ["NET_RAW"]}),
    (f"{APP}/securityContext/capabilities", {"drop": ["ALL"], "add": ["CHOWN"]}),
    ("spec/template/spec/securityContext/runAsNonRoot", ...),
    ("spec/template/spec/securityContext/seccompProfile", ...),
    ("spec/template/spec/initContainers/0/securityContext/capabilities", ...),
    ("spec/template/spec/volumes", [{"name": "v", "nfs": {"server": "files.example", "path": "/"}}]),
    (f"{APP}/securityContext/runAsNonRoot", False),
]


@pytest.mark.parametrize(("path", "value"), _LEFT_OUT)
def test_what_is_left_out_is_advice_until_the_namespace_refuses_it(
    stack: Any, put: Any, found: Any, path: str, value: Any
) -> None:
    assert found([RESTRICTED, *stack]) == set()
    wrong = put(stack, WORKLOAD, path, value)
    assert found(wrong) == {UNSTATED}
    assert found([_namespace(enforce="baseline"), *wrong]) == {UNSTATED}
    assert found([_namespace(enforce="privileged"), *wrong]) == {UNSTATED}
    assert found([_namespace("other", enforce="restricted"), *wrong]) == {UNSTATED}
    assert found([_namespace(audit="restricted", warn="restricted"), *wrong]) == {UNSTATED}
    refused = found([RESTRICTED, *wrong])
    assert REFUSED in refused
    assert refused <= {REFUSED, UNSTATED}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (f"{APP}/securityContext/privileged", True),
        ("spec/template/spec/hostNetwork", True),
        ("spec/template/spec/volumes", [{"name": "v", "hostPath": {"path": "/"}}]),
        (f"{APP}/securityContext/capabilities/add", ["SYS_ADMIN"]),
        (f"{APP}/securityContext/seccompProfile", {"type": "Unconfined"}),
        (f"{APP}/securityContext/runAsUser", 0),
    ],
)
def test_what_another_rule_finds_wherever_it_runs_is_not_said_again(
    stack: Any, put: Any, found: Any, path: str, value: Any
) -> None:
    assert found([RESTRICTED, *put(stack, WORKLOAD, path, value)]) == set()


def test_a_pods_field_that_its_containers_correct_is_refused_all_the_same(stack: Any, put: Any, found: Any) -> None:
    wrong = put(stack, WORKLOAD, "spec/template/spec/securityContext/runAsUser", 0)
    for position in range(2):
        wrong = put(wrong, WORKLOAD, f"spec/template/spec/initContainers/{position}/securityContext/runAsUser", 10001)
    wrong = put(wrong, WORKLOAD, f"{APP}/securityContext/runAsUser", 10001)
    assert found([RESTRICTED, *wrong]) == {REFUSED}


def test_the_version_that_is_enforced_decides(stack: Any, put: Any, found: Any) -> None:
    own_users = put(stack, WORKLOAD, "spec/template/spec/hostUsers", False)
    root = put(own_users, WORKLOAD, f"{APP}/securityContext/runAsUser", 0)
    assert found([RESTRICTED, *root]) == set()
    assert found([_namespace(enforce="restricted", enforce_version="v1.35"), *root]) == set()
    assert found([_namespace(enforce="restricted", enforce_version="v1.34"), *root]) == {REFUSED}


def test_a_container_is_one_finding_however_much_it_leaves_out(stack: Any, put: Any) -> None:
    wrong = put(stack, WORKLOAD, f"{APP}/securityContext", {})
    for items in (wrong, [RESTRICTED, *wrong]):
        findings = [one for one in judge(items) if one.rule.code in {REFUSED[0], UNSTATED[0]}]
        assert {one.path[-2:] for one in findings} == {(0, "securityContext")}
        assert len(findings) == len({one.rule.code for one in findings})
        assert "capabilities.drop: [ALL]" in findings[0].message


def test_a_writable_file_system_is_named_beside_what_the_profile_lacks_and_never_alone(
    stack: Any, put: Any, found: Any
) -> None:
    for value in (False, ...):
        writable = put(stack, WORKLOAD, f"{APP}/securityContext/readOnlyRootFilesystem", value)
        assert found(writable) == set()
        wrong = put(writable, WORKLOAD, f"{APP}/securityContext/capabilities", ...)
        said = [one.message for one in judge(wrong) if one.rule.code == UNSTATED[0]]
        assert said
        assert any("readOnlyRootFilesystem: true" in message for message in said)


def test_a_template_that_makes_no_pod_by_itself_is_not_refused(found: Any) -> None:
    template = {"spec": {"containers": [{"name": "c", "image": "shop:1.4.2"}]}}
    item = {"apiVersion": "v1", "kind": "PodTemplate", "metadata": {"name": "t", "namespace": "shop"}}
    assert found([RESTRICTED, item | {"template": template}]) == {("FLT-SECURITY-009", "PodTemplate shop/t")}


def test_a_windows_pod_needs_only_what_windows_has(found: Any) -> None:
    spec = {"os": {"name": "windows"}, "containers": [{"name": "c", "image": "shop:1.4.2"}]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "shop"}, "spec": spec}
    assert found([RESTRICTED, pod]) == {("FLT-SECURITY-007", "Pod shop/p")}
    spec["securityContext"] = {"runAsNonRoot": True}
    assert found([RESTRICTED, pod]) == set()


def test_a_privileged_container_is_not_asked_for_the_rest(stack: Any, put: Any, found: Any) -> None:
    assert found(put(stack, WORKLOAD, f"{APP}/securityContext", {"privileged": True})) == set()


@pytest.mark.parametrize(
    "labels",
    [
        {"enforce": "strict"},
        {"enforce": "Restricted"},
        {"enforce": ""},
        {"warn": "restrict"},
        {"audit": "true"},
        {"enforce": "restricted", "enforce_version": "1.33"},
        {"enforce": "restricted", "enforce_version": "v1.033"},
        {"enforce": "restricted", "enforce_version": "newest"},
        {"enforced": "restricted"},
        {"level": "restricted"},
    ],
)
def test_a_label_that_admission_does_not_understand_is_found(found: Any, labels: Any) -> None:
    assert found([_namespace(**labels)]) == {(LABELS, "Namespace shop")}


@pytest.mark.parametrize(
    "labels",
    [
        {},
        {"enforce": "privileged"},
        {"enforce": "baseline", "enforce_version": "latest", "warn": "restricted", "warn_version": "v1.36"},
        {"enforce": UNKNOWN},
    ],
)
def test_a_label_that_admission_understands_is_fine(found: Any, labels: Any) -> None:
    assert found([_namespace(**labels)]) == set()
