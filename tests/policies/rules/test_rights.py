"""Roles name what they grant."""

from __future__ import annotations

from typing import Any

import pytest

from policies.values import UNKNOWN

WIDE, NARROWER = "FLT-SECURITY-012", "FLT-SECURITY-013"
RBAC = "rbac.authorization.k8s.io"


def _role(kind: str = "ClusterRole", labels: Any = None, **rule: Any) -> dict[str, Any]:
    metadata = {"name": "r", "labels": labels or {}}
    return {"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": metadata, "rules": [rule]}


def _codes(found: Any, *items: Any) -> set[str]:
    return {code for code, _ in found(items)}


@pytest.mark.parametrize("kind", ["Role", "ClusterRole"])
@pytest.mark.parametrize(
    "rule",
    [
        {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
        {"apiGroups": [""], "resources": ["*"], "verbs": ["get"]},
        {"apiGroups": ["apps", "*"], "resources": ["deployments", "*"], "verbs": ["list", "watch"]},
        {"apiGroups": [""], "resources": ["secrets"], "verbs": ["*"]},
        {"apiGroups": ["*"], "resources": ["pods/exec"], "verbs": ["*"]},
        {"apiGroups": [RBAC], "resources": ["roles"], "verbs": ["*"]},
        {"apiGroups": [RBAC], "resources": ["*"], "verbs": ["*"]},
        {"apiGroups": [RBAC], "resources": ["clusterroles"], "verbs": ["escalate"]},
        {"apiGroups": ["*"], "resources": ["roles"], "verbs": ["get", "bind"]},
        {"apiGroups": [""], "resources": ["users"], "verbs": ["impersonate"]},
        {"apiGroups": [""], "resources": ["groups", "serviceaccounts"], "verbs": ["impersonate"]},
        {"nonResourceURLs": ["*"], "verbs": ["*"]},
    ],
)
def test_a_grant_that_leads_to_everything_is_found(found: Any, kind: str, rule: Any) -> None:
    assert _codes(found, _role(kind, **rule)) == {WIDE}


@pytest.mark.parametrize(
    "rule",
    [
        {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["*"]},
        {"apiGroups": ["traefik.io"], "resources": ["*"], "verbs": ["get"]},
        {"apiGroups": ["*"], "resources": ["deployments"], "verbs": ["get"]},
        {"apiGroups": [""], "resources": ["pods", "pods/exec"], "verbs": ["create"]},
        {"apiGroups": [""], "resources": ["nodes/proxy"], "verbs": ["get"]},
        {"apiGroups": [""], "resources": ["serviceaccounts/token"], "verbs": ["create"]},
    ],
)
def test_a_narrower_wildcard_and_a_way_into_other_pods_is_advice(found: Any, rule: Any) -> None:
    assert _codes(found, _role(**rule)) == {NARROWER}


@pytest.mark.parametrize(
    "role",
    [
        _role(apiGroups=["apps"], resources=["deployments"], verbs=["get", "list", "watch", "patch"]),
        _role(apiGroups=[""], resources=["secrets"], verbs=["get"], resourceNames=["stripe"]),
        _role(apiGroups=[RBAC], resources=["clusterroles"], verbs=["bind"], resourceNames=["view"]),
        _role(apiGroups=[""], resources=["users"], verbs=["impersonate"], resourceNames=["kim@shop.example"]),
        _role(apiGroups=["authentication.k8s.io"], resources=["userextras/scopes"], verbs=["impersonate"]),
        _role(apiGroups=["apps"], resources=["roles"], verbs=["bind"]),
        _role(apiGroups=["*"], resources=["*/scale"], verbs=["get", "update"]),
        _role(apiGroups=[""], resources=["pods/exec"], verbs=["create"], resourceNames=["debug"]),
        _role(nonResourceURLs=["/metrics", "/healthz/*"], verbs=["get"]),
        _role(labels={"kubernetes.io/bootstrapping": "rbac-defaults"}, apiGroups=["*"], resources=["*"], verbs=["*"]),
        _role(apiGroups=UNKNOWN, resources=UNKNOWN, verbs=UNKNOWN),
        {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": {"name": "r"}, "rules": None},
        {"apiVersion": "example.com/v1", "kind": "Role", "metadata": {"name": "r"}, "rules": [{"verbs": ["*"]}]},
    ],
)
def test_a_grant_by_name_is_fine(found: Any, role: Any) -> None:
    assert _codes(found, role) == set()


def test_owning_a_namespace_is_advice(found: Any) -> None:
    binding = {
        "apiVersion": f"{RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "b", "namespace": "shop"},
        "roleRef": {"kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"kind": "ServiceAccount", "name": "deployer"}],
    }
    assert _codes(found, binding) == {NARROWER}
    assert _codes(found, binding | {"subjects": [{"kind": "Group", "name": "operators"}]}) == set()
    assert _codes(found, binding | {"roleRef": {"kind": "ClusterRole", "name": "edit"}}) == set()


@pytest.mark.parametrize("kind", ["RoleBinding", "ClusterRoleBinding"])
def test_rights_of_the_default_account_are_rights_of_every_pod(found: Any, kind: str) -> None:
    def binding(account: str) -> dict[str, Any]:
        subject = {"kind": "ServiceAccount", "name": account, "namespace": "shop"}
        role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "edit"}
        metadata = {"name": "edit", "namespace": "shop"} if kind == "RoleBinding" else {"name": "edit"}
        group = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": metadata}
        return group | {"roleRef": role, "subjects": [subject]}

    assert found([binding("deployer")]) == set()
    assert {code for code, _ in found([binding("default")])} == {"FLT-SECURITY-013"}
