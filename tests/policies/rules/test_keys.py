"""The keys that pods read are in their ConfigMap or Secret."""

from __future__ import annotations

from typing import Any

import pytest

from policies.values import UNKNOWN

FOUND = {("FLT-REF-008", "Deployment shop/checkout")}
DEPLOYMENT = "Deployment checkout"
SPEC = "spec/template/spec"
CONFIG = {"data": {"app.yaml": "a: b", "currency": "EUR"}, "binaryData": {"logo": "aGk="}}


def _object(kind: str, **fields: Any) -> dict[str, Any]:
    api = {"SealedSecret": "bitnami.com/v1alpha1", "ExternalSecret": "external-secrets.io/v1"}.get(kind, "v1")
    api = "cert-manager.io/v1" if kind == "Certificate" else api
    metadata = {"name": "settings", "namespace": "shop"} | fields.pop("metadata", {})
    return {"apiVersion": api, "kind": kind, "metadata": metadata} | fields


def _variable(field: str, key: str, **more: Any) -> list[dict[str, Any]]:
    return [{"name": "X", "valueFrom": {field: {"name": "settings", "key": key} | more}}]


def _reads(stack: Any, put: Any, kind: str, key: str, **more: Any) -> Any:
    field = "configMapKeyRef" if kind == "ConfigMap" else "secretKeyRef"
    return put(stack, DEPLOYMENT, f"{SPEC}/containers/0/env", _variable(field, key, **more))


@pytest.mark.parametrize("path", ["containers/0", "initContainers/0", "initContainers/1"])
def test_a_variable_that_reads_a_missing_key_is_found(stack: Any, put: Any, found: Any, path: str) -> None:
    for key, expected in (("currency", set()), ("logo", set()), ("curency", FOUND), ("CURRENCY", FOUND)):
        variable = _variable("configMapKeyRef", key)
        changed = put(stack, DEPLOYMENT, f"{SPEC}/{path}/env", variable)
        assert found([*changed, _object("ConfigMap", **CONFIG)]) == expected


@pytest.mark.parametrize("change", [{"optional": True}, {"key": UNKNOWN}, {"name": "other"}, {"name": UNKNOWN}])
def test_what_is_optional_unknown_or_elsewhere_is_not_found(
    stack: Any, put: Any, found: Any, change: dict[str, Any]
) -> None:
    config = _object("ConfigMap", **CONFIG)
    assert found([*_reads(stack, put, "ConfigMap", "gone"), config]) == FOUND
    assert found([*_reads(stack, put, "ConfigMap", **({"key": "gone"} | change)), config]) == set()


@pytest.mark.parametrize(
    "secret",
    [
        _object("Secret", data={"password": "eA=="}),
        _object("Secret", stringData={"password": "x"}),
        _object("Secret", data={"password": UNKNOWN}),
        _object("Secret", metadata={"annotations": {"flotilla.dev/keys": "user, password"}}),
        _object("SealedSecret", spec={"encryptedData": {"password": "A"}}),
        _object("ExternalSecret", spec={"data": [{"secretKey": "password"}]}),
        _object(
            "ExternalSecret", spec={"data": [{"secretKey": "a"}], "target": {"template": {"data": {"password": ""}}}}
        ),
    ],
)
def test_the_keys_of_a_secret_are_known_by_many_ways(stack: Any, put: Any, found: Any, secret: dict[str, Any]) -> None:
    assert found([*_reads(stack, put, "Secret", "password"), secret]) == set()
    assert found([*_reads(stack, put, "Secret", "pasword"), secret]) == FOUND


@pytest.mark.parametrize(
    "secret",
    [
        _object("Secret"),
        _object("Secret", data={}),
        _object("Secret", data=UNKNOWN),
        _object("Secret", type="kubernetes.io/service-account-token"),
        _object("ExternalSecret", spec={"dataFrom": [{"extract": {"key": "db"}}]}),
        _object("ExternalSecret", spec={"data": [{"secretKey": "a"}], "target": {"creationPolicy": "Merge"}}),
        _object("Certificate", spec={"secretName": "settings", "keystores": {"pkcs12": {"create": True}}}),
    ],
)
def test_keys_that_somebody_else_fills_in_may_be_any(stack: Any, put: Any, found: Any, secret: dict[str, Any]) -> None:
    assert found([*_reads(stack, put, "Secret", "keystore.p12"), secret]) == set()


def test_the_keys_of_a_certificate_are_fixed(stack: Any, put: Any, found: Any) -> None:
    certificate = _object("Certificate", metadata={"name": "c"}, spec={"secretName": "settings"})
    assert found([*_reads(stack, put, "Secret", "tls.crt"), certificate]) == set()
    assert found([*_reads(stack, put, "Secret", "cert.pem"), certificate]) == FOUND


@pytest.mark.parametrize(
    ("volume", "expected"),
    [
        ({"configMap": {"name": "settings", "items": [{"key": "app.yaml", "path": "a"}]}}, set()),
        ({"configMap": {"name": "settings", "items": [{"key": "app.yml", "path": "a"}]}}, FOUND),
        ({"configMap": {"name": "settings", "items": [{"key": "x", "path": "a"}], "optional": True}}, set()),
        ({"projected": {"sources": [{"configMap": {"name": "settings", "items": [{"key": "no"}]}}]}}, FOUND),
        ({"projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}}, set()),
        ({"secret": {"secretName": "settings", "items": [{"key": "no"}]}}, set()),
    ],
)
def test_items_of_volumes_are_keys(stack: Any, put: Any, found: Any, volume: Any, expected: Any) -> None:
    changed = put(stack, DEPLOYMENT, f"{SPEC}/volumes", [{"name": "v"} | volume])
    assert found([*changed, _object("ConfigMap", **CONFIG)]) == expected


@pytest.mark.parametrize(
    ("source", "sub_path", "expected"),
    [
        ({}, "app.yaml", set()),
        ({}, "app.yml", FOUND),
        ({}, "./app.yaml", set()),
        ({}, "", set()),
        ({"items": [{"key": "app.yaml", "path": "conf/a.yaml"}]}, "conf/a.yaml", set()),
        ({"items": [{"key": "app.yaml", "path": "conf/a.yaml"}]}, "conf", set()),
        ({"items": [{"key": "app.yaml", "path": "conf/a.yaml"}]}, "app.yaml", FOUND),
        ({"optional": True}, "app.yml", set()),
        ({"name": "other"}, "app.yml", set()),
    ],
)
def test_a_sub_path_is_a_file_of_the_volume(
    stack: Any, put: Any, found: Any, source: Any, sub_path: str, expected: Any
) -> None:
    volumes = [{"name": "v", "configMap": {"name": "settings"} | source}]
    mounts = [{"name": "v", "mountPath": "/a", "subPath": sub_path}]
    changed = put(stack, DEPLOYMENT, f"{SPEC}/volumes", volumes)
    changed = put(changed, DEPLOYMENT, f"{SPEC}/containers/0/volumeMounts", mounts)
    assert found([*changed, _object("ConfigMap", **CONFIG)]) == expected


def test_an_object_that_is_written_twice_has_the_keys_of_both(stack: Any, put: Any, found: Any) -> None:
    more = _object("ConfigMap", data={"extra": "1"})
    reading = _reads(stack, put, "ConfigMap", "extra")
    assert found([*reading, _object("ConfigMap", **CONFIG)]) == FOUND
    assert found([*reading, _object("ConfigMap", **CONFIG), more]) == set()
