"""A database asks for a password everywhere but in tests."""

from __future__ import annotations

from typing import Any

import pytest

from policies.values import UNKNOWN


def _pod(**fields: Any) -> dict[str, Any]:
    spec = {"containers": [{"name": "db", **fields}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x", "namespace": "shop"}, "spec": spec}


def _env(name: str, value: Any) -> dict[str, Any]:
    return {"env": [{"name": name, "value": value}]}


def _namespace(purpose: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": "shop", "labels": {"flotilla.dev/purpose": purpose}},
    }


@pytest.mark.parametrize(
    "fields",
    [
        _env("POSTGRES_HOST_AUTH_METHOD", "trust"),
        _env("MYSQL_ALLOW_EMPTY_PASSWORD", "yes"),
        _env("MARIADB_ALLOW_EMPTY_ROOT_PASSWORD", "1"),
        _env("ALLOW_EMPTY_PASSWORD", "yes"),
        _env("NEO4J_AUTH", "none"),
        {"command": ["mongod", "--noauth"]},
        {"args": ["redis-server", "--protected-mode", "no"]},
        {"command": ["mysqld"], "args": ["--skip-grant-tables"]},
    ],
)
def test_a_database_that_lets_everybody_in_is_found_unless_it_is_for_tests(found: Any, fields: dict[str, Any]) -> None:
    expected = {("FLT-SECRET-010", "Pod shop/x")}
    assert found([_pod(**fields)]) == expected
    assert found([_namespace("production"), _pod(**fields)]) == expected
    assert found([_namespace("test"), _pod(**fields)]) == set()
    assert found([_namespace("disposable"), _pod(**fields)]) == set()


@pytest.mark.parametrize(
    "fields",
    [
        _env("POSTGRES_HOST_AUTH_METHOD", "scram-sha-256"),
        _env("POSTGRES_HOST_AUTH_METHOD", UNKNOWN),
        _env("MYSQL_ALLOW_EMPTY_PASSWORD", "no"),
        _env("MYSQL_RANDOM_ROOT_PASSWORD", "yes"),
        {"command": ["mongod", "--auth"]},
        {"args": ["redis-server", "--protected-mode", "no", "--requirepass", "$(PASSWORD)"]},
        {"args": UNKNOWN},
    ],
)
def test_a_database_that_asks_is_fine(found: Any, fields: dict[str, Any]) -> None:
    assert found([_pod(**fields)]) == set()
