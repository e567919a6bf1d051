"""A Secret with a compartment is read inside it, by whatever way, and what carries no label is not judged."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from policies.judge import examine
from policies.values import UNKNOWN

LABEL = "flotilla.dev/compartment"
TOKEN = "glpat-" + "aB3dE5gH7jK9lM1nP3qR"


def _secret(compartment: Any = "checkout", name: str = "stripe", **fields: Any) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "shop", "labels": {LABEL: compartment} if compartment else {}}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, **fields}


def _pods(spec: dict[str, Any], compartment: Any = "checkout", **metadata: Any) -> dict[str, Any]:
    labels = {"app": "x"} | ({LABEL: compartment} if compartment else {})
    template = {"metadata": {"labels": labels}, "spec": spec}
    kept = {"name": "x", "namespace": "shop", **metadata}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": kept, "spec": {"template": template}}


def _container(**fields: Any) -> dict[str, Any]:
    return {"containers": [{"name": "app", **fields}]}


VARIABLE = _container(env=[{"name": "K", "valueFrom": {"secretKeyRef": {"name": "stripe", "key": "k"}}}])
READS = [
    VARIABLE,
    _container(envFrom=[{"secretRef": {"name": "stripe"}}]),
    {"initContainers": VARIABLE["containers"]},
    {"volumes": [{"name": "v", "secret": {"secretName": "stripe"}}]},
    {"volumes": [{"name": "v", "projected": {"sources": [{"secret": {"name": "stripe"}}]}}]},
]


@pytest.mark.parametrize("spec", READS)
def test_a_read_from_outside_is_found_however_it_reads(found: Any, spec: dict[str, Any]) -> None:
    assert found([_secret(), _pods(spec)]) == set()
    for other in ("storefront", None):
        assert found([_secret(), _pods(spec, other)]) == {("FLT-SECRET-005", "Deployment shop/x")}


def test_two_reads_of_one_secret_are_one_mistake() -> None:
    spec = VARIABLE | {"volumes": [{"name": "v", "secret": {"secretName": "stripe"}}]}
    findings = examine([_secret(), _pods(spec, "storefront")]).findings
    assert len([one for one in findings if one.rule.code == "FLT-SECRET-005"]) == 1


@pytest.mark.parametrize(
    ("secret", "pods"),
    [
        (_secret(None), _pods(VARIABLE, "storefront")),
        (_secret(UNKNOWN), _pods(VARIABLE, "storefront")),
        (_secret(), _pods(VARIABLE, UNKNOWN)),
        (_secret(), _pods(VARIABLE, "storefront", namespace="other")),
        (_secret(name="other"), _pods(VARIABLE, "storefront")),
        (_secret(), _pods({"imagePullSecrets": [{"name": "stripe"}]}, "storefront")),
        (_secret(), _pods({"volumes": [{"name": "v", "configMap": {"name": "stripe"}}]}, "storefront")),
    ],
)
def test_what_carries_no_label_or_reads_something_else_is_fine(found: Any, secret: Any, pods: Any) -> None:
    assert found([secret, pods]) == set()


def test_a_read_secret_without_a_compartment_is_noted() -> None:
    assert any("Secret shop/stripe" in note for note in examine([_secret(None), _pods(VARIABLE)]).notes)
    assert not any("compartment" in note for note in examine([_secret(), _pods(VARIABLE)]).notes)


@pytest.mark.parametrize(
    "maker",
    [
        {
            "apiVersion": "bitnami.com/v1alpha1",
            "kind": "SealedSecret",
            "metadata": {"name": "stripe", "namespace": "shop"},
            "spec": {"template": {"metadata": {"labels": {LABEL: "checkout"}}}},
        },
        {
            "apiVersion": "external-secrets.io/v1",
            "kind": "ExternalSecret",
            "metadata": {"name": "any", "namespace": "shop"},
            "spec": {"target": {"name": "stripe", "template": {"metadata": {"labels": {LABEL: "checkout"}}}}},
        },
    ],
)
def test_a_secret_that_a_controller_makes_has_a_compartment_too(found: Any, maker: dict[str, Any]) -> None:
    assert found([maker, _pods(VARIABLE)]) == set()
    assert found([maker, _pods(VARIABLE, "storefront")]) == {("FLT-SECRET-005", "Deployment shop/x")}


def _rbac(rule: dict[str, Any], kind: str = "Role", binding: str = "RoleBinding") -> list[dict[str, Any]]:
    api = {"apiVersion": "rbac.authorization.k8s.io/v1"}
    place = {"name": "r", "namespace": "shop"}
    account = {"kind": "ServiceAccount", "name": "storefront", "namespace": "shop"}
    return [
        api | {"kind": kind, "metadata": place if kind == "Role" else {"name": "r"}, "rules": [rule]},
        api
        | {
            "kind": binding,
            "metadata": place if binding == "RoleBinding" else {"name": "r"},
            "roleRef": {"kind": kind, "name": "r"},
            "subjects": [account],
        },
    ]


ALL = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list"]}
ROBBER = _pods({"serviceAccountName": "storefront"}, "storefront")


@pytest.mark.parametrize(
    ("kind", "binding"),
    [("Role", "RoleBinding"), ("ClusterRole", "RoleBinding"), ("ClusterRole", "ClusterRoleBinding")],
)
def test_a_role_that_opens_another_compartment_is_found(found: Any, kind: str, binding: str) -> None:
    title = "Role shop/r" if kind == "Role" else "ClusterRole r"
    assert found([_secret(), ROBBER, *_rbac(ALL, kind, binding)]) == {("FLT-SECRET-006", title)}


@pytest.mark.parametrize(
    "change",
    [
        {"resources": ["configmaps"]},
        {"apiGroups": ["apps"]},
        {"verbs": ["create"]},
        {"resourceNames": ["storefront"]},
    ],
)
def test_a_role_that_reads_something_else_is_fine(found: Any, change: dict[str, Any]) -> None:
    assert found([_secret(), ROBBER, *_rbac(ALL | change)]) == set()
    assert found([_secret(), ROBBER, *_rbac(ALL | {"resourceNames": ["stripe"]})])


@pytest.mark.parametrize(
    "others",
    [
        [_secret(), _pods({"serviceAccountName": "storefront"}, "checkout")],
        [_secret(), _pods({"serviceAccountName": "storefront", "automountServiceAccountToken": False}, "storefront")],
        [_secret(), _pods({"serviceAccountName": "other"}, "storefront")],
        [_secret(None), ROBBER],
        [_secret(), _pods({"serviceAccountName": "storefront"}, "storefront", namespace="other")],
        [
            _secret(),
            ROBBER,
            {
                "apiVersion": "v1",
                "kind": "ServiceAccount",
                "metadata": {"name": "storefront", "namespace": "shop"},
                "automountServiceAccountToken": False,
            },
        ],
    ],
)
def test_a_role_that_nobody_outside_can_use_is_fine(found: Any, others: list[Any]) -> None:
    assert found([*others, *_rbac(ALL)]) == set()


def test_a_token_that_is_copied_into_another_compartment_is_found(found: Any) -> None:
    one = _secret(stringData={"key": TOKEN})
    for other in ("storefront", None):
        copied = _secret(other, "z-copy", stringData={"key": TOKEN})
        assert found([one, copied]) == {("FLT-SECRET-009", "Secret shop/z-copy")}
    assert found([one, _secret(name="copy", stringData={"key": TOKEN})]) == set()
    changed = copy.deepcopy(one)
    changed["metadata"]["namespace"] = "other"
    assert found([one, changed]) == set()
    # A password is known to the database and to its clients, so two compartments may share it.
    password: dict[str, Any] = {"stringData": {"password": "hunter2"}}
    assert found([_secret(**password), _secret("database", "database", **password)]) == set()
