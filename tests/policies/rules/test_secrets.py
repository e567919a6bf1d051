"""A credential in plain text is found in every field that a process or a reader sees, and references are fine."""

from __future__ import annotations

import base64
import copy
import json
from typing import Any

import pytest

from policies.values import UNKNOWN

POD_KINDS = ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "CronJob", "Pod"]
TOKEN = "glpat-" + "aB3dE5gH7jK9lM1nP3qR"


def _pod(container: dict[str, Any] | None = None, kind: str = "Pod", where: str = "containers") -> dict[str, Any]:
    spec = {"containers": [{"name": "app"}]} | {where: [{"name": "c"} | (container or {})]}
    template: dict[str, Any] = {"spec": spec}
    if kind == "CronJob":
        template = {"spec": {"jobTemplate": {"spec": {"template": template}}}}
    elif kind != "Pod":
        template = {"spec": {"template": template}}
    version = {"Pod": "v1", "ReplicationController": "v1", "Job": "batch/v1", "CronJob": "batch/v1"}.get(
        kind, "apps/v1"
    )
    return {"apiVersion": version, "kind": kind, "metadata": {"name": "x"}, **template}


def _env(name: str, value: Any) -> dict[str, Any]:
    return {"env": [{"name": name, "value": value}]}


@pytest.mark.parametrize("where", ["containers", "initContainers", "ephemeralContainers"])
@pytest.mark.parametrize("kind", POD_KINDS)
def test_a_password_in_a_variable_is_found_in_every_container_of_every_kind(found: Any, kind: str, where: str) -> None:
    assert found([_pod(_env("PORT", "3000"), kind, where)]) == set()
    assert found([_pod(_env("DB_PASSWORD", "hunter2"), kind, where)]) == {("FLT-SECRET-001", f"{kind} x")}


@pytest.mark.parametrize(
    "container",
    [
        _env("PASSWORD", 12345678),
        _env("ANYTHING", TOKEN),
        _env("DATABASE_URL", "postgres://app:hunter2@database/shop"),
        _env("JAVA_OPTS", "-Xmx1g -Ddb.password=hunter2"),
        _env("AUTH_HEADER", "bearer abc123def"),
        _env("DOCKER_AUTH_CONFIG", '{"auths": {"r.example": {"auth": "YXBwOmh1bnRlcjI="}}}'),
        {"command": ["app", "--password=hunter2"]},
        {"args": ["--password", "hunter2"]},
        {"command": ["mysql"], "args": ["-phunter2"]},
        {"args": [f"--anything={TOKEN}"]},
        {"livenessProbe": {"exec": {"command": ["mysqladmin", "ping", "-phunter2"]}}},
        {"readinessProbe": {"httpGet": {"httpHeaders": [{"name": "Authorization", "value": "Bearer abc123def"}]}}},
        {"startupProbe": {"httpGet": {"path": "/health?token=abc123def"}}},
        {"lifecycle": {"preStop": {"exec": {"command": ["sh", "-c", "curl -u app:hunter2 http://api"]}}}},
        {"lifecycle": {"postStart": {"httpGet": {"httpHeaders": [{"name": "X-Api-Key", "value": "abc123"}]}}}},
    ],
)
def test_every_way_to_hand_a_credential_to_a_container_is_found(found: Any, container: dict[str, Any]) -> None:
    assert found([_pod(container)]) == {("FLT-SECRET-001", "Pod x")}


@pytest.mark.parametrize(
    "volume",
    [
        {"gitRepo": {"repository": "https://app:hunter2@git.example/shop.git"}},
        {"csi": {"volumeAttributes": {"password": "hunter2"}}},
        {"flexVolume": {"options": {"password": "hunter2"}}},
    ],
)
def test_a_credential_of_a_volume_is_found(found: Any, volume: dict[str, Any]) -> None:
    pod = _pod()
    pod["spec"]["volumes"] = [{"name": "v", "secret": {"secretName": "db", "items": [{"key": "password"}]}}]
    assert found([pod]) == set()
    pod["spec"]["volumes"] = [{"name": "v", **volume}]
    assert found([pod]) == {("FLT-SECRET-001", "Pod x")}


