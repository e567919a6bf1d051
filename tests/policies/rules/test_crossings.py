"""References that Traefik and autoscalers do not follow."""

from __future__ import annotations

from typing import Any

import pytest

from policies.values import UNKNOWN

CROSSING = {("FLT-REF-018", "IngressRoute shop/checkout-cart")}
NOTE = "traefik.ingress.kubernetes.io/router.middlewares"


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("spec/routes/0/services/0/namespace", "other", CROSSING),
        ("spec/routes/0/services/0/namespace", "shop", set()),
        ("spec/routes/0/middlewares", [{"name": "auth", "namespace": "traefik"}], CROSSING),
        ("spec/routes/0/middlewares", [{"name": "auth", "namespace": "shop"}], set()),
        ("spec/routes/0/middlewares", [{"name": "auth@file", "namespace": "traefik"}], set()),
        ("spec/tls/options", {"name": "modern", "namespace": "traefik"}, CROSSING),
        ("metadata/namespace", ..., set()),
    ],
)
def test_traefik_does_not_look_into_other_namespaces(
    stack: Any, put: Any, found: Any, path: str, value: Any, expected: Any
) -> None:
    assert found(put(stack, "IngressRoute checkout-cart", path, value)) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--providers.kubernetescrd.allowCrossNamespace=true"], set()),
        (["--providers.kubernetescrd.allowCrossNamespace"], set()),
        (["--providers.kubernetescrd.allowCrossNamespace=false"], CROSSING),
        (["--providers.kubernetescrd"], CROSSING),
    ],
)
def test_traefik_may_be_told_to(stack: Any, put: Any, found: Any, words: list[str], expected: Any) -> None:
    crossing = put(stack, "IngressRoute checkout-cart", "spec/routes/0/services/0/namespace", "other")
    containers = [{"name": "t", "image": "traefik:3.5.0", "args": words}]
    traefik = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "traefik"}}
    assert found([*crossing, traefik | {"spec": {"template": {"spec": {"containers": containers}}}}]) == expected


@pytest.mark.parametrize(
    ("written", "is_wrong"),
    [
        ("auth", True),
        ("auth@kubernetescrd", True),
        ("shop-auth@kubernetescrd,strip", True),
        ("shop-auth@kubernetescrd", False),
        ("auth@file, shop-strip@kubernetescrd", False),
        ("", False),
        (UNKNOWN, False),
    ],
)
def test_an_annotation_names_namespace_and_provider(
    stack: Any, put: Any, found: Any, written: Any, is_wrong: Any
) -> None:
    expected = {("FLT-REF-019", "Ingress shop/checkout-docs")} if is_wrong else set()
    assert found(put(stack, "Ingress checkout-docs", "metadata/annotations", {NOTE: written})) == expected


@pytest.mark.parametrize(
    ("target", "is_wrong"),
    [
        ({"apiVersion": "apps/v1", "kind": "Deployment"}, False),
        ({"apiVersion": "apps/v1beta2", "kind": "StatefulSet"}, False),
        ({"apiVersion": "v1", "kind": "ReplicationController"}, False),
        ({"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout"}, False),
        ({"apiVersion": UNKNOWN, "kind": "Deployment"}, False),
        ({"apiVersion": "extensions/v1beta1", "kind": "Deployment"}, True),
        ({"apiVersion": "v1", "kind": "Deployment"}, True),
        ({"kind": "StatefulSet"}, True),
        ({"apiVersion": "apps/v1", "kind": "DaemonSet"}, True),
    ],
)
def test_a_scale_target_has_the_api_of_its_kind(found: Any, target: Any, is_wrong: Any) -> None:
    metadata = {"name": "h", "namespace": "shop"}
    scaler = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": metadata}
    expected = {("FLT-REF-020", "HorizontalPodAutoscaler shop/h")} if is_wrong else set()
    assert found([scaler | {"spec": {"scaleTargetRef": target | {"name": "x"}}}]) == expected
