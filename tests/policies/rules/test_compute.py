"""Requests and limits that the API server takes and that mean what they say."""

from __future__ import annotations

from typing import Any

import pytest

from policies.values import UNKNOWN

RESOURCES = "spec/template/spec/containers/0/resources"
TITLE = "Deployment shop/checkout"
READABLE, ORDERED, SENSE = (("FLT-RESOURCE-001", TITLE), ("FLT-RESOURCE-002", TITLE), ("FLT-RESOURCE-003", TITLE))


def _with(put: Any, stack: Any, bound: str, name: str, value: Any, at: str = RESOURCES) -> Any:
    return put(stack, "Deployment checkout", f"{at}/{bound}/{name}", value)


@pytest.mark.parametrize("value", ["128MB", "1gb", "64mi", "1 Gi", "", "lots", "1,5Gi", True, "1e"])
def test_an_amount_that_is_refused(stack: Any, put: Any, found: Any, value: Any) -> None:
    assert found(stack) == set()
    assert found(_with(put, stack, "limits", "memory", value)) == {READABLE}


def test_an_amount_below_zero(stack: Any, put: Any, found: Any) -> None:
    assert found(_with(put, stack, "requests", "memory", "-64Mi")) == {READABLE}


@pytest.mark.parametrize(
    "value", ["128M", "134217728", 134217728, "128e6", "0.5Gi", " 128Mi ", "131072Ki", None, UNKNOWN]
)
def test_an_amount_in_any_form_that_is_taken(stack: Any, put: Any, found: Any, value: Any) -> None:
    assert found(_with(put, stack, "limits", "memory", value)) == set()


@pytest.mark.parametrize("name", ["mem", "CPU", "cpus", "storage", "gpu"])
def test_a_resource_that_there_is_not(stack: Any, put: Any, found: Any, name: str) -> None:
    assert found(_with(put, stack, "limits", name, "100Mi")) == {READABLE}


@pytest.mark.parametrize("name", ["nvidia.com/gpu", "hugepages-2Mi", "ephemeral-storage"])
def test_a_resource_beyond_cpu_and_memory(stack: Any, put: Any, found: Any, name: str) -> None:
    both = {"limits": {name: "2Mi"}, "requests": {name: "2Mi"}}
    assert found(put(stack, "Deployment checkout", RESOURCES, both)) == set()


@pytest.mark.parametrize(
    ("kind", "spec", "path"),
    [
        ("PersistentVolumeClaim", {"resources": {"requests": {"storage": "10Gib"}}}, ""),
        ("LimitRange", {"limits": [{"type": "Container", "default": {"memory": "1GB"}}]}, ""),
        ("ResourceQuota", {"hard": {"limits.memory": "1GB"}}, ""),
    ],
)
def test_every_object_that_holds_amounts_is_read(found: Any, kind: str, spec: Any, path: str) -> None:
    manifest = {"apiVersion": "v1", "kind": kind, "metadata": {"name": "x", "namespace": "shop"}, "spec": spec}
    assert found([manifest]) == {("FLT-RESOURCE-001", f"{kind} shop/x")}


def test_the_pod_and_its_volumes_hold_amounts_too(stack: Any, put: Any, found: Any) -> None:
    pod = "spec/template/spec"
    assert found(put(stack, "Deployment checkout", f"{pod}/resources", {"limits": {"memory": "1GB"}})) == {READABLE}
    cache = [{"name": "cache", "emptyDir": {"sizeLimit": "1GB"}}]
    assert found(put(stack, "Deployment checkout", f"{pod}/volumes", cache)) == {READABLE}
    claims = [{"metadata": {"name": "data"}, "spec": {"resources": {"requests": {"storage": "1GB"}}}}]
    mutated = put(stack, "Deployment checkout", "spec/volumeClaimTemplates", claims)
    assert found(mutated) == {READABLE}
    claims[0]["spec"]["resources"]["requests"]["storage"] = "10"  # type: ignore[index]
    assert found(put(stack, "Deployment checkout", "spec/volumeClaimTemplates", claims)) == {SENSE}


@pytest.mark.parametrize("where", ["containers/0", "initContainers/0", "initContainers/1"])
def test_a_request_above_its_limit(stack: Any, put: Any, found: Any, where: str) -> None:
    at = f"spec/template/spec/{where}/resources"
    assert found(_with(put, stack, "requests", "memory", "129Mi", at)) == {ORDERED}
    assert found(_with(put, stack, "requests", "memory", "128Mi", at)) == set()
    assert found(_with(put, stack, "requests", "cpu", 0.3, at)) == {ORDERED}
    assert found(_with(put, stack, "requests", "cpu", 0.2, at)) == set()
    assert found(_with(put, stack, "requests", "memory", UNKNOWN, at)) == set()
    assert found(_with(put, stack, "limits", "memory", ..., at)) == set()


def test_a_device_is_asked_for_and_limited_alike(stack: Any, put: Any, found: Any) -> None:
    limited = put(stack, "Deployment checkout", RESOURCES, {"limits": {"example.com/card": 2}})
    assert found(limited) == set()
    bare = put(stack, "Deployment checkout", RESOURCES, {"requests": {"example.com/card": 1}})
    assert found(bare) == {ORDERED}
    both = {"requests": {"example.com/card": 1}, "limits": {"example.com/card": 2}}
    assert found(put(stack, "Deployment checkout", RESOURCES, both)) == {ORDERED}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("memory", "512m"),
        ("memory", "128"),
        ("memory", 512),
        ("memory", "512k"),
        ("memory", "100Ti"),
        ("ephemeral-storage", "500m"),
        ("cpu", "500Mi"),
        ("cpu", 1000),
        ("cpu", "250"),
        ("cpu", "1k"),
        ("cpu", "0.5m"),
    ],
)
def test_a_unit_that_is_not_meant(stack: Any, put: Any, found: Any, name: str, value: Any) -> None:
    bare = put(stack, "Deployment checkout", RESOURCES, {"limits": {name: value}})
    assert found(bare) == {SENSE}


@pytest.mark.parametrize(
    ("name", "value"),
    [("memory", "1Mi"), ("memory", "64Ti"), ("memory", "0"), ("cpu", "1m"), ("cpu", 96), ("cpu", "0.5"), ("cpu", 0)],
)
def test_an_amount_that_is_only_unusual(stack: Any, put: Any, found: Any, name: str, value: Any) -> None:
    assert found(put(stack, "Deployment checkout", RESOURCES, {"limits": {name: value}})) == set()
