"""Protection against forged requests is switched off nowhere, and production is not debugged."""

from __future__ import annotations

from typing import Any

import pytest

from policies.judge import judge
from policies.purpose import Purpose

FORGERY, DEBUG = "FLT-SECURITY-010", "FLT-SECURITY-011"


def _pod(**container: Any) -> dict[str, Any]:
    spec = {"containers": [{"name": "c", "image": "shop:1.4.2"} | container]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": spec}


def _env(name: str, value: Any) -> dict[str, Any]:
    return _pod(env=[{"name": name, "value": value}])


def _config(data: dict[str, Any], kind: str = "ConfigMap") -> dict[str, Any]:
    where = "data" if kind == "ConfigMap" else "stringData"
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": "x"}, where: data}


def _worker(*bindings: dict[str, Any], kind: str = "WorkersScript") -> dict[str, Any]:
    return {
        "type": f"cloudflare:index/{kind[0].lower()}{kind[1:]}:{kind}",
        "name": "x",
        "inputs": {"bindings": list(bindings)},
    }


def _codes(found: Any, *items: Any, **settings: Any) -> set[str]:
    return {code for code, _ in found(items, **settings)}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CSRF_ENABLED", "false"),
        ("CSRF_ENABLED", False),
        ("CSRF_PROTECTION", "off"),
        ("CSRF_PROTECTION", "disabled"),
        ("CSRF", "0"),
        ("ENABLE_CSRF", "no"),
        ("APP_CSRF_CHECK", "False"),
        ("WTF_CSRF_ENABLED", "False"),
        ("AIRFLOW__WEBSERVER__WTF_CSRF_ENABLED", "false"),
        ("XSRF_PROTECTION_ENABLED", "false"),
        ("csrfProtection", "false"),
        ("DISABLE_CSRF", "true"),
        ("CSRF_DISABLED", "1"),
        ("SKIP_CSRF_CHECK", "yes"),
        ("ALLOW_FORGERY_PROTECTION", "false"),
        ("CSRF_TRUSTED_ORIGINS", "*"),
        ("CSRF_TRUSTED_ORIGINS", "https://shop.example,https://*"),
        ("DJANGO_CSRF_TRUSTED_ORIGINS", '["http://*"]'),
    ],
)
def test_protection_that_is_switched_off_is_found_wherever_it_is_told(found: Any, name: str, value: Any) -> None:
    binding = {"type": "plain_text", "name": name, "text": str(value)}
    for item in (_env(name, value), _config({name: str(value)}), _worker(binding)):
        assert _codes(found, item) == {FORGERY}
    assert _codes(found, _pod(args=[f"--{name}={value}"])) == {FORGERY}


@pytest.mark.parametrize(
    "item",
    [
        _pod(args=["serve", "--csrf-protection=false"]),
        _pod(args=["serve", "--csrf-protection", "off", "--port", "3000"]),
        _pod(args=["--disable-csrf", "--port", "3000"]),
        _pod(args=["--disable-csrf", "serve"]),
        _pod(args=["--no-csrf"]),
        _pod(command=["sh", "-c", "CSRF_ENABLED=false exec shop --port 3000"]),
        _pod(command=["java", "-Dhudson.security.csrf.GlobalCrumbIssuerConfiguration.DISABLE_CSRF_PROTECTION=true"]),
        _config({"shop.env": "PORT=3000\nCSRF_ENABLED=false\n"}),
        _config({"application.properties": "server.port=3000\nsecurity.enable-csrf = false\n"}),
        _config({"application.yaml": "spring:\n  security:\n    csrf:\n      enabled: false\n"}),
        _config({"settings.py": "DEBUG = False\nWTF_CSRF_ENABLED = False  # for the app\n"}),
        _config({"shop.json": '{"security": {"csrf": {"enabled": false}}}'}),
        _config({"CSRF_ENABLED": "false"}, "Secret"),
        _env("SPRING_APPLICATION_JSON", '{"security": {"csrf": {"enabled": false}}}'),
        _worker({"type": "json", "name": "SETTINGS", "json": '{"csrfEnabled": false}'}),
        _worker({"type": "plain_text", "name": "CSRF_ENABLED", "text": "false"}, kind="WorkerVersion"),
        {
            "type": "cloudflare:index/pagesProject:PagesProject",
            "name": "x",
            "inputs": {"deploymentConfigs": {"production": {"envVars": {"CSRF_ENABLED": {"value": "false"}}}}},
        },
    ],
)
def test_every_way_of_telling_counts(found: Any, item: Any) -> None:
    assert _codes(found, item) == {FORGERY}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CSRF_ENABLED", "true"),
        ("DISABLE_CSRF", "false"),
        ("CSRF_PROTECTION", "on"),
        ("CSRF_COOKIE_HTTPONLY", "false"),
        ("CSRF_COOKIE_SECURE", "true"),
        ("CSRF_COOKIE_SAMESITE", "None"),
        ("CSRF_USE_SESSIONS", "False"),
        ("CSRF_COOKIE_AGE", "0"),
        ("WTF_CSRF_TIME_LIMIT", "None"),
        ("WTF_CSRF_SSL_STRICT", "False"),
        ("GF_SECURITY_CSRF_ALWAYS_CHECK", "false"),
        ("CSRF_EXEMPT_PATHS", "/webhooks/stripe"),
        ("CSRF_SECRET", "0"),
        ("CSRF_TRUSTED_ORIGINS", "https://shop.example,https://brutal.shop.example"),
        ("CSRF_LOG_FAILURES", "no"),
        ("DOCSRFUN", "false"),
    ],
)
def test_protection_that_stays_on_and_its_details_are_fine(found: Any, name: str, value: Any) -> None:
    assert _codes(found, _env(name, value), _config({name: value}), _pod(args=[f"--{name}={value}"])) == set()


def test_a_reference_and_a_comment_are_no_setting(found: Any) -> None:
    reference = {"name": "CSRF_ENABLED", "valueFrom": {"configMapKeyRef": {"name": "x", "key": "y"}}}
    assert _codes(found, _pod(env=[reference]), _config({"a.env": "# CSRF_ENABLED=false\n//CSRF=off\n"})) == set()


def test_a_secrets_value_is_never_shown() -> None:
    findings = judge([_config({"CSRF_TRUSTED_ORIGINS": "*,https://hidden.example"}, "Secret")])
    messages = [one.message for one in findings if one.rule.code == FORGERY]
    assert messages
    assert "hidden" not in messages[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "true"),
        ("DEBUG", 1),
        ("APP_DEBUG", "True"),
        ("FLASK_DEBUG", "1"),
        ("DJANGO_DEBUG", "yes"),
        ("NODE_ENV", "development"),
        ("RAILS_ENV", "development"),
        ("ASPNETCORE_ENVIRONMENT", "Development"),
    ],
)
def test_debug_mode_is_found_in_production_only(found: Any, name: str, value: Any) -> None:
    item = _env(name, value)
    assert _codes(found, item, purpose=Purpose.PRODUCTION) == {DEBUG}
    assert _codes(found, item, purpose=Purpose.TEST) == set()
    assert _codes(found, item) == set()


@pytest.mark.parametrize(
    ("name", "value"),
    [("DEBUG", "false"), ("DEBUG", "0"), ("DEBUG", "shop:*"), ("DEBUG_PORT", "1"), ("NODE_ENV", "production")],
)
def test_what_is_no_debug_mode_is_fine_in_production(found: Any, name: str, value: Any) -> None:
    assert _codes(found, _env(name, value), purpose=Purpose.PRODUCTION) == set()
