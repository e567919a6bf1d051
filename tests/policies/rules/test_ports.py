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
    (SERVICE, "spec/ports/0/targetPort", "web", {("FLT-PORT-002", "Service shop/checkout")}),
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
        changed = put(changed, SERVICE, "spec/ports/0/targetPort", 3000)
    assert found(changed) == set()


def test_a_named_target_that_only_the_pod_lost_is_found(stack: Any, put: Any, found: Any) -> None:
    changed = put(stack, DEPLOYMENT, f"{POD}/ports/0/name", "web")
    assert found(changed) == {("FLT-PORT-002", "Service shop/checkout")}


@pytest.mark.parametrize(("name", "port", "port_name"), [("a", 80, "web"), ("shop-7", 65535, "x"), ("b", 9092, "h2c")])
def test_any_number_and_name_will_do_when_they_agree(
    make_stack: Any, put: Any, found: Any, name: str, port: int, port_name: str
) -> None:
    stack = make_stack(name, port, port_name)
    assert found(stack) == set()
    untold = put(stack, f"Deployment {name}", f"{POD}/env", [])
    wrong = put(untold, f"Deployment {name}", f"{POD}/ports/0/containerPort", port - 7)
    labelled = put(wrong, f"Deployment {name}", "metadata/labels", {"flotilla.dev/fleet": "shop"})
    assert found(labelled) == {("FLT-PORT-002", f"Service shop/{name}")}


def test_a_job_that_shares_the_services_labels_is_no_backend(stack: Any, found: Any) -> None:
    containers = [{"name": "m", "image": "a:1.0.0", "ports": [{"containerPort": 1}]}]
    labels = {"app": "checkout", "track": "stable"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": containers}}
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j", "namespace": "shop"}}
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": job["metadata"]}
    assert found([*stack, job | {"spec": {"template": template}}]) == set()
    assert ("FLT-PORT-002", "Service shop/checkout") in found([*stack, deployment | {"spec": {"template": template}}])


def pod(*ports: Any, kind: str = "DaemonSet", name: str = "d", **container: Any) -> dict[str, Any]:
    listed = [port if isinstance(port, dict) else {"containerPort": port} for port in ports]
    spec = {"containers": [{"name": "c", "image": "a:1.0.0", "ports": listed} | container]}
    template = {"metadata": {"labels": {"a": "b"}}, "spec": spec}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name}, "spec": {"template": template}}


def named(name: str, number: int, protocol: str | None = None) -> dict[str, Any]:
    return {"name": name, "containerPort": number} | ({"protocol": protocol} if protocol else {})


def service(*targets: Any, name: str = "s", **spec: Any) -> dict[str, Any]:
    ports = [
        target if isinstance(target, dict) else {"name": f"p{number}", "port": 80 + number, "targetPort": target}
        for number, target in enumerate(targets)
    ]
    spec = {"selector": {"a": "b"}, "ports": ports} | spec
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}


ASTRAY = {
    "one port and another target": [pod(3000), service(3004)],
    "defaulted": [pod(3000), service({"port": 80})],
    "port and targetPort mixed up": [pod(3000), service({"port": 3000, "targetPort": 80})],
    "one port, metrics and another target": [pod(named("http", 3000), named("metrics", 9091)), service(3004)],
    "all targets beside the ports": [pod(3000, 4000), service(3004, 4004)],
    "one of two": [pod(named("http", 3000), named("grpc", 4000)), service("http", 4001)],
    "the second Service": [pod(3000), service(3000, name="right"), service(3004)],
    "metrics by name": [
        pod(named("http", 3000), named("metrics", 9091)),
        service(3000, {"name": "metrics", "port": 9090}),
    ],
    "what a pod is told": [pod(env=[{"name": "PORT", "value": "3000"}]), service(3004)],
    "a log shipper beside": [pod(3000, initContainers=[]), service(3004)],
    "quoted number at the pod": [pod(named("http", "3000")), service(3004)],  # type: ignore[arg-type]
}


@pytest.mark.parametrize("manifests", ASTRAY.values(), ids=ASTRAY)
def test_a_service_that_sends_beside_the_ports_is_found(found: Any, manifests: list[dict[str, Any]]) -> None:
    assert found(manifests) == {("FLT-PORT-002", "Service s")}


CONFIG = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"c.yaml": "bind: 0.0.0.0:3004"}}
MOUNTED = [{"name": "v", "configMap": {"name": "c"}}]


def with_volumes(manifest: dict[str, Any]) -> dict[str, Any]:
    manifest["spec"]["template"]["spec"]["volumes"] = MOUNTED
    return manifest


UNDECLARED = {
    "one more than is declared": [pod(named("http", 3000)), service("http", 3004)],
    "one more by number": [pod(3000), service(3000, 3004)],
    "several more, as Jaeger has": [pod(3000, 4000, 5000), service(3000, 14250, 14268)],
    "metrics, undeclared": [pod(named("http", 3000)), service({"name": "metrics", "port": 9090})],
    "metrics declared alone": [pod(named("metrics", 9090)), service(3000)],
    "nothing declared": [pod(), service(3000, 3004)],
    "told by an argument": [pod(3000, args=["--listen=:3004"]), service(3004)],
    "its program's own": [pod(8080, image="r.example/kube-state-metrics:v2.9.2"), service(8081)],
    "a second Service of two ports": [pod(3000, 4000), service(3000, 4000, name="right"), service(3004)],
    "a headless second Service": [pod(3000), service(3000, name="right"), service(3004, clusterIP="None")],
    "a gateway": [pod(8080, image="auto"), service(80, 443)],
    "configured": [with_volumes(pod(3000)), CONFIG, service(3004)],
    "an external name": [pod(3000), service(3004, type="ExternalName")],
}


