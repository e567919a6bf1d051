"""An autoscaler is one that the API server takes: bounds, metrics and behaviour."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from policies import quantity
from policies.findings import Rule, Scope, Violation
from policies.metrics import V1_TARGET
from policies.resources import Resource
from policies.scaling import AUTOSCALER_KINDS, HPA_KINDS, Autoscaler
from policies.values import UNKNOWN, Path, at, each, mapping, scalar

_SOURCE: Final = "https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/"
_SOURCES: Final = {
    "Resource": "resource",
    "ContainerResource": "containerResource",
    "Pods": "pods",
    "Object": "object",
    "External": "external",
}
_VALUES: Final = {"Utilization": "averageUtilization", "AverageValue": "averageValue", "Value": "value"}
_TARGETS: Final = {
    "Resource": ("averageUtilization", "averageValue"),
    "ContainerResource": ("averageUtilization", "averageValue"),
    "Pods": ("averageValue",),
    "Object": ("value", "averageValue"),
    "External": ("value", "averageValue"),
}
"""The values that a target of each type may have; of two, only an Object takes both."""
_TO_ZERO: Final = frozenset({"Object", "External"})
_LONGEST_WINDOW: Final = 3600
_LONGEST_PERIOD: Final = 1800
Problem = tuple[Path, str]


def _judge_bounds(resource: Resource) -> Iterator[Violation]:
    autoscaler = Autoscaler(resource)
    least, most = autoscaler.least, autoscaler.most
    if not autoscaler.is_keda:
        yield from _hpa_bounds(resource, least, most)
    if isinstance(least, int) and isinstance(most, int) and 0 < most < least:
        message = f"has a lower bound of {least} and an upper bound of {most}"
        yield Violation(resource, autoscaler.most_path, message)
    if isinstance(least, int) and least < 0:
        yield Violation(resource, autoscaler.least_path, f"has a lower bound of {least}")


def _hpa_bounds(resource: Resource, least: Any, most: Any) -> Iterator[Violation]:  # noqa: ANN401
    written = at(resource.inputs, "spec", "maxReplicas")
    if at(resource.inputs, "spec") is not UNKNOWN and (written is None or (isinstance(most, int) and most < 1)):
        said = "no maxReplicas" if written is None else f"maxReplicas {most}"
        path = ("spec",) if written is None else ("spec", "maxReplicas")
        yield Violation(resource, path, f"has {said}, where a number above 0 is needed")
    listed = at(resource.inputs, "spec", "metrics")
    types = {scalar(metric, "type") for _, metric in each(resource.inputs, "spec", "metrics")}
    if least == 0 and listed is not UNKNOWN and not types & (_TO_ZERO | {UNKNOWN}):
        message = "has minReplicas 0, which takes an Object or External metric: no pod, no cpu to measure"
        yield Violation(resource, ("spec", "minReplicas"), message)


BOUNDS = Rule(
    code="FLT-SCALE-008",
    name="autoscaler-bounds-are-valid",
    title="An autoscaler's bounds are numbers in order",
    why="The API server refuses the autoscaler, so the workload stays at one pod.",
    source=_SOURCE,
    remediation="Set maxReplicas to at least minReplicas, and minReplicas to at least 1.",
    scope=Scope.RESOURCE,
    judge=_judge_bounds,
    kinds=AUTOSCALER_KINDS,
)


def _judge_metrics(resource: Resource) -> Iterator[Violation]:
    version = resource.api[1]
    if version == "v1":
        share = scalar(resource.inputs, "spec", V1_TARGET)
        if isinstance(share, int) and share < 1:
            yield Violation(resource, ("spec", V1_TARGET), f"wants the cpu used to {share}%, which is not above 0")
    elif version == "v2":
        for path, metric in each(resource.inputs, "spec", "metrics"):
            for field, message in _metric(metric):
                yield Violation(resource, (*path, *field), message)
    for direction in ("scaleUp", "scaleDown"):
        rules = mapping(resource.inputs, "spec", "behavior", direction)
        for field, message in _behaviour(rules):
            yield Violation(resource, ("spec", "behavior", direction, *field), message)


def _metric(metric: dict[str, Any]) -> Iterator[Problem]:
    kind = scalar(metric, "type")
    if kind is UNKNOWN:
        return
    field = _SOURCES.get(str(kind))
    if field is None:
        yield ("type",), f"has a metric of type {kind!r}, which is none of {', '.join(_SOURCES)}"
        return
    others = sorted(key for key in _SOURCES.values() if key != field and metric.get(key) is not None)
    if others:
        yield (others[0],), f"has a metric of type {kind} that also holds {' and '.join(others)}"
    if metric.get(field) is None:
        yield (), f"has a metric of type {kind} without {field}"
    target = at(metric, field, "target")
    if isinstance(target, dict):
        for path, message in _target(str(kind), target):
            yield (field, "target", *path), message


def _target(kind: str, target: dict[str, Any]) -> Iterator[Problem]:
    written = [key for key in _VALUES.values() if target.get(key) is not None]
    usable = [key for key in written if key in _TARGETS[kind]]
    if target.get("type") not in (None, UNKNOWN, *_VALUES):
        yield ("type",), f"has a target of type {target['type']!r}, which is none of {', '.join(_VALUES)}"
    if not usable:
        yield (), f"has a {kind} metric without {' or '.join(_TARGETS[kind])}"
    elif len(usable) > 1 and kind != "Object":
        yield (usable[1],), f"has a {kind} metric with both {' and '.join(usable)}"
    for key in written:
        if (message := _amount(key, target[key])) is not None:
            yield (key,), message


def _amount(key: str, value: Any) -> str | None:  # noqa: ANN401
    if value is UNKNOWN:
        return None
    number = quantity.read(value)
    if number is None:
        return f"has {key} {value!r}, which is no number"
    return f"has {key} {value}, which is not above 0" if number <= 0 else None


def _behaviour(rules: dict[str, Any]) -> Iterator[Problem]:
    window, policies = scalar(rules, "stabilizationWindowSeconds"), rules.get("policies")
    if isinstance(window, int) and not 0 <= window <= _LONGEST_WINDOW:
        yield ("stabilizationWindowSeconds",), f"has a window of {window} s, not within 0 to {_LONGEST_WINDOW}"
    if isinstance(policies, list) and not policies:
        yield ("policies",), "has an empty list of scaling policies"
    for path, policy in each(rules, "policies"):
        for field, most in (("value", None), ("periodSeconds", _LONGEST_PERIOD)):
            number = scalar(policy, field)
            if isinstance(number, int) and (number < 1 or (most is not None and number > most)):
                limit = f"not within 1 to {most}" if most else "not above 0"
                yield (*path, field), f"has a scaling policy with {field} {number}, {limit}"


METRICS = Rule(
    code="FLT-SCALE-009",
    name="autoscaler-metrics-are-valid",
    title="An autoscaler's metrics and behaviour are ones that the API server takes",
    why="The API server refuses the autoscaler, so the workload stays at one pod.",
    source=_SOURCE,
    remediation="Give each metric the one source and target that its type names, with a value above 0.",
    scope=Scope.RESOURCE,
    judge=_judge_metrics,
    kinds=HPA_KINDS,
)


RULES = (BOUNDS, METRICS)
