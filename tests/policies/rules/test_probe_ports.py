"""Probes and hooks go to a port that their pod serves."""

from __future__ import annotations

from typing import Any

import pytest

POD = "spec/template/spec/containers/0"
SIDECAR = "spec/template/spec/initContainers/1"
DEPLOYMENT = "Deployment checkout"
WRONG = {("FLT-PORT-001", "Deployment shop/checkout")}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (f"{POD}/startupProbe/httpGet/port", 3004),
        (f"{POD}/livenessProbe/tcpSocket/port", 3006),
        (f"{POD}/readinessProbe/httpGet/port", "web"),
        (f"{POD}/readinessProbe/httpGet/port", "http-alt"),
        (f"{POD}/readinessProbe/httpGet/port", "proxy"),
        (f"{SIDECAR}/readinessProbe/grpc/port", 15002),
        (f"{POD}/lifecycle", {"preStop": {"httpGet": {"path": "/drain", "port": "admin"}}}),
        (f"{POD}/lifecycle", {"postStart": {"httpGet": {"path": "/warm", "port": 3004}}}),
        (f"{POD}/lifecycle", {"preStop": {"tcpSocket": {"port": 3004}}}),
    ],
)
def test_one_wrong_port_is_one_finding(stack: Any, put: Any, found: Any, path: str, value: Any) -> None:
    assert found(stack) == set()
    assert found(put(stack, DEPLOYMENT, path, value)) == WRONG


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (f"{POD}/livenessProbe/tcpSocket/port", 9091),
        (f"{POD}/livenessProbe/tcpSocket/port", 15001),
        (f"{POD}/livenessProbe/tcpSocket", {"host": "db.example", "port": 5432}),
        (f"{POD}/livenessProbe", {"exec": {"command": ["true"]}}),
        (f"{POD}/lifecycle", {"preStop": {"exec": {"command": ["sleep", "5"]}}}),
        (f"{POD}/lifecycle", {"preStop": {"httpGet": {"path": "/drain", "port": "http"}}}),
        (f"{POD}/lifecycle", {"preStop": {"sleep": {"seconds": 5}}}),
    ],
)
def test_what_is_legal_is_not_flagged(stack: Any, put: Any, found: Any, path: str, value: Any) -> None:
    assert found(put(stack, DEPLOYMENT, path, value)) == set()


def test_a_probe_by_number_of_pods_that_declare_nothing_is_legal(stack: Any, put: Any, found: Any) -> None:
    bare = put(put(stack, DEPLOYMENT, f"{POD}/ports", ...), DEPLOYMENT, f"{POD}/readinessProbe/httpGet/port", 3000)
    assert found(bare) == set()


def pod(declared: list[Any], probed: list[Any], **more: Any) -> dict[str, Any]:
    names = ("readinessProbe", "livenessProbe")
    probes = {name: {"httpGet": {"port": port}} for name, port in zip(names, probed, strict=False)}
    ports = [port if isinstance(port, dict) else {"containerPort": port} for port in declared]
    container = {"name": "c", "image": "a:1.0.0", "ports": ports} | probes | more
    spec = {"template": {"spec": {"containers": [container]}}}
    return {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "d", "labels": {}}, "spec": spec}


def named(name: str, number: int) -> dict[str, Any]:
    return {"name": name, "containerPort": number}


LEGAL = {
    "coredns": pod([named("dns", 53), named("metrics", 9153)], [8181, 8080]),
    "ingress-nginx": pod([80, 443, 8443], [10254, 10254]),
    "kubebuilder": pod([9443], [8081, 8081], args=["--leader-elect", "--health-probe-bind-address=:8081"]),
    "a controller's default": pod([8080], [8081, 8081], args=["--leader-elect"]),
    "a controller with a webhook": pod([named("webhook-server", 9443)], [8081], args=["--config=/etc/c.yaml"]),
    "argument": pod([9443], [8081, 8081], args=["--port", "8081"]),
    "variable": pod([8080], [9000], env=[{"name": "MANAGEMENT_SERVER_PORT", "value": "9000"}]),
    "address": pod([8080], [9000], env=[{"name": "HEALTH_ADDR", "value": "0.0.0.0:9000"}]),
    "urls": pod([8080], [9000], env=[{"name": "ASPNETCORE_URLS", "value": "http://+:8080;http://+:9000"}]),
    "undeclared": pod([], [3004, 3006]),
    "kube-state-metrics": pod(
        [8080], [8080, 8081], image="registry.example/kube-state-metrics/kube-state-metrics:v2.9.2"
    ),
    "keycloak": pod([named("http", 8080)], [9000, 9000], image="quay.example/keycloak/keycloak:26.0.1"),
    "by its command": pod([443], [10254], command=["/nginx-ingress-controller"]),
    "another language": pod([named("grpc", 8081)], [8080]),
    "a database with a health page": pod([named("mysql", 3306)], [8090]),
    "statistics alone": pod([named("ztunnel-stats", 15020)], [15021]),
    "metrics in a word": pod([named("metricshttps", 9120)], [17472]),
}


@pytest.mark.parametrize("manifest", LEGAL.values(), ids=LEGAL)
def test_a_health_listener_of_its_own_is_legal(found: Any, manifest: dict[str, Any]) -> None:
    assert found([manifest]) == set()


