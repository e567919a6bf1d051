"""The port that an application is told is the one that its container declares."""

from __future__ import annotations

from typing import Any

import pytest

TOLD = {("FLT-PORT-004", "Pod p")}


def pod(
    declared: list[Any], env: dict[str, Any] | None = None, args: list[str] | None = None, **more: Any
) -> dict[str, Any]:
    ports = [
        {"name": port[0], "containerPort": port[1]} if isinstance(port, tuple) else {"containerPort": port}
        for port in declared
    ]
    variables = [{"name": name, "value": value} for name, value in (env or {}).items()]
    container = {"name": "checkout", "image": "a:1.0.0", "ports": ports, "env": variables, "args": args or []} | more
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [container]}}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "3001"),
        ("PORT", 3001),
        ("HTTP_PORT", "3001"),
        ("SERVER_PORT", "3001"),
        ("APP_PORT", "3001"),
        ("WEB_PORT", "3001"),
        ("LISTEN_PORT", "3001"),
        ("CONTAINER_PORT", "3001"),
        ("CHECKOUT_PORT", "3001"),
        ("UVICORN_PORT", "3001"),
        ("FLASK_RUN_PORT", "3001"),
        ("GF_SERVER_HTTP_PORT", "3001"),
        ("ASPNETCORE_HTTP_PORTS", "3001"),
        ("ASPNETCORE_URLS", "http://+:3001"),
        ("ASPNETCORE_URLS", "http://*:3001/"),
        ("LISTEN_ADDR", ":3001"),
        ("LISTEN_ADDRESS", "0.0.0.0:3001"),
        ("SERVER_ADDR", "[::]:3001"),
        ("HTTP_LISTEN_ADDR", ":3001"),
        ("BIND", "0.0.0.0:3001"),
        ("ADDR", "tcp://0.0.0.0:3001"),
    ],
)
def test_a_variable_that_tells_another_port_is_found(found: Any, name: str, value: Any) -> None:
    assert found([pod([3000], {name: str(value).replace("3001", "3000")})]) == set()
    assert found([pod([3000], {name: value})]) == TOLD


@pytest.mark.parametrize(
    "args",
    [
        ["--port=3001"],
        ["--port", "3001"],
        ["-port=3001"],
        ["--http-port=3001"],
        ["--http.port=3001"],
        ["--server.port=3001"],
        ["-Dserver.port=3001"],
        ["--listen", ":3001"],
        ["--listen-address=0.0.0.0:3001"],
        ["--web.listen-address=:3001"],
        ["--bind", "0.0.0.0:3001"],
        ["--addr=:3001"],
        ["node server.js --port 3001"],
        ["-c", "exec node server.js --port=3001"],
        ["gunicorn", "-b", ":3001", "shop:app"],
        ["next", "start", "-p", "3001"],
        ["python", "-m", "http.server", "3001"],
        ["--port=$(OWN)"],
    ],
)
def test_an_argument_that_tells_another_port_is_found(found: Any, args: list[str]) -> None:
    right = [word.replace("3001", "3000") for word in args]
    assert found([pod([3000], {"OWN": "3000"}, right)]) == set()
    assert found([pod([3000], {"OWN": "3001"}, args)]) == TOLD
    assert found([pod([3000], {"OWN": "3001"}, command=args)]) == TOLD


@pytest.mark.parametrize(
    "env",
    [
        {"DATABASE_PORT": "5432"},
        {"DB_PORT": "5432"},
        {"REDIS_PORT": "6379"},
        {"SMTP_PORT": "587"},
        {"CART_SERVICE_PORT": "80"},
        {"CART_PORT": "tcp://10.0.0.1:80"},
        {"METRICS_PORT": "9090"},
        {"HTTPS_PORT": "3443"},
        {"GRPC_PORT": "4000"},
        {"SERVER_HOST": "inventory", "SERVER_PORT": "8080"},
        {"APP_HOST": "shop.example", "APP_PORT": "443"},
        {"SERVER_ADDR": "inventory:8080"},
        {"LISTEN_ADDR": "0.0.0.0"},
        {"PORT": ""},
        {"PORT": "http"},
        {"PORT": "9091"},
        {"NODE_PORT": "30080"},
        {"API_PORT": "8080"},
        {"PORT": "3000", "APP_PORT": "8080"},
        {"LISTEN_PORT": "$(ELSEWHERE)"},
    ],
)
def test_a_variable_about_something_else_is_fine(found: Any, env: dict[str, str]) -> None:
    assert found([pod([("http", 3000), ("metrics", 9091)], env)]) == (TOLD if "METRICS_PORT" in env else set())
    assert found([pod([3000, 9091], env)]) == set()


