"""A console lets nobody change things without a login."""

from __future__ import annotations

from typing import Any

import pytest

FOUND = {("FLT-SECURITY-024", "Pod console")}


def _pod(**container: Any) -> dict[str, Any]:
    spec = {"containers": [{"name": "console", "image": "console:1.4.2"} | container]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "console"}, "spec": spec}


def _grafana(enabled: Any, role: Any) -> dict[str, Any]:
    env = {"GF_AUTH_ANONYMOUS_ENABLED": enabled, "GF_AUTH_ANONYMOUS_ORG_ROLE": role}
    return _pod(env=[{"name": name, "value": value} for name, value in env.items()])


@pytest.mark.parametrize(
    "option", ["--enable-skip-login", "--enable-skip-login=true", "--auth-mode=server", "--disable-auth=1"]
)
def test_an_option_that_skips_the_login_is_found(found: Any, option: str) -> None:
    assert found([_pod(args=["--namespace=x"])]) == set()
    assert found([_pod(args=["--namespace=x", option])]) == FOUND
    assert found([_pod(command=["/dashboard", option])]) == FOUND


@pytest.mark.parametrize("option", ["--enable-skip-login=false", "--auth-mode=sso", "--login", "enable-skip-login"])
def test_other_options_are_fine(found: Any, option: str) -> None:
    assert found([_pod(args=[option])]) == set()


@pytest.mark.parametrize("role", ["Admin", "Editor", "admin"])
def test_a_stranger_may_not_edit_in_grafana(found: Any, role: str) -> None:
    assert found([_grafana("true", role)]) == FOUND
    assert found([_grafana("false", role)]) == set()
    assert found([_grafana("true", "Viewer")]) == set()