MISTAKEN = {
    "one port": pod([3000], [3004, 3006]),
    "one port and metrics": pod([named("http", 3000), named("metrics", 9090)], [3004]),
    "probes disagree": pod([3000, 9090], [3000, 3004]),
    "a name and a number disagree": pod([named("http", 3000), 9090], ["http", 3004]),
    "another's address": pod([3000], [3004], env=[{"name": "CHECKOUT_ADDR", "value": "http://checkout:3004"}]),
    "another's port": pod([3000], [3004], env=[{"name": "REDIS_PORT", "value": "3004"}]),
    "no port": pod([3000], [3004], env=[{"name": "BUILD", "value": "3004"}]),
    "look-alikes": pod([3000], [3004], args=["--upstream=checkout:3004", "--port=13004", "--port=3004.5"]),
    "told and undeclared": pod([], [3004], env=[{"name": "PORT", "value": "3000"}]),
    "told by argument and undeclared": pod([], [3004], args=["--port=3000"]),
    "next to the declared one": pod([named("http", 8080)], [8081]),
}


@pytest.mark.parametrize("manifest", MISTAKEN.values(), ids=MISTAKEN)
def test_a_probe_beside_the_only_served_port_is_found(found: Any, manifest: dict[str, Any]) -> None:
    assert found([manifest]) == {("FLT-PORT-001", "DaemonSet d")}


def test_a_grpc_probe_is_not_held_against_a_web_port(found: Any) -> None:
    manifest = pod([named("http", 3000)], [])
    container = manifest["spec"]["template"]["spec"]["containers"][0]
    container["readinessProbe"] = {"grpc": {"port": 9000}}
    assert found([manifest]) == set()
    container["ports"] = [named("grpc", 4000)]
    assert found([manifest]) == {("FLT-PORT-001", "DaemonSet d")}


def test_several_ports_and_a_probe_of_none_of_them_is_advice(found: Any) -> None:
    assert found([pod([3000, 9229], [3004])]) == {("FLT-PORT-006", "DaemonSet d")}
    assert found([pod([3000, 9229], [3000])]) == set()
    assert found([pod([3000, 9229], [8081])]) == set()


def test_a_neighbour_without_a_port_may_be_meant_by_a_hook_and_a_proxy_by_a_probe(found: Any) -> None:
    hook = pod([3000], [], lifecycle={"preStop": {"httpGet": {"path": "/x", "port": 8090}}})
    assert found([hook]) == {("FLT-PORT-001", "DaemonSet d")}
    hook["spec"]["template"]["spec"]["containers"].append({"name": "manager", "image": "m:1.0.0"})
    assert found([hook]) == set()
    probe = pod([3000], [8090])
    probe["spec"]["template"]["spec"]["containers"].append({"name": "log", "image": "fluent-bit:3.1.0"})
    assert found([probe]) == {("FLT-PORT-001", "DaemonSet d")}
    probe["spec"]["template"]["spec"]["containers"].append({"name": "front", "image": "nginx:1.27.2"})
    assert found([probe]) == set()


def test_under_the_fleets_contract_every_probed_port_is_declared(found: Any, put: Any) -> None:
    legal = pod([53, 9153], [8181, 8080])
    assert ("FLT-PORT-001", "DaemonSet d") not in found([legal])
    labelled = put([legal], "DaemonSet d", "metadata/labels", {"flotilla.dev/fleet": "shop"})
    assert ("FLT-PORT-001", "DaemonSet d") in found(labelled)


def _workload(kind: str, api: str, template_path: list[str]) -> dict[str, Any]:
    value: dict[str, Any] = pod([3000], [3004])["spec"]["template"]
    for step in reversed(template_path):
        value = {step: value}
    return {"apiVersion": api, "kind": kind, "metadata": {"name": "w"}} | value


@pytest.mark.parametrize(
    ("kind", "api", "path"),
    [
        ("Deployment", "apps/v1", ["spec", "template"]),
        ("StatefulSet", "apps/v1", ["spec", "template"]),
        ("DaemonSet", "apps/v1", ["spec", "template"]),
        ("ReplicaSet", "apps/v1", ["spec", "template"]),
        ("Job", "batch/v1", ["spec", "template"]),
        ("CronJob", "batch/v1", ["spec", "jobTemplate", "spec", "template"]),
        ("Pod", "v1", []),
    ],
)
def test_every_kind_that_makes_pods_is_walked(found: Any, kind: str, api: str, path: list[str]) -> None:
    assert found([_workload(kind, api, path)]) == {("FLT-PORT-001", f"{kind} w")}


@pytest.mark.parametrize(("kind", "api"), [("Deployment", "example.com/v1"), ("Rollout", "argoproj.io/v1alpha1")])
def test_a_kind_of_somebody_elses_group_is_left_alone(found: Any, kind: str, api: str) -> None:
    assert found([_workload(kind, api, ["spec", "template"])]) == set()


def test_a_plain_init_container_serves_nothing(stack: Any, put: Any, found: Any) -> None:
    assert found(put(stack, DEPLOYMENT, f"{SIDECAR}/restartPolicy", ...)) == set()
    probed = put(stack, DEPLOYMENT, f"{POD}/livenessProbe/tcpSocket/port", 15001)
    assert found(probed) == set()
    assert found(put(probed, DEPLOYMENT, f"{SIDECAR}/restartPolicy", ...)) == WRONG
