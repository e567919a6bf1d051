"""No program owns the cluster, strangers get nothing, and a pod without need carries no token."""

from __future__ import annotations

from typing import Any

import pytest

from policies.values import UNKNOWN

KEYS, TOKEN = "FLT-SECURITY-014", "FLT-SECURITY-015"
RBAC = "rbac.authorization.k8s.io"
WORKLOAD = "Deployment checkout"
POD = "spec/template/spec"


def _binding(role: Any, *subjects: Any, kind: str = "ClusterRoleBinding", labels: Any = None) -> dict[str, Any]:
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": kind,
        "metadata": {"name": "b", "labels": labels or {}},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role},
        "subjects": list(subjects),
    }


def _subject(kind: str, name: Any) -> dict[str, Any]:
    return {"kind": kind, "name": name} | ({"namespace": "shop"} if kind == "ServiceAccount" else {})


ACCOUNT, PEOPLE = _subject("ServiceAccount", "guard"), _subject("Group", "operators@shop.example")


@pytest.mark.parametrize(
    "binding",
    [
        _binding("cluster-admin", ACCOUNT),
        _binding("cluster-admin", PEOPLE, ACCOUNT),
        _binding("cluster-admin", _subject("Group", "system:serviceaccounts:shop")),
        _binding("cluster-admin", _subject("User", "system:serviceaccount:shop:guard")),
        _binding("cluster-admin", _subject("Group", "system:authenticated")),
        _binding("edit", _subject("Group", "system:serviceaccounts"), kind="RoleBinding"),
        _binding("view", _subject("User", "system:anonymous")),
        _binding("view", _subject("Group", "system:unauthenticated"), kind="RoleBinding"),
    ],
)
def test_a_key_to_the_cluster_is_found(found: Any, binding: Any) -> None:
    assert found([binding]) == {(KEYS, f"{binding['kind']} b")}


@pytest.mark.parametrize(
    "binding",
    [
        _binding("cluster-admin", PEOPLE),
        _binding("cluster-admin", _subject("Group", "system:masters")),
        _binding("view", ACCOUNT),
        _binding("edit", ACCOUNT, kind="RoleBinding"),
        _binding("view", _subject("Group", "system:authenticated")),
        _binding("system:public-info-viewer", _subject("Group", "system:unauthenticated")),
        _binding("system:service-account-issuer-discovery", _subject("Group", "system:unauthenticated")),
        _binding("kubeadm:bootstrap-signer-clusterinfo", _subject("User", "system:anonymous"), kind="RoleBinding"),
        _binding("x", _subject("User", "system:anonymous"), labels={"kubernetes.io/bootstrapping": "rbac-defaults"}),
        _binding(UNKNOWN, _subject("User", "system:anonymous")),
        _binding("cluster-admin", _subject("User", UNKNOWN)),
        _binding("cluster-admin"),
    ],
)
def test_people_and_what_is_public_by_design_are_fine(found: Any, binding: Any) -> None:
    assert found([binding]) == set()


def _account(name: str = "default", *, namespace: str = "shop", **fields: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": namespace}} | fields


def test_a_pod_of_the_account_default_carries_its_token(stack: Any, put: Any, found: Any) -> None:
    advice = {(TOKEN, "Deployment shop/checkout")}
    carrying = put(stack, WORKLOAD, f"{POD}/automountServiceAccountToken", ...)
    assert found(stack) == set()
    assert found(carrying) == advice
    assert found(put(stack, WORKLOAD, f"{POD}/automountServiceAccountToken", True)) == advice
    assert found(put(carrying, WORKLOAD, f"{POD}/serviceAccountName", "default")) == advice
    assert found([*carrying, _account(automountServiceAccountToken=True)]) == advice
    assert found([*carrying, _account(namespace="other", automountServiceAccountToken=False)]) == advice
    explicit = put(stack, WORKLOAD, f"{POD}/automountServiceAccountToken", True)
    assert found([*explicit, _account(automountServiceAccountToken=False)]) == advice


def test_an_account_of_its_own_or_no_token_is_fine(stack: Any, put: Any, found: Any) -> None:
    carrying = put(stack, WORKLOAD, f"{POD}/automountServiceAccountToken", ...)
    assert found([*carrying, _account(automountServiceAccountToken=False)]) == set()
    assert found([*carrying, _account(automountServiceAccountToken=UNKNOWN)]) == set()
    assert found(put(carrying, WORKLOAD, f"{POD}/serviceAccountName", "checkout")) == set()
    assert found(put(carrying, WORKLOAD, f"{POD}/serviceAccount", "checkout")) == set()
    assert found(put(carrying, WORKLOAD, f"{POD}/serviceAccountName", UNKNOWN)) == set()
