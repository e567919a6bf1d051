"""Whatever stands in a field of what scales, guards, schedules or splits, no rule crashes on it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from policies.judge import judge
from policies.settings import Settings
from policies.values import UNKNOWN
from policies.world import World


def _object(api: str, kind: str, spec: Any, **metadata: Any) -> Any:
    return {
        "apiVersion": api,
        "kind": kind,
        "metadata": {"name": "shop", "namespace": "shop", **metadata},
        "spec": spec,
    }


PROBE = {"httpGet": {"path": "/", "port": 80}, "periodSeconds": 5, "timeoutSeconds": 1, "failureThreshold": 2}
CONTAINER = {
    "name": "app",
    "image": "shop:1.0.0",
    "env": [{"name": "MODE", "value": "a"}],
    "ports": [{"name": "http", "containerPort": 80}],
    "livenessProbe": PROBE,
    "readinessProbe": {"exec": {"command": ["true"]}, "initialDelaySeconds": 5},
    "lifecycle": {"preStop": {"exec": {"command": ["sleep", "5"]}, "sleep": {"seconds": 5}}},
    "resources": {"requests": {"cpu": "1"}, "limits": {"memory": "1Gi"}},
}
TEMPLATE = {
    "metadata": {"labels": {"app": "shop", "version": "1.0.0"}},
    "spec": {
        "containers": [CONTAINER],
        "terminationGracePeriodSeconds": 10,
        "resources": {"limits": {"cpu": 1}},
        "volumes": [{"name": "cache", "emptyDir": {"sizeLimit": "1Gi"}}],
    },
}
REF = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop"}
METRIC = {
    "type": "ContainerResource",
    "containerResource": {
        "name": "cpu",
        "container": "app",
        "target": {"type": "Utilization", "averageUtilization": 120},
    },
}
POLICY = {"policies": [{"type": "Pods", "value": 1, "periodSeconds": 60}], "stabilizationWindowSeconds": 60}
COOKIE = {"name": "release", "secure": True, "sameSite": "none", "maxAge": 60, "path": "/", "domain": "a.b"}
MEMBERS = [{"name": "shop", "port": 80, "weight": 90}, {"name": "shop-canary", "port": 80, "weight": 20}]
ROLLING = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": "25%"}}
SELECTOR = {"matchLabels": {"app": "shop"}, "matchExpressions": [{"key": "app", "operator": "In", "values": ["shop"]}]}
ROUTE = {"match": "Host(`a.b`)", "services": [{"name": "shop", "kind": "TraefikService", "sticky": {"cookie": COOKIE}}]}
ANNOTATIONS = {"nginx.ingress.kubernetes.io/canary": "true", "nginx.ingress.kubernetes.io/canary-weight": "10"}
BACKEND = {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "shop", "port": {"number": 80}}}}
MANIFESTS = [
    _object("apps/v1", "Deployment", {"replicas": 2, "strategy": ROLLING, "selector": SELECTOR, "template": TEMPLATE}),
    _object("v1", "Service", {"selector": {"app": "shop"}, "ports": [{"name": "http", "port": 80}]}),
    _object("v1", "Service", {"selector": {"app": "shop"}, "ports": [{"port": 80}]}, name="shop-canary"),
    _object(
        "autoscaling/v2",
        "HorizontalPodAutoscaler",
        {
            "scaleTargetRef": REF,
            "minReplicas": 2,
            "maxReplicas": 3,
            "metrics": [METRIC],
            "behavior": {"scaleUp": POLICY},
        },
    ),
    _object(
        "keda.sh/v1alpha1",
        "ScaledObject",
        {
            "scaleTargetRef": REF,
            "minReplicaCount": 1,
            "triggers": [{"type": "cpu", "metadata": {"type": "Utilization", "value": "60", "containerName": "app"}}],
        },
    ),
    _object(
        "autoscaling.k8s.io/v1",
        "VerticalPodAutoscaler",
        {
            "targetRef": REF,
            "updatePolicy": {"updateMode": "Auto"},
            "resourcePolicy": {"containerPolicies": [{"containerName": "*", "controlledResources": ["cpu"]}]},
        },
    ),
    _object("policy/v1", "PodDisruptionBudget", {"minAvailable": "50%", "selector": SELECTOR}),
    _object("policy/v1", "PodDisruptionBudget", {"maxUnavailable": 1, "selector": {}}, name="second"),
    _object(
        "v1",
        "LimitRange",
        {"limits": [{"type": "Container", "default": {"cpu": 1}, "max": {"cpu": 2}, "min": {"cpu": 1}}]},
    ),
    _object("v1", "ResourceQuota", {"hard": {"limits.cpu": 1}, "scopes": []}),
    _object(
        "batch/v1",
        "CronJob",
        {
            "schedule": "@daily",
            "timeZone": "Etc/UTC",
            "concurrencyPolicy": "Forbid",
            "startingDeadlineSeconds": 60,
            "jobTemplate": {"spec": {"backoffLimit": 1, "completionMode": "Indexed", "template": TEMPLATE}},
        },
    ),
    _object(
        "traefik.io/v1alpha1",
        "TraefikService",
        {
            "weighted": {"sticky": {"cookie": COOKIE}, "services": MEMBERS},
            "mirroring": {"name": "shop", "mirrors": [{"name": "shop", "percent": 10}]},
        },
    ),
    _object("traefik.io/v1alpha1", "IngressRoute", {"routes": [ROUTE]}),
    _object("gateway.networking.k8s.io/v1", "HTTPRoute", {"rules": [{"backendRefs": MEMBERS}]}),
    _object(
        "networking.k8s.io/v1",
        "Ingress",
        {"rules": [{"host": "a.b", "http": {"paths": [BACKEND]}}]},
        annotations=ANNOTATIONS,
    ),
    _object("v1", "PersistentVolumeClaim", {"resources": {"requests": {"storage": "1Gi"}}}),
]
"""One of each, with every field that a rule on resilience or canaries reads."""


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from _paths(item, (*path, key))


@pytest.mark.parametrize("junk", [None, True, "text", [[]], {"a": {}}, UNKNOWN])
def test_no_rule_crashes(junk: Any) -> None:
    tried = 0
    for index, manifest in enumerate(MANIFESTS):
        for path in _paths(manifest):
            changed = copy.deepcopy(manifest)
            target = changed
            for step in path[:-1]:
                target = target[step]
            target[path[-1]] = junk
            items = [*MANIFESTS[:index], changed, *MANIFESTS[index + 1 :]]
            findings = judge(items, settings=Settings(world=World.CLOSED))
            crashed = [one.message for one in findings if one.crashed]
            assert not crashed, (manifest["kind"], path, crashed)
            tried += 1
    assert tried > 250
