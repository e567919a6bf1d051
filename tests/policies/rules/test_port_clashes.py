"""A port is taken once: in a pod and in a Service."""

from __future__ import annotations

from typing import Any

import pytest

CLASH, TWICE = {("FLT-PORT-008", "Pod p")}, {("FLT-PORT-016", "Pod p")}
UDP = {"protocol": "UDP"}


def container(name: str, *ports: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, "image": "a:1.0.0", "ports": list(ports)} | more


def pod(*containers: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p"},
        "spec": {"containers": list(containers)} | more,
    }


def port(number: int, **more: Any) -> dict[str, Any]:
    return {"containerPort": number} | more


SIDECAR = container("s", port(80), restartPolicy="Always")
CLASHES = {
    "two containers": pod(container("a", port(80)), container("b", port(80))),
    "a sidecar": pod(container("a", port(80)), initContainers=[SIDECAR]),
    "the protocol spelled out": pod(container("a", port(80)), container("b", port(80, protocol="TCP"))),
    "quoted": pod(container("a", port(80)), container("b", {"containerPort": "80"})),
    "one port of the node": pod(container("a", port(80, hostPort=8080)), container("b", port(81, hostPort=8080))),
    "in one container": pod(container("a", port(80, hostPort=8080), port(81, hostPort=8080))),
    "one name twice": pod(container("a", port(80, name="http"), port(81, name="http"))),
    "one name for both protocols": pod(container("a", port(53, name="dns"), port(53, name="dns", **UDP))),
    "name and number": pod(container("a", port(80, name="http"), port(80, name="http"))),
    "names of an init container": pod(
        container("a", port(80)), initContainers=[container("i", port(1, name="x"), port(2, name="x"))]
    ),
}


@pytest.mark.parametrize("manifest", CLASHES.values(), ids=CLASHES)
def test_a_port_that_is_taken_twice_is_found(found: Any, manifest: dict[str, Any]) -> None:
    assert found([manifest]) == CLASH


DISTINCT = {
    "two ports": pod(container("a", port(80)), container("b", port(81))),
    "both protocols": pod(container("a", port(53, name="dns"), port(53, name="dns-udp", **UDP))),
    "both protocols in two containers": pod(container("a", port(53)), container("b", port(53, **UDP))),
    "an init container": pod(container("a", port(80)), initContainers=[container("i", port(80))]),
    "one name in two containers": pod(container("a", port(80, name="m")), container("b", port(81, name="m"))),
    "one port at two of the node": pod(container("a", port(80, hostPort=80), port(80, hostPort=8080))),
    "two addresses of the node": pod(
        container("a", port(80, hostPort=80, hostIP="10.0.0.1"), port(81, hostPort=80, hostIP="10.0.0.2"))
    ),
    "none": pod(container("a"), container("b")),
}


@pytest.mark.parametrize("manifest", DISTINCT.values(), ids=DISTINCT)
def test_ports_that_differ_are_fine(found: Any, manifest: dict[str, Any]) -> None:
    assert found([manifest]) == set()


def test_one_port_under_two_names_is_advice(found: Any) -> None:
    assert found([pod(container("a", port(80, name="http"), port(80, name="metrics")))]) == TWICE
    assert found([pod(container("a", port(80), port(80)))]) == TWICE


def service(*ports: dict[str, Any], **spec: Any) -> dict[str, Any]:
    spec = {"selector": {"a": "b"}, "ports": list(ports)} | spec
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": spec}


def named(name: str, number: int, **more: Any) -> dict[str, Any]:
    return {"name": name, "port": number} | more


REFUSED = {
    "one number twice": service(named("a", 80), named("b", 80)),
    "one name twice": service(named("a", 80), named("a", 81)),
    "one name for both protocols": service(named("dns", 53), named("dns", 53, **UDP)),
    "no name": service(named("a", 80), {"port": 81}),
    "an empty name": service(named("a", 80), named("", 81)),
    "one node port twice": service(named("a", 80, nodePort=30080), named("b", 81, nodePort=30080), type="NodePort"),
    "a node port without nodes": service(named("a", 80, nodePort=30080)),
}


@pytest.mark.parametrize("manifest", REFUSED.values(), ids=REFUSED)
def test_a_service_that_the_api_server_refuses_is_found(found: Any, manifest: dict[str, Any]) -> None:
    assert found([manifest]) == {("FLT-PORT-009", "Service s")}


TAKEN = {
    "one port without a name": service({"port": 80}),
    "one target twice": service(named("a", 80, targetPort=3000), named("b", 81, targetPort=3000)),
    "one number for both protocols": service(named("dns", 53), named("dns-udp", 53, **UDP)),
    "one node port for both protocols": service(
        named("a", 53, nodePort=30053), named("b", 53, nodePort=30053, **UDP), type="LoadBalancer"
    ),
    "headless without ports": service(clusterIP="None"),
    "an external name without ports": service(type="ExternalName", externalName="a.example"),
    "a patch": {k: v for k, v in service().items() if k != "spec"} | {"spec": {"type": "NodePort"}},
}


@pytest.mark.parametrize("manifest", TAKEN.values(), ids=TAKEN)
def test_a_service_that_the_api_server_takes_is_fine(found: Any, manifest: dict[str, Any]) -> None:
    assert found([manifest]) == set()


def test_another_groups_service_is_left_alone(found: Any) -> None:
    assert found([service(named("a", 80), named("a", 80)) | {"apiVersion": "serving.knative.dev/v1"}]) == set()