@pytest.mark.parametrize("manifests", UNDECLARED.values(), ids=UNDECLARED)
def test_a_port_that_may_be_there_undeclared_is_not_flagged(found: Any, manifests: list[dict[str, Any]]) -> None:
    assert found(manifests) == set()


def test_a_configuration_that_names_another_host_tells_nothing(found: Any) -> None:
    config = CONFIG | {"data": {"c.yaml": "upstream: http://checkout:3004\nversion: 1.3004"}}
    assert found([with_volumes(pod(3000)), config, service(3004)]) == {("FLT-PORT-002", "Service s")}


def test_a_proxy_that_declares_nothing_may_stand_before_the_application(found: Any) -> None:
    manifest = pod(3000)
    assert found([manifest, service(8080)]) == {("FLT-PORT-002", "Service s")}
    manifest["spec"]["template"]["spec"]["containers"].append({"name": "front", "image": "nginx:1.27.2"})
    assert found([manifest, service(8080)]) == set()


def test_under_the_fleets_contract_every_target_is_declared(found: Any) -> None:
    manifest = pod(3000)
    manifest["metadata"]["labels"] = {"flotilla.dev/fleet": "shop"}
    assert found([manifest, service(3000, 3004)]) == {("FLT-PORT-002", "Service s")}


def _target(number: int, protocol: str | None = None) -> dict[str, Any]:
    return {"port": number} | ({"protocol": protocol} if protocol else {})


def test_a_number_in_another_protocol_is_wrong_where_that_is_sure(found: Any) -> None:
    wrong = {("FLT-PORT-002", "Service s")}
    assert found([pod(named("udp", 53, "UDP")), service(_target(53))]) == wrong
    assert found([pod(named("http", 3000)), service(_target(3000, "UDP"))]) == wrong
    probe = {"httpGet": {"port": 3000}}
    assert found([pod(3000, readinessProbe=probe), service(_target(3000, "UDP"))]) == wrong


def test_a_number_in_another_protocol_may_be_right(found: Any) -> None:
    assert found([pod(53), service(_target(53, "UDP"))]) == set()
    both = [_target(53, "UDP") | {"name": "a"}, _target(53) | {"name": "b"}]
    assert found([pod(53), service(*both)]) == set()
    assert found([pod(named("udp", 53, "UDP")), service(*both)]) == set()
    assert found([pod(named("a", 53, "UDP"), named("b", 53)), service(*both)]) == set()


def test_a_name_has_to_stand_in_every_track(found: Any) -> None:
    stable, canary = pod(named("http", 3000)), pod(named("web", 3000), name="canary")
    assert found([stable, service("http")]) == set()
    assert found([stable, canary, service("http")]) == {("FLT-PORT-002", "Service s")}
    same = pod(named("http", 4000), name="canary")
    assert found([stable, same, service("http")]) == set()


def test_another_program_behind_the_service_may_lack_the_name(found: Any) -> None:
    worker = pod(named("metrics", 9091), name="worker")
    worker["spec"]["template"]["spec"]["containers"][0] |= {"name": "worker", "image": "b:1.0.0"}
    mesh = {"name": "istio-proxy", "image": "auto", "ports": [named("mesh", 15090)]}
    web = pod(named("http", 3000))
    for manifest in (worker, web):
        manifest["spec"]["template"]["spec"]["containers"].append(dict(mesh))
    assert found([web, worker, service("http")]) == set()


def test_a_route_of_another_protocol_than_its_port_is_found(found: Any, make_route: Any) -> None:
    dns = service({"name": "dns", "port": 53, "protocol": "UDP"})
    dns["metadata"]["namespace"] = "shop"
    web = make_route("r", "Host(`a.b`)", {"name": "s", "port": 53})
    assert found([dns, web]) == {("FLT-PORT-003", "IngressRoute shop/r")}
    udp = web | {"kind": "IngressRouteUDP", "spec": {"routes": [{"services": [{"name": "s", "port": "dns"}]}]}}
    assert found([dns, udp]) == set()
    dns["spec"]["ports"].append({"name": "dns-tcp", "port": 53})
    assert found([dns, web, udp]) == set()


def test_a_udp_route_is_held_against_protocols_that_somebody_wrote(found: Any, make_route: Any) -> None:
    dns = service({"name": "dns", "port": 53})
    dns["metadata"]["namespace"] = "shop"
    udp = make_route("r", "", {}) | {"kind": "IngressRouteUDP"}
    udp["spec"] = {"routes": [{"services": [{"name": "s", "port": 53}]}]}
    assert found([dns, udp]) == set()
    dns["spec"]["ports"][0]["protocol"] = "TCP"
    assert found([dns, udp]) == {("FLT-PORT-003", "IngressRouteUDP shop/r")}


def test_a_port_that_an_annotation_gives_is_not_looked_for(found: Any, make_ingress: Any) -> None:
    backend = {"name": "s", "port": {"name": "use-annotation"}}
    there = service(3000)
    there["metadata"]["namespace"] = "shop"
    assert found([there, make_ingress("i", "a.b", "/", backend)]) == set()
    backend["port"] = {"name": "annotation"}
    assert found([there, make_ingress("i", "a.b", "/", backend)]) == {("FLT-PORT-003", "Ingress shop/i")}


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
