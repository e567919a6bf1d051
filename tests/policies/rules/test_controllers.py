"""A workload selects its own template's pods, and nobody else's."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from policies.values import UNKNOWN

DEPLOYMENT = "Deployment checkout"
OWN = ("FLT-REF-012", "Deployment shop/checkout")
SPREAD = ("FLT-REF-014", "Deployment shop/checkout")
SPEC = "spec/template/spec"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("spec/selector/matchLabels/app", "chekout"),
        ("spec/selector/matchLabels/tier", "web"),
        ("spec/selector", {"matchExpressions": [{"key": "app", "operator": "In", "values": ["cart"]}]}),
        ("spec/selector", {"matchExpressions": [{"key": "gone", "operator": "Exists"}]}),
        ("spec/selector", {}),
        ("spec/selector", {"matchLabels": {}}),
        ("spec/selector", ...),
        ("spec/template/metadata/labels", {"app": "checkout"}),
        ("spec/template/metadata/labels", ...),
    ],
)
def test_a_selector_that_misses_its_own_template_is_found(
    stack: Any, put: Any, found: Any, path: str, value: Any
) -> None:
    assert found(stack) == set()
    assert found(put(stack, DEPLOYMENT, path, value)) == {OWN}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("spec/template/metadata/labels/version", "2"),
        ("spec/selector/matchLabels/track", ...),
        ("spec/selector", UNKNOWN),
        ("spec/template/metadata/labels", UNKNOWN),
        ("spec/selector", {"matchExpressions": [{"key": "app", "operator": "In", "values": ["checkout", "x"]}]}),
        ("spec/selector", {"matchExpressions": [{"key": "canary", "operator": "DoesNotExist"}]}),
    ],
)
def test_a_selector_that_selects_its_template_is_legal(stack: Any, put: Any, found: Any, path: str, value: Any) -> None:
    assert OWN not in found(put(stack, DEPLOYMENT, path, value))


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"])
def test_every_kind_with_a_selector_is_judged(stack: Any, put: Any, found: Any, kind: str) -> None:
    stack[0]["kind"] = kind
    wrong = put(stack, f"{kind} checkout", "spec/selector/matchLabels/app", "other")
    assert found(wrong) == {("FLT-REF-012", f"{kind} shop/checkout")}


def test_a_replication_controller_selects_by_a_map_or_by_its_labels(stack: Any, put: Any, found: Any) -> None:
    stack[0] |= {"kind": "ReplicationController", "apiVersion": "v1"}
    title = "ReplicationController checkout"
    assert found(put(stack, title, "spec/selector", {"app": "checkout"})) == set()
    assert found(put(stack, title, "spec/selector", ...)) == set()
    wrong = put(stack, title, "spec/selector", {"app": "cart"})
    assert found(wrong) == {("FLT-REF-012", "ReplicationController shop/checkout")}


def test_a_patch_of_an_object_is_not_the_object(found: Any) -> None:
    metadata = {"name": "checkout", "namespace": "shop"}
    containers = [{"name": "app", "resources": {"limits": {"memory": "1Gi"}}}]
    template = {"metadata": {"labels": {"track": "canary"}}, "spec": {"containers": containers}}
    patch = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {"template": template}}
    assert found([patch]) == set()


def test_a_selector_that_kustomize_writes_with_all_labels_is_not_missed(stack: Any, put: Any, found: Any) -> None:
    bare = put(put(stack, DEPLOYMENT, "spec/selector", ...), DEPLOYMENT, "spec/template/metadata", ...)
    assert found(bare) == set()


def _copied(stack: Any, name: str, **labels: str) -> dict[str, Any]:
    other: dict[str, Any] = copy.deepcopy(stack[0])
    other["metadata"]["name"] = name
    other["spec"]["selector"]["matchLabels"] |= labels
    other["spec"]["template"]["metadata"]["labels"] |= labels
    return other


def test_a_copy_with_the_same_labels_is_found_once_on_the_copy(stack: Any, found: Any) -> None:
    assert found([*stack, _copied(stack, "cart")]) == {("FLT-REF-013", "Deployment shop/cart")}
    assert found([_copied(stack, "cart"), *stack]) == {("FLT-REF-013", "Deployment shop/cart")}


def test_a_selector_that_takes_in_anothers_pods_is_found(stack: Any, put: Any, found: Any) -> None:
    canary = _copied(stack, "checkout-canary", track="canary")
    assert found([*stack, canary]) == set()
    wide = put([*stack, canary], DEPLOYMENT, "spec/selector/matchLabels/track", ...)
    assert found(wide) == {("FLT-REF-013", "Deployment shop/checkout")}


def test_overlap_across_kinds_is_found(stack: Any, found: Any) -> None:
    other = _copied(stack, "agent")
    other["kind"] = "DaemonSet"
    assert found([*stack, other]) == {("FLT-REF-013", "DaemonSet shop/agent")}


def test_the_same_labels_elsewhere_are_no_overlap(stack: Any, found: Any) -> None:
    elsewhere, owned = _copied(stack, "cart"), _copied(stack, "checkout-7d9f")
    elsewhere["metadata"]["namespace"] = "cart"
    owned["kind"] = "ReplicaSet"
    owned["metadata"]["ownerReferences"] = [{"kind": "Deployment", "name": "checkout"}]
    assert found([*stack, elsewhere, owned, copy.deepcopy(stack[0])]) == set()


def _constraint(selector: Any) -> dict[str, Any]:
    base = {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}
    return base if selector is ... else base | {"labelSelector": selector}


@pytest.mark.parametrize("selector", [..., {"matchLabels": {"app": "cart"}}, {"matchLabels": {"name": "checkout"}}])
def test_a_spread_that_does_not_count_its_own_pods_is_advised_against(
    stack: Any, put: Any, found: Any, selector: Any
) -> None:
    assert found(put(stack, DEPLOYMENT, f"{SPEC}/topologySpreadConstraints", [_constraint(selector)])) == {SPREAD}


@pytest.mark.parametrize("selector", [{}, UNKNOWN, {"matchLabels": {"app": "checkout"}}])
def test_a_spread_that_counts_its_own_pods_is_legal(stack: Any, put: Any, found: Any, selector: Any) -> None:
    assert found(put(stack, DEPLOYMENT, f"{SPEC}/topologySpreadConstraints", [_constraint(selector)])) == set()


@pytest.mark.parametrize(("app", "expected"), [("chekout", {SPREAD}), ("checkout", set()), ("cache", set())])
def test_pods_keep_away_from_themselves_or_from_others(
    stack: Any, put: Any, found: Any, app: str, expected: set[tuple[str, str]]
) -> None:
    term = {"labelSelector": {"matchLabels": {"app": app}}, "topologyKey": "kubernetes.io/hostname"}
    required = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
    weighted = [{"weight": 1, "podAffinityTerm": term}]
    preferred = {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": weighted}}
    for affinity in (required, preferred):
        assert found(put(stack, DEPLOYMENT, f"{SPEC}/affinity", affinity)) == expected