@pytest.mark.parametrize(
    "container",
    [
        {"env": [{"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}]},
        {"envFrom": [{"secretRef": {"name": "db"}}]},
        _env("DB_PASSWORD", "$(OTHER)"),
        _env("DB_PASSWORD", ""),
        _env("DB_PASSWORD", None),
        _env("DB_PASSWORD", True),
        _env("DB_PASSWORD", UNKNOWN),
        _env("DATABASE_URL", "postgres://$(USER):$(PASSWORD)@database/shop"),
        _env("POSTGRES_PASSWORD_FILE", "/run/secrets/password"),
        _env("TOKEN_TTL_SECONDS", "3600"),
        _env("STRIPE_PUBLISHABLE_KEY", "pk_live_" + "a1b2c3d4e5f6g7h8"),
        {"command": ["sh", "-c", 'export PGPASSWORD="$(cat /run/secrets/pw)"'], "args": [UNKNOWN]},
        {"livenessProbe": {"httpGet": {"path": "/health", "httpHeaders": [{"name": "Host", "value": "shop.example"}]}}},
        {"args": UNKNOWN, "lifecycle": UNKNOWN},
    ],
)
def test_references_settings_and_unknowns_are_fine(found: Any, container: dict[str, Any]) -> None:
    assert found([_pod(container)]) == set()


def test_two_credentials_are_two_findings_and_one_is_one(found: Any) -> None:
    from policies.judge import judge  # noqa: PLC0415  (the fixture gives codes only)

    pod = _pod({"env": [{"name": "A_PASSWORD", "value": "hunter2"}, {"name": "A_TOKEN", "value": TOKEN}]})
    findings = [one for one in judge([pod]) if one.rule.code == "FLT-SECRET-001"]
    assert [one.path for one in findings] == [
        ("spec", "containers", 0, "env", 0, "value"),
        ("spec", "containers", 0, "env", 1, "value"),
    ]


def _config(**fields: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, **fields}


@pytest.mark.parametrize(
    "fields",
    [
        {"data": {"DB_PASSWORD": "hunter2"}},
        {"data": {"pwd": "hi"}},
        {"data": {"app.properties": "a=b\ndb.password=hunter2\n"}},
        {"data": {"app.properties": "db.password=hunter2"}},
        {"data": {"config.json": '{"db": {"password": "hunter2"}}'}},
        {"data": {"anything": f"see {TOKEN}"}},
        {"data": {"password": "hunter2\n"}},
        {"binaryData": {"app.env": base64.b64encode(b"DB_PASSWORD=hunter2\n").decode()}},
    ],
)
def test_a_credential_in_a_configmap_is_found(found: Any, fields: dict[str, Any]) -> None:
    assert found([_config(**fields)]) == {("FLT-SECRET-002", "ConfigMap x")}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"data": None},
        {"data": UNKNOWN},
        {"data": {"a": UNKNOWN, "password": UNKNOWN}},
        {"data": {"allowed-origins": "https://a.example\nhttps://b.example\n"}},
        {"data": {"app.properties": "db.password=${DB_PASSWORD}\n"}},
        {"data": {"ca.crt": "-----BEGIN CERTIFICATE-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n"}},
        {"binaryData": {"logo.png": base64.b64encode(bytes(range(256))).decode(), "b": "not base64!"}},
    ],
)
def test_a_configmap_without_credentials_is_fine(found: Any, fields: dict[str, Any]) -> None:
    assert found([_config(**fields)]) == set()


def test_a_secret_may_hold_secrets(found: Any) -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}, "stringData": {"password": "hunter2"}}
    sealed = {
        "apiVersion": "bitnami.com/v1alpha1",
        "kind": "SealedSecret",
        "metadata": {"name": "x"},
        "spec": {"encryptedData": {"password": "AgBy3i4OJSWK+PiTySYZZA9rO43cGDEq"}},
    }
    assert found([secret, sealed]) == set()


def _object(kind: str, group: str, spec: Any, **metadata: Any) -> dict[str, Any]:
    return {"apiVersion": f"{group}/v1alpha1", "kind": kind, "metadata": {"name": "x", **metadata}, "spec": spec}


HEADERS = {"headers": {"customRequestHeaders": {"X-Api-Key": "hunter2"}}}
TRAEFIK = "traefik.io"


