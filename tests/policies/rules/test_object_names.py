"""Names, labels and annotations have the form that Kubernetes asks of them."""

from __future__ import annotations

from typing import Any

import pytest

from policies.values import UNKNOWN

CODE = "FLT-API-006"


def _object(kind: str = "ConfigMap", api: str = "v1", **metadata: Any) -> dict[str, Any]:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": "shop", **metadata}}


RBAC = "rbac.authorization.k8s.io/v1"


@pytest.mark.parametrize(
    "manifest",
    [
        _object(name="Shop"),
        _object(name="shop_settings"),
        _object(name="-shop"),
        _object(name="shop."),
        _object(name="shop/settings"),
        _object(name="a" * 254),
        _object(generateName="Shop-"),
        _object("Namespace", name="shop.example"),
        _object("Namespace", name="a" * 64),
        _object("Service", name="shop.example"),
        _object("StatefulSet", "apps/v1", name="db.example"),
        _object("CronJob", "batch/v1", name="a" * 53),
        _object("Job", "batch/v1", name="a" * 64),
        _object("Role", RBAC, name="a/b"),
        _object("Role", RBAC, name="100%"),
        _object("Middleware", "traefik.io/v1alpha1", name="strip_prefix"),
        _object(namespace="Shop"),
        _object(namespace="shop.example"),
        _object(labels={"owner": "team shop"}),
        _object(labels={"owner": "a@shop.example"}),
        _object(labels={"owner": "a" * 64}),
        _object(labels={"owner": "shop-"}),
        _object(labels={"a b": "c"}),
        _object(labels={"a/b/c": "d"}),
        _object(labels={"Shop.example/a": "b"}),
        _object(labels={"a" * 64: "b"}),
        _object(annotations={"a b": "c"}),
        _object(annotations={"shop_example/a": "b"}),
        _object() | {"data": {"a/b": "c"}},
        {
            **_object("CustomResourceDefinition", "apiextensions.k8s.io/v1", name="boats"),
            "spec": {"group": "example.com", "names": {"plural": "boats"}},
        },
    ],
    ids=str,
)
def test_a_name_in_a_form_that_the_api_server_refuses_is_found(found: Any, manifest: dict[str, Any]) -> None:
    assert {code for code, _ in found([manifest])} == {CODE}


@pytest.mark.parametrize(
    "manifest",
    [
        _object(name="shop.example"),
        _object(name="1-shop"),
        _object(name=UNKNOWN),
        _object(name="shop-{{ .Release.Name }}"),
        _object(name="shop-${STACK}"),
        _object(generateName="shop-"),
        _object(namespace=UNKNOWN),
        _object("Deployment", "apps/v1", name="a" * 253),
        _object("Role", RBAC, name="system:Shop_reader"),
        _object("ClusterRoleBinding", RBAC, name="shop:reader"),
        _object("Event", name="Shop_1"),
        _object("Anything", "example.com/v1", name="Any_Name"),
        _object(labels={"app.kubernetes.io/name": "shop", "a_b.c": "", "Track": "v1.2_3", "x": UNKNOWN}),
        _object(annotations={"a": "any text at all: ä / {}", "Shop.Example/Note": "x", "kubernetes.io/a_b": ""}),
        _object() | {"data": {"nginx.conf": "x", "A_b-1": "y", ".hidden": "z"}},
        {
            **_object("CustomResourceDefinition", "apiextensions.k8s.io/v1", name="boats.example.com"),
            "spec": {"group": "example.com", "names": {"plural": "boats"}},
        },
    ],
    ids=str,
)
def test_a_legal_name_is_fine(found: Any, manifest: dict[str, Any]) -> None:
    assert {code for code, _ in found([manifest])} <= {"FLT-PLAN-001"}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("spec/template/metadata/labels/app", "no way"),
        ("spec/selector/matchLabels/app", "no way"),
        ("spec/template/spec/containers/0/name", "My_App"),
        ("spec/template/spec/nodeSelector", {"a b": "c"}),
        ("spec/template/spec/serviceAccountName", "Shop"),
        ("spec/template/spec/volumes", [{"name": "a_b"}]),
    ],
)
def test_names_inside_an_object_are_judged_too(found: Any, stack: Any, put: Any, path: str, value: Any) -> None:
    assert found(stack) == set()
    assert found(put(stack, "Deployment checkout", path, value)) == {(CODE, "Deployment shop/checkout")}
