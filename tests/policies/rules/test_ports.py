"""Ports agree along the whole chain."""

from __future__ import annotations

import copy
from typing import Any

import pytest

POD = "spec/template/spec/containers/0"
SIDECAR = "spec/template/spec/initContainers/1"
DEPLOYMENT = "Deployment checkout"
SERVICE = "Service checkout"
ROUTE = "IngressRoute checkout-cart"

WRONG = [
    (DEPLOYMENT, f"{POD}/startupProbe/httpGet/port", 3004, {("FLT-PORT-001", "Deployment shop/checkout")}),
    (DEPLOYMENT, f"{POD}/livenessProbe/tcpSocket/port", 3006, {("FLT-PORT-001", "Deployment shop/checkout")}),
    (DEPLOYMENT, f"{POD}/readinessProbe/httpGet/port", "web", {("FLT-PORT-001", "Deployment shop/checkout")}),
    (DEPLOYMENT, f"{POD}/readinessProbe/httpGet/port", "3000", {("FLT-PORT-001", "Deployment shop/checkout")}),
    (DEPLOYMENT, f"{POD}/readinessProbe/httpGet/port", "proxy", {("FLT-PORT-001", "Deployment shop/checkout")}),
    (DEPLOYMENT, f"{SIDECAR}/readinessProbe/grpc/port", 15002, {("FLT-PORT-001", "Deployment shop/checkout")}),
    (DEPLOYMENT, f"{POD}/env/0/value", "3001", {("FLT-PORT-004", "Deployment shop/checkout")}),
    (SERVICE, "spec/ports/0/targetPort", "web", {("FLT-PORT-002", "Service shop/checkout")}),
    (SERVICE, "spec/ports/0/targetPort", "3000", {("FLT-PORT-002", "Service shop/checkout")}),
    (SERVICE, "spec/ports/0/protocol", "UDP", {("FLT-PORT-002", "Service shop/checkout")}),
    (ROUTE, "spec/routes/0/services/0/port", 3001, {("FLT-PORT-003", "IngressRoute shop/checkout-cart")}),
    (ROUTE, "spec/routes/0/services/0/port", "http", {("FLT-PORT-003", "IngressRoute shop/checkout-cart")}),
    (ROUTE, "spec/routes/0/services/0/port", "80", {("FLT-PORT-003", "IngressRoute shop/checkout-cart")}),
    (ROUTE, "spec/routes/0/services/0/port", ..., {("FLT-PORT-003", "IngressRoute shop/checkout-cart")}),
    (
        "TraefikService checkout-split",
        "spec/weighted/services/0/port",
        8080,
        {("FLT-PORT-003", "TraefikService shop/checkout-split")},
    ),
    (
        "TraefikService checkout-split",
        "spec",
        {"mirroring": {"name": "checkout", "port": 80, "mirrors": [{"name": "checkout", "port": 90, "percent": 5}]}},
        {("FLT-PORT-003", "TraefikService shop/checkout-split")},
    ),
    (
        "TraefikService checkout-split",
        "spec",
        {"mirroring": {"name": "checkout", "port": 90, "mirrors": [{"name": "checkout", "port": 80}]}},
        {("FLT-PORT-003", "TraefikService shop/checkout-split")},
    ),
    (
        "Ingress checkout-docs",
        "spec/rules/0/http/paths/0/backend/service/port",
        {"number": 8080},
        {("FLT-PORT-003", "Ingress shop/checkout-docs")},
    ),
    (
        "Ingress checkout-faq",
        "spec/rules/0/http/paths/0/backend/service/port/name",
        "http",
        {("FLT-PORT-003", "Ingress shop/checkout-faq")},
    ),
    (
        "Ingress checkout-docs",
        "spec/defaultBackend",
        {"service": {"name": "checkout", "port": {"number": 3001}}},
        {("FLT-PORT-003", "Ingress shop/checkout-docs")},
    ),
]