@pytest.mark.parametrize(
    "item",
    [
        _object("Middleware", TRAEFIK, HEADERS),
        _object(
            "Middleware", TRAEFIK, {"headers": {"customRequestHeaders": {"Authorization": "Basic YXBwOmh1bnRlcjI="}}}
        ),
        _object("Middleware", TRAEFIK, {"plugin": {"auth": {"apiKey": "hunter2"}}}),
        _object("Middleware", TRAEFIK, {"forwardAuth": {"address": "http://app:hunter2@auth/verify"}}),
        _object("IngressRoute", TRAEFIK, {"routes": [{"match": "Host(`a.b`) && Header(`X-Api-Key`, `hunter2`)"}]}),
        _object("HelmRelease", "helm.toolkit.fluxcd.io", {"values": {"auth": {"rootPassword": "hunter2"}}}),
        _object("Application", "argoproj.io", {"parameters": [{"name": "db.password", "value": "hunter2"}]}),
        _object(
            "Rollout", "argoproj.io", {"containers": [{"env": [{"name": "JWT_SECRET", "value": "my-jwt-secret"}]}]}
        ),
        _object("Task", "tekton.dev", {"steps": [{"args": ["--password", "hunter2"]}]}),
        _object("Anything", "example.com", {"url": "https://app:hunter2@registry.example"}),
        _object("Anything", "example.com", {"deep": [{"er": TOKEN}]}),
        _object("Anything", "example.com", {}, annotations={"example.com/password": "hunter2"}),
        _object("Anything", "example.com", {}, annotations={"webhook": f"https://api.example?key={TOKEN}"}),
        _object("Anything", "example.com", {}, labels={"token": TOKEN}),
    ],
    ids=lambda item: f"{item['kind']}",
)
def test_a_credential_in_any_other_object_is_found(found: Any, item: dict[str, Any]) -> None:
    assert found([item]) == {("FLT-SECRET-003", f"{item['kind']} x")}


@pytest.mark.parametrize(
    "item",
    [
        _object("Middleware", TRAEFIK, {"basicAuth": {"secret": "users"}}),
        _object(
            "Middleware",
            TRAEFIK,
            {"headers": {"customRequestHeaders": {"Authorization": "", "X-Forwarded-Proto": "https"}}},
        ),
        _object("Middleware", TRAEFIK, {"plugin": {"auth": {"apiKey": "urn:k8s:secret:name:key"}}}),
        _object("Middleware", TRAEFIK, {"forwardAuth": {"authResponseHeaders": ["X-Auth-Token", "Authorization"]}}),
        _object(
            "IngressRoute", TRAEFIK, {"tls": {"secretName": "cert"}, "routes": [{"match": "Header(`X-Canary`, `yes`)"}]}
        ),
        _object(
            "ExternalSecret",
            "external-secrets.io",
            {"data": [{"secretKey": "password", "remoteRef": {"key": "db/password"}}]},
        ),
        _object("Certificate", "cert-manager.io", {"secretName": "shop-tls", "privateKey": {"algorithm": "ECDSA"}}),
        _object("Issuer", "cert-manager.io", {"acme": {"privateKeySecretRef": {"name": "acme-account-key"}}}),
        _object(
            "ServiceMonitor", "monitoring.coreos.com", {"basicAuth": {"password": {"name": "x", "key": "password"}}}
        ),
        _object("Cluster", "example.com", {"encryptionKey": "1234abcd-12ab-34cd-56ef-1234567890ab"}),
        _object("Cluster", "example.com", {"userKeys": {"username": "username", "password": "password"}}),
        _object(
            "CustomResourceDefinition", "apiextensions.k8s.io", {"description": "such as postgres://app:x7Kp2mQ9@db/a"}
        ),
        _object("Anything", "example.com", UNKNOWN, annotations=UNKNOWN),
        _object(
            "Anything",
            "example.com",
            {},
            annotations={
                "checksum/secret": "9f86d081884c7d659a2feaa0c55ad0159f86d081884c7d659a2feaa0c55ad015",
                "nginx.ingress.kubernetes.io/auth-secret": "shop-users",
                "vault.hashicorp.com/agent-inject-secret-db": "secret/data/db",
                "description": "postgres://user:password@host/db is the form",
            },
        ),
    ],
    ids=lambda item: f"{item['kind']}",
)
def test_an_object_that_names_a_secret_is_fine(found: Any, item: dict[str, Any]) -> None:
    assert found([item]) == set()


def test_the_copy_that_kubectl_keeps_is_said_only_where_the_object_no_longer_shows_it(found: Any) -> None:
    broken = _config(data={"DB_PASSWORD": "hunter2"})
    mended = _config(data={"DB_HOST": "database"})
    for now, expected in ((broken, "FLT-SECRET-002"), (mended, "FLT-SECRET-003")):
        kept = copy.deepcopy(now)
        kept["metadata"]["annotations"] = {"kubectl.kubernetes.io/last-applied-configuration": json.dumps(broken)}
        assert found([kept]) == {(expected, "ConfigMap x")}


def test_resources_of_no_kubernetes_kind_are_not_looked_at(found: Any) -> None:
    provider = {"type": "pulumi:providers:cloudflare", "name": "p", "inputs": {"apiToken": TOKEN}}
    drawn = {"type": "random:index/randomPassword:RandomPassword", "name": "r", "inputs": {"result": "hunter2"}}
    assert found([provider, drawn]) == set()
