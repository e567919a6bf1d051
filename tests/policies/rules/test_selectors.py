"""Selectors of Services, budgets and network policies select pods."""

from __future__ import annotations

from typing import Any

import pytest

from policies.values import UNKNOWN
from policies.world import World

SERVICE = ("FLT-REF-001", "Service shop/checkout")
BUDGET = ("FLT-REF-005", "PodDisruptionBudget shop/checkout")
LABELS = "spec/template/metadata/labels"


@pytest.fixture
def policy() -> dict[str, Any]:
    spec = {"podSelector": {"matchLabels": {"app": "checkout"}}, "policyTypes": ["Ingress"]}
    metadata = {"name": "checkout", "namespace": "shop"}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("spec/selector/app", "chekout"),
        ("spec/selector/app", "cart"),
        ("spec/selector/track", "canary"),
        ("spec/selector", {"name": "checkout"}),
        ("spec/selector", {"app": "checkout", "track": "stable", "tier": "web"}),
        ("metadata/namespace", "elsewhere"),
    ],
)
def test_a_service_that_selects_no_pod_is_found(stack: Any, put: Any, found: Any, path: str, value: Any) -> None:
    assert found(stack) == set()
    where = value if path == "metadata/namespace" else "shop"
    assert found(put(stack, "Service checkout", path, value)) == {("FLT-REF-001", f"Service {where}/checkout")}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("spec/selector", ...),
        ("spec/selector", {}),
        ("spec/selector/track", ...),
        ("spec", {"type": "ExternalName", "externalName": "db.example", "selector": {"app": "gone"}}),
        ("spec/selector/statefulset.kubernetes.io~pod-name", "checkout-0"),
        ("spec/selector/vault-active", "true"),
        ("spec/selector/cnpg.io~instanceRole", "primary"),
    ],
)
def test_what_selects_nothing_on_purpose_or_at_run_time_is_not_found(
    stack: Any, put: Any, found: Any, path: str, value: Any
) -> None:
    if "~" in path:
        selector = {"app": "checkout", "track": "stable", path.rpartition("/")[2].replace("~", "/"): value}
        path, value = "spec/selector", selector
    assert found(put(stack, "Service checkout", path, value)) == set()


@pytest.mark.parametrize("labels", [{"app": UNKNOWN, "track": "stable"}, UNKNOWN])
def test_pods_whose_labels_are_not_known_may_be_the_selected_ones(
    stack: Any, put: Any, found: Any, labels: Any
) -> None:
    assert ("FLT-REF-001", "Service shop/checkout") not in found(put(stack, "Deployment checkout", LABELS, labels))


def test_a_selector_that_is_not_known_may_select_them(stack: Any, put: Any, found: Any) -> None:
    for path, value in (("spec/selector/app", UNKNOWN), ("spec/selector", UNKNOWN)):
        assert SERVICE not in found(put(stack, "Service checkout", path, value))


def test_a_service_without_any_pods_beside_it_is_a_part_of_something(stack: Any, found: Any) -> None:
    alone = [one for one in stack if one["kind"] == "Service"]
    assert found(alone) == set()
    assert found(alone, world=World.CLOSED) == {SERVICE}


def test_in_an_open_world_pods_may_be_elsewhere(stack: Any, put: Any, found: Any) -> None:
    wrong = put(stack, "Service checkout", "spec/selector/app", "chekout")
    assert found(wrong) == {SERVICE}
    assert found(wrong, world=World.OPEN) == set()


def test_pods_of_an_operator_are_selected_by_whom_nobody_sees(stack: Any, put: Any, found: Any) -> None:
    operated = {"apiVersion": "db.example/v1", "kind": "Cluster", "metadata": {"name": "orders", "namespace": "shop"}}
    wrong = put(stack, "Service checkout", "spec/selector", {"cluster": "orders"})
    assert found(wrong) == {SERVICE}
    assert found([*wrong, operated]) == set()
    slip = put(stack, "Service checkout", "spec/selector/app", "chekout")
    assert found([*slip, operated]) == {SERVICE}


def test_pods_of_a_kind_that_nobody_knows_count_by_their_labels(stack: Any, put: Any, found: Any) -> None:
    template = {"metadata": {"labels": {"app": "rolled"}}, "spec": {"containers": []}}
    rollout = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "metadata": {"name": "r", "namespace": "shop"}}
    wrong = put(stack, "Service checkout", "spec/selector", {"app": "rolled"})
    assert found(wrong) == {SERVICE}
    assert found([*wrong, rollout | {"spec": {"template": template}}]) == set()


def test_jobs_are_selected_too(stack: Any, put: Any, found: Any) -> None:
    template = {"metadata": {"labels": {"app": "job"}}, "spec": {"containers": [{"name": "a", "image": "a:1.0.0"}]}}
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j", "namespace": "shop"}}
    wrong = put(stack, "Service checkout", "spec/selector", {"app": "job"})
    assert found([*wrong, job | {"spec": {"template": template}}]) == set()


def test_an_object_without_namespace_goes_where_its_pods_are(stack: Any, put: Any, found: Any) -> None:
    assert found(put(stack, "Service checkout", "metadata/namespace", ...)) == set()
    assert found(put(stack, "Deployment checkout", "metadata/namespace", ...)) == set()


def test_the_message_names_the_key_that_differs(stack: Any, put: Any) -> None:
    from policies.judge import judge  # noqa: PLC0415

    wrong = put(stack, "Service checkout", "spec/selector/track", "stabel")
    messages = [one.message for one in judge(wrong) if one.rule.code == "FLT-REF-001"]
    assert messages == [
        "selects app=checkout,track=stabel, which no pod has; Deployment shop/checkout has track=stable"
    ]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("spec/selector/matchLabels/app", "cart"),
        ("spec/selector/matchLabels", {"name": "checkout"}),
        ("spec/selector", {"matchExpressions": [{"key": "app", "operator": "In", "values": ["cart"]}]}),
        ("spec/selector", ...),
    ],
)
def test_a_budget_that_selects_no_pod_is_found(stack: Any, put: Any, found: Any, path: str, value: Any) -> None:
    assert found(put(stack, "PodDisruptionBudget checkout", path, value)) == {BUDGET}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("spec/selector", {}),
        ("spec/selector", {"matchExpressions": [{"key": "app", "operator": "Exists"}]}),
        ("spec/selector", {"matchExpressions": [{"key": "gone", "operator": "DoesNotExist"}]}),
        ("spec", {}),
    ],
)
def test_a_budget_for_every_pod_is_legal(stack: Any, put: Any, found: Any, path: str, value: Any) -> None:
    assert found(put(stack, "PodDisruptionBudget checkout", path, value)) == set()


def test_a_network_policy_that_selects_no_pod_is_advised_against(
    stack: Any, policy: dict[str, Any], put: Any, found: Any
) -> None:
    assert found([*stack, policy]) == set()
    assert found(put([*stack, policy], "NetworkPolicy checkout", "spec/podSelector", {})) == set()
    wrong = put([*stack, policy], "NetworkPolicy checkout", "spec/podSelector/matchLabels", {"app": "cart"})
    assert found(wrong) == {("FLT-REF-006", "NetworkPolicy shop/checkout")}