RIGHT = [
    (DEPLOYMENT, f"{POD}/ports", ...),
    (DEPLOYMENT, f"{POD}/livenessProbe/tcpSocket/port", 9091),
    (DEPLOYMENT, f"{POD}/livenessProbe/tcpSocket/port", 15001),
    (DEPLOYMENT, f"{POD}/livenessProbe/tcpSocket", {"host": "db.example", "port": 5432}),
    (DEPLOYMENT, f"{POD}/livenessProbe", {"exec": {"command": ["true"]}}),
    (DEPLOYMENT, f"{POD}/env/0", {"name": "DATABASE_PORT", "value": "5432"}),
    (DEPLOYMENT, f"{POD}/env/0", {"name": "PORT", "valueFrom": {"fieldRef": {"fieldPath": "x"}}}),
    (DEPLOYMENT, f"{POD}/env/0/value", "9091"),
    (SERVICE, "spec/ports/1/targetPort", 9091),
    (SERVICE, "spec/selector/app", "somebody-else"),
    (SERVICE, "spec/selector", ...),
    (SERVICE, "metadata/namespace", "elsewhere"),
    (ROUTE, "spec/routes/0/services/0/name", "not-here"),
    (ROUTE, "spec/routes/0/services/0", {"name": "checkout", "namespace": "elsewhere", "port": 1}),
    (ROUTE, "spec/routes/0/services/0/port", "defaulted"),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: f"{case[0]}/{case[1]}={case[2]}")
def test_one_wrong_port_is_one_finding(stack: Any, put: Any, found: Any, case: tuple[Any, ...]) -> None:
    *change, expected = case
    assert found(stack) == set()
    assert found(put(stack, *change)) == expected


@pytest.mark.parametrize(("title", "path", "value"), RIGHT)
def test_what_is_legal_is_not_flagged(stack: Any, put: Any, found: Any, title: str, path: str, value: Any) -> None:
    changed = put(stack, title, path, value)
    if path == f"{POD}/ports":
        changed = put(changed, DEPLOYMENT, f"{POD}/readinessProbe/httpGet/port", 3000)
        changed = put(changed, SERVICE, "spec/ports/0/targetPort", 3000)
    assert found(changed) == set()


def test_a_named_target_that_only_the_pod_lost_is_found(stack: Any, put: Any, found: Any) -> None:
    changed = put(stack, DEPLOYMENT, f"{POD}/ports/0/name", "web")
    assert found(changed) == {("FLT-PORT-001", "Deployment shop/checkout"), ("FLT-PORT-002", "Service shop/checkout")}


@pytest.mark.parametrize(("name", "port", "port_name"), [("a", 80, "web"), ("shop-7", 65535, "x"), ("b", 9092, "h2c")])
def test_any_number_and_name_will_do_when_they_agree(
    make_stack: Any, put: Any, found: Any, name: str, port: int, port_name: str
) -> None:
    stack = make_stack(name, port, port_name)
    assert found(stack) == set()
    wrong = put(stack, f"Deployment {name}", f"{POD}/ports/0/containerPort", port - 7)
    assert {code for code, _ in found(wrong)} == {"FLT-PORT-004"}
    untold = put(wrong, f"Deployment {name}", f"{POD}/env", [])
    untold = put(untold, f"Deployment {name}", "metadata/labels", {"flotilla.dev/fleet": "shop"})
    assert {code for code, _ in found(untold)} == {"FLT-PORT-001", "FLT-PORT-002"}


def _pod(declared: list[int], probed: list[int], **more: Any) -> dict[str, Any]:
    names = ("readinessProbe", "livenessProbe")
    probes = {name: {"httpGet": {"port": port}} for name, port in zip(names, probed, strict=False)}
    ports = [{"containerPort": port} for port in declared]
    container = {"name": "c", "image": "a:1.0.0", "ports": ports} | probes | more
    spec = {"template": {"spec": {"containers": [container]}}}
    return {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "d", "labels": {}}, "spec": spec}


@pytest.mark.parametrize(
    "manifest",
    [
        _pod([53, 9153], [8181, 8080]),
        _pod([80, 443, 8443], [10254, 10254]),
        _pod([9443], [8081, 8081], args=["--leader-elect", "--health-probe-bind-address=:8081"]),
        _pod([9443], [8081, 8081], args=["--port", "8081"]),
        _pod([8080], [9000], env=[{"name": "MANAGEMENT_SERVER_PORT", "value": "9000"}]),
        _pod([8080], [9000], env=[{"name": "HEALTH_ADDR", "value": "0.0.0.0:9000"}]),
        _pod([], [3004, 3006]),
    ],
    ids=["coredns", "ingress-nginx", "kubebuilder", "argument", "variable", "address", "undeclared"],
)
def test_a_health_listener_of_its_own_is_legal(found: Any, manifest: dict[str, Any]) -> None:
    assert found([manifest]) == set()


