"""Budgets let a node be drained, and no Service goes dark while that is done."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from policies.purpose import Purpose
from policies.values import UNKNOWN

BUDGET, WORKLOAD = "PodDisruptionBudget shop/checkout", "Deployment shop/checkout"
BLOCKED = {("FLT-DRAIN-002", BUDGET)}


def _with(stack: Any, replicas: Any = 3, selector: Any = None, **bound: Any) -> Any:
    changed = copy.deepcopy(stack)
    changed[0]["spec"]["replicas"] = replicas
    changed[1]["spec"] = {"selector": selector or changed[1]["spec"]["selector"], **bound}
    return changed


def _hpa(least: Any) -> Any:
    spec = {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "checkout"}, "maxReplicas": 9}
    spec |= {"minReplicas": least} if least else {}
    metadata = {"name": "checkout", "namespace": "shop"}
    return {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": metadata, "spec": spec}


@pytest.mark.parametrize(
    "bound",
    [
        {"minAvailable": 1, "maxUnavailable": 1},
        {"minAvailable": 0, "maxUnavailable": 0},
        {"minAvailable": "101%"},
        {"minAvailable": "1"},
        {"maxUnavailable": "half"},
        {"maxUnavailable": -1},
        {"maxUnavailable": True},
    ],
)
def test_a_budget_that_is_refused(stack: Any, found: Any, bound: Any) -> None:
    assert found(stack) == set()
    assert found(_with(stack, **bound)) == {("FLT-DRAIN-001", BUDGET)}


@pytest.mark.parametrize(
    ("replicas", "bound"),
    [
        (3, {"minAvailable": 3}),
        (3, {"minAvailable": 4}),
        (3, {"minAvailable": "100%"}),
        (3, {"minAvailable": "67%"}),
        (1, {"minAvailable": 1}),
        (1, {"minAvailable": "50%"}),
        (2, {"minAvailable": "51%"}),
        (3, {"maxUnavailable": 0}),
        (3, {"maxUnavailable": "0%"}),
    ],
)
def test_a_budget_that_blocks_every_drain(stack: Any, found: Any, replicas: int, bound: Any) -> None:
    assert found(_with(stack, replicas, **bound)) == BLOCKED


@pytest.mark.parametrize(
    ("replicas", "bound"),
    [
        (3, {"minAvailable": 2}),
        (3, {"minAvailable": "66%"}),
        (2, {"minAvailable": "50%"}),
        (3, {"maxUnavailable": "1%"}),
        (3, {"minAvailable": 0}),
        (0, {"minAvailable": 1}),
        (1, {"maxUnavailable": 1}),
        (3, {}),
    ],
)
def test_a_budget_that_lets_one_go(stack: Any, found: Any, replicas: int, bound: Any) -> None:
    assert found(_with(stack, replicas, **bound)) == set()


def test_what_is_not_known_blocks_nothing_but_the_plan(stack: Any, found: Any) -> None:
    assert found(_with(stack, UNKNOWN, minAvailable=3)) == {("FLT-PLAN-001", WORKLOAD)}
    assert found(_with(stack, minAvailable=UNKNOWN)) == {("FLT-PLAN-001", BUDGET)}


def test_the_minimum_of_an_autoscaler_is_what_counts(stack: Any, found: Any) -> None:
    mutated = _with(stack, minAvailable=2)
    assert found([*mutated, _hpa(2)]) == BLOCKED
    assert found([*mutated, _hpa(3)]) == set()
    assert found([*_with(stack, None, minAvailable=1), _hpa(None)]) == BLOCKED


def test_the_pods_of_all_workloads_that_a_budget_selects_count_together(stack: Any, found: Any) -> None:
    canary = copy.deepcopy(stack[0])
    canary["metadata"]["name"] = "checkout-canary"
    canary["spec"]["replicas"] = 1
    canary["spec"]["template"]["metadata"]["labels"]["track"] = "canary"
    either = {"matchExpressions": [{"key": "app", "operator": "In", "values": ["checkout"]}]}
    assert found([*_with(stack, 2, either, minAvailable=2), canary]) == set()
    assert found([*_with(stack, 2, either, minAvailable=3), canary]) == BLOCKED
    assert (
        found([*_with(stack, 2, {"matchLabels": {"app": "other"}}, minAvailable=3), canary])
        - {("FLT-DRAIN-004", WORKLOAD)}
        == set()
    )


def _second(selector: Any) -> Any:
    metadata = {"name": "second", "namespace": "shop"}
    spec = {"maxUnavailable": 1, "selector": selector}
    return {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": metadata, "spec": spec}


@pytest.mark.parametrize(
    "selector", [{}, {"matchLabels": {"app": "checkout"}}, {"matchExpressions": [{"key": "app", "operator": "Exists"}]}]
)
def test_two_budgets_for_one_pod(stack: Any, found: Any, selector: Any) -> None:
    rivals = {("FLT-DRAIN-003", BUDGET), ("FLT-DRAIN-003", "PodDisruptionBudget shop/second")}
    assert found([*stack, _second(selector)]) == rivals


def test_budgets_of_different_pods(stack: Any, found: Any) -> None:
    assert found([*stack, _second({"matchLabels": {"app": "other"}})]) == set()
    assert found([*stack, _second(None)]) == set()
    assert found([*stack, copy.deepcopy(stack[1])]) == set()
    elsewhere = _second({})
    elsewhere["metadata"]["namespace"] = "other"
    assert found([*stack, elsewhere]) == set()


def test_several_pods_behind_a_service_without_a_budget(stack: Any, put: Any, found: Any) -> None:
    missing = {("FLT-DRAIN-004", WORKLOAD)}
    bare = [one for one in stack if one["kind"] != "PodDisruptionBudget"]
    assert found(bare) == found(bare, purpose=Purpose.PRODUCTION) == missing
    assert found(bare, purpose=Purpose.TEST) == found(bare, purpose=Purpose.DISPOSABLE) == set()
    assert found(put(bare, "Deployment checkout", "spec/replicas", 1)) == set()
    assert found([one for one in bare if one["kind"] != "Service"]) == set()
    assert found([*put(bare, "Deployment checkout", "spec/replicas", ...), _hpa(2)]) == missing
    assert found([*bare, _second({})]) == set()