@pytest.mark.parametrize(
    "args",
    [
        ["--upstream=inventory:8080"],
        ["--address=inventory:8080"],
        ["--redis-port=6379"],
        ["--port=0"],
        ["--metrics-addr=:9090"],
        ["-c", "wait-for --port 5432; exec serve"],
        ["-p", "8080"],
        ["psql", "-p", "5432"],
        ["--port"],
        ["--listen=unix:///run/s.sock"],
    ],
)
def test_an_argument_about_something_else_is_fine(found: Any, args: list[str]) -> None:
    assert found([pod([3000], args=args)]) == set()


@pytest.mark.parametrize(
    ("name", "port"),
    [("METRICS_PORT", "metrics"), ("GRPC_PORT", "grpc"), ("HTTPS_PORT", "https"), ("ADMIN_PORT", "admin")],
)
def test_a_side_port_is_held_against_the_declared_one_of_its_kind(found: Any, name: str, port: str) -> None:
    assert found([pod([("http", 3000), (port, 9091)], {name: "9091"})]) == set()
    assert found([pod([("http", 3000), (port, 9091)], {name: "9090"})]) == TOLD
    assert found([pod([("http", 3000), ("other", 9091)], {name: "9090"})]) == set()


def test_an_argument_overrules_a_variable(found: Any) -> None:
    assert found([pod([3000], {"PORT": "3001"}, ["--port=3000"])]) == set()


def test_a_web_port_is_not_held_against_one_that_speaks_something_else(found: Any) -> None:
    assert found([pod([("grpc", 4000)], {"HTTP_PORT": "8080"})]) == set()
    assert found([pod([("grpc", 4000)], {"PORT": "8080"})]) == TOLD


def test_what_declares_nothing_or_metrics_alone_contradicts_nothing(found: Any) -> None:
    assert found([pod([], {"PORT": "3001"})]) == set()
    assert found([pod([("metrics", 9091)], {"PORT": "3001"})]) == set()


def test_a_plain_init_container_is_told_nothing(found: Any, put: Any) -> None:
    manifest = pod([3000])
    init = manifest["spec"]["containers"][0] | {"name": "i", "env": [{"name": "PORT", "value": "3001"}]}
    manifest["spec"]["initContainers"] = [init]
    assert found([manifest]) == set()
    assert found(put([manifest], "Pod p", "spec/initContainers/0/restartPolicy", "Always")) == TOLD


def _configured(port: str, **container: Any) -> list[dict[str, Any]]:
    data = {"PORT": port, "DATABASE_PORT": "5432"}
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}, "data": data}
    manifest = pod([3000])
    manifest["spec"]["containers"][0].update(container)
    return [config, manifest]


FROM_ALL = {"envFrom": [{"configMapRef": {"name": "settings"}}]}
FROM_KEY = {"env": [{"name": "PORT", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "PORT"}}}]}


@pytest.mark.parametrize("how", [FROM_ALL, FROM_KEY], ids=["all of it", "one key"])
def test_a_port_from_a_config_map_is_held_against_the_declared_one(found: Any, how: dict[str, Any]) -> None:
    assert found(_configured("3000", **how)) == set()
    assert found(_configured("3001", **how)) == {("FLT-PORT-005", "Pod p")}


def test_a_variable_of_its_own_hides_the_config_maps(found: Any) -> None:
    own = FROM_ALL | {"env": [{"name": "PORT", "value": "3000"}]}
    assert found(_configured("3001", **own)) == set()
    hidden = FROM_ALL | {"env": [{"name": "PORT", "valueFrom": {"secretKeyRef": {"name": "s", "key": "p"}}}]}
    assert found(_configured("3001", **hidden)) == set()


def test_a_config_map_elsewhere_or_under_a_prefix_says_nothing(found: Any) -> None:
    elsewhere = _configured("3001", **FROM_ALL)
    elsewhere[0]["metadata"]["namespace"] = "other"
    assert found(elsewhere) == set()
    assert found(_configured("3001", envFrom=[{"prefix": "CART_", "configMapRef": {"name": "settings"}}])) == set()