@pytest.mark.parametrize(
    "manifest",
    [
        _pod([3000], [3004, 3006]),
        _pod([3000, 9090], [3000, 3004]),
        _pod([3000], [3004], env=[{"name": "CHECKOUT_ADDR", "value": "http://checkout:3004"}]),
        _pod([3000], [3004], env=[{"name": "BUILD", "value": "3004"}]),
        _pod([3000], [3004], args=["--upstream=checkout:3004", "--port=13004", "--port=3004.5"]),
    ],
    ids=["one port", "probes disagree", "another's address", "no port", "look-alikes"],
)
def test_a_probe_beside_the_only_served_port_is_found(found: Any, manifest: dict[str, Any]) -> None:
    assert found([manifest]) == {("FLT-PORT-001", "DaemonSet d")}


def test_under_the_fleets_contract_every_probed_port_is_declared(found: Any, put: Any) -> None:
    legal = _pod([53, 9153], [8181, 8080])
    assert found([legal]) == set()
    assert found(put([legal], "DaemonSet d", "metadata/labels", {"flotilla.dev/fleet": "shop"})) != set()


def _workload(kind: str, api: str, template_path: list[str]) -> dict[str, Any]:
    value: dict[str, Any] = _pod([3000], [3004])["spec"]["template"]
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


def test_a_job_that_shares_the_services_labels_is_no_backend(stack: Any, found: Any) -> None:
    containers = [{"name": "m", "image": "a:1.0.0", "ports": [{"containerPort": 1}]}]
    labels = {"app": "checkout", "track": "stable"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": containers}}
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j", "namespace": "shop"}}
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": job["metadata"]}
    assert found([*stack, job | {"spec": {"template": template}}]) == set()
    assert ("FLT-PORT-002", "Service shop/checkout") in found([*stack, deployment | {"spec": {"template": template}}])


@pytest.mark.parametrize("target", [80, ...], ids=["the Service's own port", "defaulted"])
def test_a_number_that_nobody_declares_is_found_where_that_is_sure(
    stack: Any, put: Any, found: Any, target: Any
) -> None:
    expected = {("FLT-PORT-002", "Service shop/checkout")}
    one_more = put(stack, SERVICE, "spec/ports/1/targetPort", target)
    assert found(one_more) == set()
    under_contract = put(one_more, DEPLOYMENT, "metadata/labels", {"flotilla.dev/fleet": "shop"})
    assert found(under_contract) == expected
    without_sidecar = put(one_more, DEPLOYMENT, "spec/template/spec/initContainers", [])
    without_sidecar = put(without_sidecar, SERVICE, "spec/ports/3", ...)
    assert found(without_sidecar) == expected
    orphaned = put(one_more, SERVICE, "spec/ports/3/targetPort", "http")
    assert found(orphaned) == expected


def test_a_number_in_another_protocol_tells_nothing(found: Any) -> None:
    pod = _pod([53], [])
    pod["metadata"]["namespace"] = "n"
    pod["spec"]["template"]["metadata"] = {"labels": {"a": "b"}}
    dns = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s", "namespace": "n"}}
    dns["spec"] = {"selector": {"a": "b"}, "ports": [{"port": 53, "protocol": "UDP"}, {"port": 53}]}
    assert found([pod, dns]) == set()


def test_an_external_service_binds_no_number(found: Any, make_route: Any) -> None:
    outside = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s", "namespace": "shop"}}
    outside["spec"] = {"type": "ExternalName", "externalName": "db.example", "ports": [{"port": 1}]}
    assert found([outside, make_route("r", "Host(`a.b`)", {"name": "s", "port": 443})]) == set()
    assert found([outside, make_route("r", "Host(`a.b`)", {"name": "s", "port": "https"})]) != set()


def test_an_unnamed_service_port_is_not_met_by_a_wrong_number(stack: Any, put: Any, found: Any) -> None:
    unnamed = put(stack, SERVICE, "spec/ports", [{"port": 80, "targetPort": "http"}])
    unnamed = [one for one in unnamed if one["kind"] in {"Deployment", "Service"} or "redirect" in str(one["metadata"])]
    assert found(unnamed) == set()
    wrong = put(unnamed, "IngressRoute checkout-redirect", "spec/routes/0/services/0/port", 8080)
    assert found(wrong) == {("FLT-PORT-003", "IngressRoute shop/checkout-redirect")}


def test_the_dead_ingress_version_is_read_too(stack: Any, found: Any) -> None:
    backend = {"serviceName": "checkout", "servicePort": "80"}
    old = {"apiVersion": "extensions/v1beta1", "kind": "Ingress", "metadata": {"name": "o", "namespace": "shop"}}
    right = old | {"spec": {"backend": backend}}
    wrong = old | {"spec": {"backend": backend | {"servicePort": 8080}}}
    assert found([*stack, copy.deepcopy(right)]) == set()
    assert found([*stack, wrong]) == {("FLT-PORT-003", "Ingress shop/o")}
