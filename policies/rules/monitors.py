"""A monitor selects something: what is not scraped looks like a service that never fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.findings import Level, Rule, Scope, Violation
from policies.label_index import LabelIndex
from policies.objects import Objects
from policies.rules.monitor_ports import POD_MONITORS, SERVICE_MONITORS, selected
from policies.world import World


def _judge_selects(objects: Objects) -> Iterator[Violation]:
    monitors = objects.of(SERVICE_MONITORS | POD_MONITORS)
    if not monitors or objects.world is World.OPEN:
        return
    services = [(one.resource.namespace, one.resource.labels, one) for one in objects.services]
    pods = [(one.resource.namespace, one.labels, one) for one in objects.pods if one.serves]
    indexes: dict[bool, LabelIndex[Any]] = {True: LabelIndex(services), False: LabelIndex(pods)}
    for monitor in monitors:
        of_services = monitor.is_a(SERVICE_MONITORS)
        there = services if of_services else pods
        # Operators make Services that are in no file: only pods and Services of one's own beside it tell.
        if there and services and pods and not any(selected(indexes[of_services], monitor)):
            what = "Service" if of_services else "pod"
            yield Violation(monitor, ("spec", "selector"), f"selects no {what} of the input, so nothing is scraped")


SELECTS = Rule(
    code="FLT-REF-023",
    name="monitor-selects-something",
    title="A monitor selects Services or pods that are there",
    why="Nothing is scraped and nothing says so: alerts that never fire look like a service that never fails.",
    source="https://prometheus-operator.dev/docs/developer/getting-started/#using-servicemonitors",
    remediation="Write the labels of the Service (of the pods, for a PodMonitor), and its namespace if it is another.",
    scope=Scope.STACK,
    judge=_judge_selects,
    level=Level.ADVISORY,
)

RULES = (SELECTS,)
