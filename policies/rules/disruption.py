"""PodDisruptionBudgets: each lets a node be drained, and none lets a Service go dark while that is done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from policies.budgets import BUDGET_KINDS, MAX_UNAVAILABLE, MIN_AVAILABLE, Budget, percentage
from policies.findings import Level, Rule, Scope, Violation
from policies.objects import Objects
from policies.pods import Pods
from policies.purpose import Purpose
from policies.resources import Resource
from policies.rules.readiness import traffic_ports
from policies.scaling import SCALED_KINDS
from policies.values import UNKNOWN, at

_PAGE: Final = "https://kubernetes.io/docs/tasks/run-application/configure-pdb/"

_SHOWN: Final = 3


def _judge_valid(resource: Resource) -> Iterator[Violation]:
    if all(at(resource.inputs, *path) is not None for path in (MIN_AVAILABLE, MAX_UNAVAILABLE)):
        yield Violation(resource, MIN_AVAILABLE, "has both minAvailable and maxUnavailable, where only one may stand")
        return
    for path in (MIN_AVAILABLE, MAX_UNAVAILABLE):
        value = at(resource.inputs, *path)
        share = percentage(value)
        number = isinstance(value, int) and not isinstance(value, bool)
        if value in (None, UNKNOWN) or (number and value >= 0) or (share is not None and share <= 100):
            continue
        message = f"has {path[-1]} {value!r}, which is neither a number from 0 nor a percentage up to 100%"
        yield Violation(resource, path, message)


VALID = Rule(
    code="FLT-DRAIN-001",
    name="budget-is-valid",
    title="A PodDisruptionBudget has one bound that the API server takes",
    why="The API server refuses the budget, so a drain may take all pods at once.",
    source="https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/pod-disruption-budget-v1/",
    remediation="Write either minAvailable or maxUnavailable, as a number or a percentage.",
    scope=Scope.RESOURCE,
    judge=_judge_valid,
    kinds=BUDGET_KINDS,
)


def _judge_drains(objects: Objects) -> Iterator[Violation]:
    for budget in objects.budgets:
        if budget.bound in (None, UNKNOWN) or any(_judge_valid(budget.resource)):
            continue
        said = f"{budget.path[-1]} {budget.bound}"
        if budget.blocks_always:
            yield Violation(budget.resource, budget.path, f"has {said}, so no pod may ever be evicted")
            continue
        total, titles = _watched(objects, budget)
        spared = budget.spares(total) if total else None
        if spared is not None and spared <= 0:
            noun = "pod" if total == 1 else "pods"
            message = f"has {said}, but {_some(titles)} may have only {total} {noun}, so none may be evicted"
            yield Violation(budget.resource, budget.path, message)


def _some(names: list[str]) -> str:
    """Name the first of many: an empty selector meets every pod of a namespace."""
    more = [f"{len(names) - _SHOWN} more"] if len(names) > _SHOWN else []
    return " and ".join([*names[:_SHOWN], *more])


def _watched(objects: Objects, budget: Budget) -> tuple[int, list[str]]:
    """Count the fewest pods that a budget watches over, 0 when that is not known, and name what makes them."""
    total, titles = 0, set()
    for pods, answer in objects.guarded(budget):
        least = objects.scaling.least(pods.resource) if pods.resource.is_a(SCALED_KINDS) else None
        if answer is not True or not isinstance(least, int):
            return 0, []
        total += least
        titles.add(pods.resource.title)
    return total, sorted(titles)


DRAINABLE = Rule(
    code="FLT-DRAIN-002",
    name="budget-lets-a-node-be-drained",
    title="A PodDisruptionBudget allows at least one pod to be evicted",
    why="A node with such a pod can never be drained: upgrades of the cluster hang, or are forced.",
    source="https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-budgets",
    remediation="Use maxUnavailable 1, or run more pods than minAvailable asks for.",
    scope=Scope.STACK,
    judge=_judge_drains,
)


def _judge_rivals(objects: Objects) -> Iterator[Violation]:
    watching: dict[int, list[Budget]] = defaultdict(list)
    watched: dict[int, Pods] = {}
    for budget in objects.budgets:
        for pods, answer in objects.guarded(budget):
            if answer is True:
                watching[id(pods)].append(budget)
                watched[id(pods)] = pods
    rivals: dict[int, set[tuple[str, str]]] = defaultdict(set)
    for key, found in watching.items():
        for one in found if len(found) > 1 else ():
            titles = {other.resource.title for other in found if other is not one}
            rivals[id(one)].update((title, watched[key].resource.title) for title in titles)
    for budget in objects.budgets:
        if pairs := rivals.get(id(budget)):
            others, workloads = (sorted({pair[side] for pair in pairs}) for side in (0, 1))
            message = f"watches over {_some(workloads)}, as {_some(others)} does"
            yield Violation(budget.resource, ("spec", "selector"), message)


ONE_BUDGET = Rule(
    code="FLT-DRAIN-003",
    name="one-budget-per-pod",
    title="A pod is watched over by one PodDisruptionBudget",
    why="The eviction API answers with an error for a pod with two budgets, so its node can never be drained.",
    source="https://kubernetes.io/docs/tasks/run-application/configure-pdb/#arbitrary-controllers-and-selectors",
    remediation="Delete one of the budgets, or narrow its selector to pods of its own.",
    scope=Scope.STACK,
    judge=_judge_rivals,
)


def _judge_missing(objects: Objects) -> Iterator[Violation]:
    guarded = {id(pods.resource) for budget in objects.budgets for pods, _ in objects.guarded(budget)}
    for pods in objects.pods:
        workload = pods.resource
        least: Any = objects.scaling.least(workload) if workload.is_a(_GUARDED_KINDS) else None
        if id(workload) in guarded or not isinstance(least, int) or least < 2 or not traffic_ports(objects, pods):
            continue
        if objects.purpose_of(workload) in (Purpose.PRODUCTION, None):
            yield Violation(workload, ("spec",), f"has {least} pods behind a Service and no PodDisruptionBudget")


_GUARDED_KINDS: Final = {kind: SCALED_KINDS[kind] for kind in ("Deployment", "StatefulSet")}
GUARDED = Rule(
    code="FLT-DRAIN-004",
    name="serving-pods-have-a-budget",
    title="Several pods behind a Service have a PodDisruptionBudget",
    why="A drain of two nodes at a time may take all pods at once, however many there are.",
    source=_PAGE,
    remediation="Add a PodDisruptionBudget with maxUnavailable 1 and the workload's selector.",
    scope=Scope.STACK,
    judge=_judge_missing,
    level=Level.ADVISORY,
)

RULES = (VALID, DRAINABLE, ONE_BUDGET, GUARDED)
