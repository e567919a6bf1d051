"""No Ingress writes into the proxy's own configuration."""

from __future__ import annotations

from typing import Any

import pytest

CODE = "FLT-SECURITY-023"
NGINX = "nginx.ingress.kubernetes.io/"


def _ingress(key: str, value: Any) -> dict[str, Any]:
    metadata = {"name": "x", "annotations": {key: value}}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": metadata, "spec": {"rules": []}}


def _controller(**data: Any) -> dict[str, Any]:
    written = {key.replace("_", "-"): value for key, value in data.items()}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "data": written}


@pytest.mark.parametrize(
    "item",
    [
        *(_ingress(f"{NGINX}{name}-snippet", "a;") for name in ("configuration", "server", "auth", "stream")),
        _ingress(f"{NGINX}modsecurity-snippet", "SecRuleEngine Off"),
        _ingress("nginx.org/server-snippets", "a;"),
        _ingress(f"{NGINX}auth-url", "http://auth.svc/#;load_module /tmp/x.so;"),
        _ingress(f"{NGINX}mirror-target", "http://a.svc;\n}"),
        _ingress(f"{NGINX}auth-tls-match-cn", "CN=a }"),
        _controller(allow_snippet_annotations="true"),
        _controller(annotations_risk_level="Critical"),
    ],
)
def test_what_writes_into_the_configuration_is_found(found: Any, item: Any) -> None:
    assert {code for code, _ in found([item])} == {CODE}


@pytest.mark.parametrize(
    "item",
    [
        _ingress(f"{NGINX}configuration-snippet", ""),
        _ingress(f"{NGINX}rewrite-target", "/$2"),
        _ingress(f"{NGINX}auth-url", "https://auth.shop.example/verify?rd=$scheme://$host"),
        _ingress(f"{NGINX}auth-tls-match-cn", "CN=[a-z]{2,8}"),
        _ingress("example.com/configuration-snippet", "a;"),
        _controller(allow_snippet_annotations="false", annotations_risk_level="High"),
        _controller(shop="true"),
    ],
)
def test_annotations_with_a_purpose_of_their_own_are_fine(found: Any, item: Any) -> None:
    assert {code for code, _ in found([item])} == set()
