"""What an autoscaler measures of its pods' cpu and memory, in each of the forms that it can be written in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from policies.resources import Resource
from policies.values import UNKNOWN, Path, at, each, mapping, scalar

V1_TARGET: Final = "targetCPUUtilizationPercentage"
DEFAULT_TARGET: Final = 80
"""What an HPA without any metric holds the cpu at (pkg/apis/autoscaling/v2/defaults.go)."""
RESOURCE_METRICS: Final = {"Resource": "resource", "ContainerResource": "containerResource"}


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric of cpu or memory; ``is_share`` when it is a share of the request, ``container`` when it is of one."""

    path: Path
    resource: str
    target: Any
    is_share: bool
    container: Any = None


def metrics(autoscaler: Resource) -> tuple[Metric, ...]:
    """Give the cpu and memory metrics of an HPA of any version, or of a ScaledObject."""
    if "metrics" not in autoscaler.derived:
        keda = autoscaler.kind == "ScaledObject"
        autoscaler.derived["metrics"] = tuple(_keda(autoscaler) if keda else _hpa(autoscaler))
    found: tuple[Metric, ...] = autoscaler.derived["metrics"]
    return found


def _hpa(autoscaler: Resource) -> Iterator[Metric]:
    inputs = autoscaler.inputs
    if autoscaler.api[1] == "v1":
        target = scalar(inputs, "spec", V1_TARGET)
        yield Metric(("spec", V1_TARGET), "cpu", DEFAULT_TARGET if target is None else target, is_share=True)
        return
    listed = at(inputs, "spec", "metrics")
    if listed in (None, []):
        yield Metric(("spec",), "cpu", DEFAULT_TARGET, is_share=True)
    for path, metric in each(inputs, "spec", "metrics"):
        field = RESOURCE_METRICS.get(str(metric.get("type")), "")
        source = mapping(metric, field)
        if source and isinstance(source.get("name"), str):
            # autoscaling/v2beta1 has the share beside the name, later versions in a target of its own.
            share = scalar(source, "target", "averageUtilization")
            share = scalar(source, "targetAverageUtilization") if share is None else share
            container = source.get("container") if field == "containerResource" else None
            yield Metric((*path, field), source["name"], share, is_share=share is not None, container=container)


def _keda(autoscaler: Resource) -> Iterator[Metric]:
    for path, trigger in each(autoscaler.inputs, "spec", "triggers"):
        kind = trigger.get("type")
        if kind in ("cpu", "memory"):
            metadata = mapping(trigger, "metadata")
            share = trigger.get("metricType", metadata.get("type", "Utilization")) == "Utilization"
            container = metadata.get("containerName") or None
            target = metadata.get("value", UNKNOWN)
            yield Metric((*path, "metadata"), kind, target, is_share=share, container=container)
