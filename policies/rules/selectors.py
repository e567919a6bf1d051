"""Selectors that select something: a Service its pods, a budget the pods it protects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from policies.findings import Judge, Level, Rule, Scope, Violation
from policies.objects import Objects
from policies.services import SERVICE_KINDS
from policies.unmatched import BUDGET_KINDS, POLICY_KINDS


def _unmatched(kinds: Mapping[str, frozenset[str]]) -> Judge:
    def judge(objects: Objects) -> Iterator[Violation]:
        for one in objects.unmatched:
            if one.owner.is_a(kinds):
                instead = f"; {one.instead}" if one.instead else ""
                shown = one.selector or "by matchExpressions"
                yield Violation(one.owner, one.path, f"selects {shown}, which no pod has{instead}")

    return judge


SERVICE: Final = Rule(
    code="FLT-REF-001",
    name="service-selects-pods",
    title="A Service's selector selects pods of its namespace",
    why="A Service that selects no pod has no endpoint: every request to it fails.",
    source="https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/#does-the-service-have-any-endpointslices",
    remediation="Copy the selector's pairs from the labels of the pod template.",
    scope=Scope.STACK,
    judge=_unmatched(SERVICE_KINDS),
)


def _judge_budgets(objects: Objects) -> Iterator[Violation]:
    yield from _unmatched(BUDGET_KINDS)(objects)
    for resource in objects.resources:
        spec = resource.inputs.get("spec")
        if resource.is_a(BUDGET_KINDS) and isinstance(spec, dict) and {"minAvailable", "maxUnavailable"} & set(spec):
            if spec.get("selector") is not None:
                continue
            yield Violation(resource, ("spec",), "has no selector, and so protects no pod")


BUDGET: Final = Rule(
    code="FLT-REF-005",
    name="budget-selects-pods",
    title="A PodDisruptionBudget's selector selects pods of its namespace",
    why="A budget that selects no pod protects none: a drain takes all replicas down at once.",
    source="https://kubernetes.io/docs/tasks/run-application/configure-pdb/",
    remediation="Copy the selector's pairs from the labels of the pod template.",
    scope=Scope.STACK,
    judge=_judge_budgets,
)

NETWORK_POLICY: Final = Rule(
    code="FLT-REF-006",
    name="network-policy-selects-pods",
    title="A NetworkPolicy's podSelector selects pods of its namespace",
    why="A policy that selects no pod isolates none: the pods it was written for stay open to everyone.",
    source="https://kubernetes.io/docs/concepts/services-networking/network-policies/",
    remediation="Copy the selector's pairs from the labels of the pod template.",
    scope=Scope.STACK,
    judge=_unmatched(POLICY_KINDS),
    level=Level.ADVISORY,
)

RULES = (SERVICE, BUDGET, NETWORK_POLICY)
