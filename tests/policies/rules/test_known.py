"""An unknown never hides a violation, and never stops what may be unknown."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from policies.judge import judge
from policies.values import UNKNOWN

POD = "spec/template/spec/containers/0"
FIXED = [
    ("Deployment checkout", f"{POD}/image"),
    ("Deployment checkout", f"{POD}/ports"),
    ("Deployment checkout", f"{POD}/ports/0/containerPort"),
    ("Deployment checkout", f"{POD}/startupProbe/httpGet/port"),
    ("Deployment checkout", f"{POD}/env/0/value"),
    ("Deployment checkout", "spec/template/spec/containers"),
    ("Deployment checkout", "spec/template"),
    ("Deployment checkout", "spec"),
    ("Deployment checkout", "spec/selector/matchLabels/app"),
    ("Deployment checkout", "spec/template/metadata/labels"),
    ("Deployment checkout", "spec/template/metadata/labels/app"),
    ("Deployment checkout", "metadata/namespace"),
    ("Deployment checkout", "spec/replicas"),
    ("PodDisruptionBudget checkout", "spec/maxUnavailable"),
    ("PodDisruptionBudget checkout", "spec/selector/matchLabels/app"),
    ("Service checkout", "spec/ports/0/targetPort"),
    ("Service checkout", "spec/ports/0/port"),
    ("Service checkout", "spec/selector"),
    ("Service checkout", "spec/selector/app"),
    ("IngressRoute checkout-cart", "spec/routes/0/match"),
    ("IngressRoute checkout-cart", "spec/routes/0/services/0/port"),
    ("IngressRoute checkout-cart", "spec/entryPoints/0"),
    ("Ingress checkout-docs", "spec/rules/0/host"),
    ("Ingress checkout-docs", "spec/rules/0/http/paths/0/backend/service/port/number"),
    ("TraefikService checkout-split", "spec/weighted/services/0/weight"),
]
FREE = [
    ("Deployment checkout", "metadata/annotations"),
    ("Deployment checkout", "metadata/uid"),
    ("Deployment checkout", "status"),
    ("Deployment checkout", "spec/template/metadata/labels/config-hash"),
    ("Deployment checkout", f"{POD}/volumeMounts"),
    ("Deployment checkout", f"{POD}/resources"),
    ("Service checkout", "spec/clusterIP"),
    ("Service checkout", "status"),
]


@pytest.mark.parametrize(("title", "path"), FIXED)
def test_an_unknown_in_a_planned_field_is_mandatory(
    stack: Any, put: Any, everything: Any, title: str, path: str
) -> None:
    kind, _, name = title.partition(" ")
    codes = {
        code for code, where in everything(put(stack, title, path, UNKNOWN)) if where.startswith(kind) and name in where
    }
    assert "FLT-PLAN-001" in codes


@pytest.mark.parametrize(("title", "path"), FREE)
def test_what_a_provider_makes_may_be_unknown(stack: Any, put: Any, everything: Any, title: str, path: str) -> None:
    assert everything(put(stack, title, path, UNKNOWN)) == set()


def test_a_secret_and_an_edge_resource_may_be_unknown_throughout() -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": UNKNOWN, "stringData": UNKNOWN}
    worker = {"type": "cloudflare:index/workersScript:WorkersScript", "name": "w", "inputs": {"bindings": UNKNOWN}}
    assert judge([secret, worker]) == []


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from _leaves(item, (*path, key))


def test_no_unknown_anywhere_turns_a_violation_into_silence(
    stack: Any, put: Any, everything: Any, make_route: Any
) -> None:
    broken = put(stack, "Service checkout", "spec/ports/0/targetPort", "web")
    broken = put(broken, "Deployment checkout", f"{POD}/image", "shop:main")
    broken = put(broken, "Deployment checkout", f"{POD}/livenessProbe/tcpSocket/port", "gone")
    broken = put(broken, "IngressRoute checkout-cart", "spec/routes/0/services/0/port", 1)
    broken.append(make_route("rival", "Host(`docs.checkout.shop.example`)", {"name": "checkout", "port": 80}))
    broken.append(make_route("rival-2", "Host(`docs.checkout.shop.example`)", {"name": "checkout", "port": 80}))
    before = {code for code, _ in everything(broken)}
    assert len(before) == 5
    tried = 0
    for index, manifest in enumerate(broken):
        for path in _leaves(manifest):
            changed = copy.deepcopy(broken)
            target: Any = changed[index]
            for step in path[:-1]:
                target = target[step]
            target[path[-1]] = UNKNOWN
            after = {code for code, _ in everything(changed)}
            assert before <= after or "FLT-PLAN-001" in after, (
                f"{manifest['kind']} {path}: {before - after} went silent"
            )
            tried += 1
    assert tried > 150
