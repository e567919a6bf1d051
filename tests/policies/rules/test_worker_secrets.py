"""What a Worker may know and nobody else is bound as a secret."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from policies.values import UNKNOWN

TOKEN = "glpat-" + "aB3dE5gH7jK9lM1nP3qR"
SCRIPT = "cloudflare:index/workersScript:WorkersScript"
PAGES = "cloudflare:index/pagesProject:PagesProject"


def _entry(kind: str = SCRIPT, **inputs: Any) -> dict[str, Any]:
    return {"type": kind, "name": "edge", "inputs": inputs}


def _binding(kind: str, name: str, text: Any) -> dict[str, Any]:
    return _entry(bindings=[{"type": kind, "name": name, "json" if kind == "json" else "text": text}])


@pytest.mark.parametrize(
    "entry",
    [
        _binding("plain_text", "API_TOKEN", "hunter2"),
        _binding("plain_text", "ANYTHING", TOKEN),
        _binding("plain_text", "DATABASE_URL", "postgres://app:hunter2@db/x"),
        _binding("json", "CONFIG", '{"password": "hunter2"}'),
        _binding("json", "CONFIG", {"password": "hunter2"}),
        _entry(plainTextBindings=[{"name": "API_TOKEN", "text": "hunter2"}]),
        _entry(content=f"const token = '{TOKEN}'"),
        _entry("cloudflare:index/workerScript:WorkerScript", content=f"const token = '{TOKEN}'"),
        _entry(
            "cloudflare:index/workerVersion:WorkerVersion",
            modules=[{"name": "a.js", "contentBase64": base64.b64encode(f"let t = '{TOKEN}'".encode()).decode()}],
        ),
        _entry(
            PAGES, deploymentConfigs={"production": {"envVars": {"API_KEY": {"type": "plain_text", "value": "abc"}}}}
        ),
        _entry(PAGES, deploymentConfigs={"preview": {"environmentVariables": {"API_KEY": "abc"}}}),
    ],
)
def test_a_credential_that_can_be_read_back_is_found(found: Any, entry: dict[str, Any]) -> None:
    assert found([entry]) == {("FLT-SECRET-004", f"{entry['type']} edge")}


@pytest.mark.parametrize(
    "entry",
    [
        _binding("secret_text", "API_TOKEN", "hunter2"),
        _binding("secret_text", "API_TOKEN", UNKNOWN),
        _binding("plain_text", "API_TOKEN", UNKNOWN),
        _binding("plain_text", "ENVIRONMENT", "production"),
        _binding("plain_text", "STRIPE_PUBLISHABLE_KEY", "pk_live_" + "a1b2c3d4e5f6"),
        _binding("json", "CONFIG", UNKNOWN),
        _entry(bindings=UNKNOWN, content=UNKNOWN, modules=UNKNOWN),
        _entry(
            content="export default { fetch: (r, env) => fetch(u, {headers: {Authorization: `Bearer ${env.KEY}`}}) }"
        ),
        _entry(
            PAGES, deploymentConfigs={"production": {"envVars": {"API_KEY": {"type": "secret_text", "value": "a"}}}}
        ),
        _entry("cloudflare:index/zone:Zone", bindings=[{"type": "plain_text", "name": "API_TOKEN", "text": "hunter2"}]),
    ],
)
def test_secrets_settings_and_unknowns_are_fine(found: Any, entry: dict[str, Any]) -> None:
    assert found([entry]) == set()
