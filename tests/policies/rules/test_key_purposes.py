"""Test keys are never in production and live keys never outside it, wherever they stand."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from policies.purpose import Purpose
from policies.values import UNKNOWN

TEST = "sk_" + "test_a1b2c3d4e5f6a7b8c9d0"
LIVE = "sk_" + "live_a1b2c3d4e5f6a7b8c9d0"
SHOWN = {Purpose.PRODUCTION: "production", Purpose.TEST: "test", Purpose.DISPOSABLE: "disposable"}


def _namespace(purpose: Any, name: str = "shop") -> dict[str, Any]:
    labels = {"flotilla.dev/purpose": purpose} if purpose else {}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def _secret(value: Any, key: str = "key", namespace: str = "shop", **fields: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s", "namespace": namespace},
        "stringData": {key: value},
        **fields,
    }


def _everywhere(key: str) -> list[dict[str, Any]]:
    place = {"name": "s", "namespace": "shop"}
    encoded = base64.b64encode(f"a: {key}\n".encode()).decode()
    pod = {"containers": [{"name": "c", "env": [{"name": "K", "value": key}]}]}
    return [
        _secret(key),
        {"apiVersion": "v1", "kind": "Secret", "metadata": place, "data": {"k": encoded}},
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": place, "data": {"a.yaml": f"a: {key}"}},
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": place, "binaryData": {"k": encoded}},
        {"apiVersion": "v1", "kind": "Pod", "metadata": place, "spec": pod},
    ]


@pytest.mark.parametrize("position", range(5))
@pytest.mark.parametrize(
    ("key", "wrong", "right"),
    [
        (TEST, {"production"}, {"test", "disposable"}),
        (LIVE, {"test", "disposable"}, {"production"}),
        (TEST.replace("sk", "pk"), {"production"}, {"test", "disposable"}),
        (LIVE.replace("sk", "pk"), {"test", "disposable"}, {"production"}),
        (LIVE.replace("sk", "rk"), {"test", "disposable"}, {"production"}),
    ],
)
def test_a_key_of_the_wrong_mode_is_found(
    found: Any, position: int, key: str, wrong: set[str], right: set[str]
) -> None:
    item = _everywhere(key)[position]
    title = f"{item['kind']} shop/s"
    for purpose in wrong:
        assert found([_namespace(purpose), item]) == {("FLT-SECRET-007", title)}
    for purpose in right:
        assert found([_namespace(purpose), item]) == set()


def test_the_settings_purpose_counts_where_no_label_does_and_without_either_nothing_is_judged(found: Any) -> None:
    assert found([_secret(TEST)]) == set()
    assert found([_namespace(None), _secret(TEST)], purpose=Purpose.PRODUCTION) == {("FLT-SECRET-007", "Secret shop/s")}
    assert found([_namespace("test"), _secret(TEST)], purpose=Purpose.PRODUCTION) == set()


@pytest.mark.parametrize("kind", ["secret_text", "plain_text"])
def test_a_binding_of_a_worker_is_judged_by_the_purpose_of_the_stack(found: Any, kind: str) -> None:
    worker = {
        "type": "cloudflare:index/workersScript:WorkersScript",
        "name": "edge",
        "inputs": {"bindings": [{"type": kind, "name": "K", "text": TEST.replace("sk", "pk")}]},
    }
    assert found([_namespace("test"), worker]) == set()
    assert found([_namespace("production"), worker]) == {("FLT-SECRET-007", f"{worker['type']} edge")}


@pytest.mark.parametrize(
    "value",
    [
        "https://api-m.sandbox.paypal.com",
        "1x" + "0" * 20 + "AA",
    ],
)
def test_a_sandbox_of_payments_in_production_is_found(found: Any, value: str) -> None:
    assert found([_namespace("production"), _secret(value)]) == {("FLT-SECRET-007", "Secret shop/s")}
    assert found([_namespace("test"), _secret(value)]) == set()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("key", UNKNOWN),
        ("key", "the test of a sandbox"),
        ("a_test_b", "unit_test_suite_of_the_shop"),
        ("key", "sk_" + "test_xxxxxxxxxxxxxxxx"),
        ("key", "sk_" + "test_REPLACE_ME"),
        ("PAYPAL_SANDBOX_URL", "https://api-m.sandbox.paypal.com"),
        ("csp", "connect-src https://www.paypal.com https://www.sandbox.paypal.com"),
    ],
)
def test_words_placeholders_and_unknowns_are_no_keys(found: Any, key: str, value: Any) -> None:
    assert found([_namespace("production"), _secret(value, key)]) == set()


SPACES = [_namespace("production"), _namespace("test", "shop-test"), _namespace("production", "other")]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("password", "correct-horse"),
        ("password", "postgres"),
        ("jwt-secret", "a-signing-secret"),
        ("any", "glpat-" + "aB3dE5gH7jK9lM1nP3qR"),
    ],
)
def test_a_secret_that_production_shares_with_tests_is_found_in_the_tests(found: Any, key: str, value: str) -> None:
    pair = [_secret(value, key), _secret(value, key, "shop-test")]
    assert found([*SPACES, *pair]) == {("FLT-SECRET-008", "Secret shop-test/s")}
    encoded = _secret(None, key, "shop-test") | {
        "stringData": {},
        "data": {"k-" + key: base64.b64encode(value.encode()).decode()},
    }
    assert found([*SPACES, pair[0], encoded]) == {("FLT-SECRET-008", "Secret shop-test/s")}
    assert found([*SPACES, pair[0], _secret(value, key, "other")]) == set()
    assert found([*SPACES, pair[0], _secret(f"{value}2", key, "shop-test")]) == set()


@pytest.mark.parametrize(
    ("key", "value", "fields"),
    [
        ("username", "app", {}),
        ("host", "database", {}),
        ("password", "${PASSWORD}", {}),
        ("password", "", {}),
        ("password", UNKNOWN, {}),
        ("ca.crt", "-----BEGIN CERTIFICATE-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n", {}),
        ("tls.key", "-----BEGIN PRIVATE KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n", {"type": "kubernetes.io/tls"}),
        (".dockerconfigjson", '{"auths": {"r": {"password": "hunter2"}}}', {"type": "kubernetes.io/dockerconfigjson"}),
    ],
)
def test_what_is_no_secret_or_is_shared_by_nature_is_fine(found: Any, key: str, value: Any, fields: Any) -> None:
    assert found([*SPACES, _secret(value, key, **fields), _secret(value, key, "shop-test", **fields)]) == set()
