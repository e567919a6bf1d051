"""A clean stack to mutate, and the judge's answer in short form."""

from __future__ import annotations

import copy
import importlib
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import settings

from policies.judge import judge
from policies.rules.known import KNOWN
from policies.settings import Settings

Manifest = dict[str, Any]

# A machine that others use too makes any one example slow now and then.
settings.register_profile("shared-machine", deadline=None)
settings.load_profile("shared-machine")


_WELL_KEPT: Manifest = {
    "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"cpu": "200m", "memory": "128Mi"}},
    "securityContext": {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    },
}
"""What every container has that no rule objects to."""


def deployment(name: str, port: int, port_name: str) -> Manifest:
    container = {
        "name": "app",
        "image": f"registry.example:5000/shop/{name}:1.4.2",
        "env": [{"name": "PORT", "value": str(port)}],
        "ports": [{"name": port_name, "containerPort": port}, {"name": "metrics", "containerPort": 9091}],
        "startupProbe": {"httpGet": {"path": "/", "port": port}},
        "readinessProbe": {"httpGet": {"path": "/", "port": port_name}},
        "livenessProbe": {"tcpSocket": {"port": port}},
        **_WELL_KEPT,
    }
    sidecar = {
        "name": "proxy",
        "image": "registry.example/proxy@sha256:" + "a" * 64,
        "restartPolicy": "Always",
        "ports": [{"name": "proxy", "containerPort": 15001}],
        "readinessProbe": {"grpc": {"port": 15001}},
        "livenessProbe": {"grpc": {"port": 15001}},
        **_WELL_KEPT,
    }
    init = {"name": "wait", "image": "busybox:1.36.1", "imagePullPolicy": "IfNotPresent", **_WELL_KEPT}
    labels = {"app": name, "track": "stable"}
    pod = {
        "automountServiceAccountToken": False,
        "securityContext": {"runAsNonRoot": True, "runAsUser": 10001, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [container],
        "initContainers": [init, sidecar],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": dict(labels)},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }


def budget(name: str) -> Manifest:
    selector = {"matchLabels": {"app": name, "track": "stable"}}
    metadata = {"name": name, "namespace": "shop"}
    spec = {"maxUnavailable": 1, "selector": selector}
    return {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": metadata, "spec": spec}


def service(name: str, port: int, port_name: str) -> Manifest:
    ports = [
        {"name": "by-name", "port": 80, "targetPort": port_name},
        {"name": "by-number", "port": 81, "targetPort": port},
        {"name": "defaulted", "port": port},
        {"name": "sidecar", "port": 82, "targetPort": "proxy"},
    ]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"selector": {"app": name, "track": "stable"}, "ports": ports},
    }


def route(name: str, match: str, backend: Manifest, *, secure: bool = True) -> Manifest:
    spec: Manifest = {
        "entryPoints": ["websecure" if secure else "web"],
        "routes": [{"match": match, "kind": "Rule", "services": [backend]}],
    }
    metadata = {"name": name, "namespace": "shop"}
    tls: Manifest = {"tls": {"secretName": "cert"}} if secure else {}
    return {"apiVersion": "traefik.io/v1alpha1", "kind": "IngressRoute", "metadata": metadata, "spec": spec | tls}


def ingress(name: str, host: str, path: str, backend: Manifest) -> Manifest:
    rule = {"host": host, "http": {"paths": [{"path": path, "pathType": "Prefix", "backend": {"service": backend}}]}}
    metadata = {"name": name, "namespace": "shop"}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": metadata, "spec": {"rules": [rule]}}


def clean_stack(name: str = "checkout", port: int = 3000, port_name: str = "http") -> list[Manifest]:
    host = f"{name}.shop.example"
    split = {
        "weighted": {
            "services": [{"name": name, "port": "by-name", "weight": 90}, {"name": "api@internal", "weight": 10}]
        }
    }
    return [
        deployment(name, port, port_name),
        budget(name),
        service(name, port, port_name),
        route(f"{name}-secure", f"Host(`{host}`)", {"name": f"{name}-split", "kind": "TraefikService"}),
        route(f"{name}-redirect", f"Host(`{host}`)", {"name": name, "port": 80}, secure=False),
        route(f"{name}-cart", f"Host(`{host}`) && PathPrefix(`/cart`)", {"name": name, "port": port}),
        ingress(f"{name}-docs", f"docs.{host}", "/", {"name": name, "port": {"number": 81}}),
        ingress(f"{name}-faq", f"docs.{host}", "/faq", {"name": name, "port": {"name": "by-name"}}),
        {
            "apiVersion": "traefik.io/v1alpha1",
            "kind": "TraefikService",
            "metadata": {"name": f"{name}-split", "namespace": "shop"},
            "spec": split,
        },
    ]


@pytest.fixture
def stack() -> list[Manifest]:
    """A checkout that breaks no rule."""
    return clean_stack()


@pytest.fixture
def make_stack() -> Callable[..., list[Manifest]]:
    """Make a clean stack of another name, port and port name."""
    return clean_stack


@pytest.fixture
def make_route() -> Callable[..., Manifest]:
    """Make an IngressRoute."""
    return route


@pytest.fixture
def make_ingress() -> Callable[..., Manifest]:
    """Make an Ingress."""
    return ingress


Found = Callable[..., set[tuple[str, str]]]


def _own_rules(module: str) -> frozenset[str] | None:
    """Give the codes of the rules that a test module is about: tests/.../test_ports.py is about rules/ports.py."""
    name = module.rpartition(".")[2].removeprefix("test_")
    try:
        rules = importlib.import_module(f"policies.rules.{name}").RULES
    except ModuleNotFoundError:
        return None
    return frozenset(rule.code for rule in rules) | {KNOWN.code}


@pytest.fixture
def found(request: pytest.FixtureRequest) -> Found:
    """Judge manifests, and entries as in resources.json, and give each finding as its code and resource.

    Only the rules that the test module is about count, so that a bare object need not please all the others.
    """
    own = _own_rules(request.module.__name__)

    def run(items: Iterable[Manifest], **settings: Any) -> set[tuple[str, str]]:
        findings = judge(items, settings=Settings(**settings))
        return {(one.rule.code, one.resource.title) for one in findings if own is None or one.rule.code in own}

    return run


@pytest.fixture
def everything() -> Found:
    """Judge by all rules; give each finding at any level as its code and resource."""

    def run(items: Iterable[Manifest], **settings: Any) -> set[tuple[str, str]]:
        return {(one.rule.code, one.resource.title) for one in judge(items, settings=Settings(**settings))}

    return run


@pytest.fixture
def put() -> Callable[..., list[Manifest]]:
    """Give a copy of manifests in which one field of the object called ``title`` differs; ``...`` removes it."""

    def change(manifests: list[Manifest], title: str, path: str, value: Any) -> list[Manifest]:
        changed = copy.deepcopy(manifests)
        kind, _, name = title.partition(" ")
        target: Any = next(one for one in changed if (one["kind"], one["metadata"]["name"]) == (kind, name))
        steps = [int(step) if step.isdecimal() else step for step in path.split("/")]
        for step in steps[:-1]:
            target = target[step]
        if value is ...:
            del target[steps[-1]]
        else:
            target[steps[-1]] = value
        return changed

    return change
