"""The last seconds of a pod: time to finish what it was asked, before it is killed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from policies.findings import Level, Rule, Scope, Violation
from policies.pods import POD_KINDS, Pods, pods_of
from policies.resources import Resource
from policies.values import UNKNOWN, Path, at, scalar

_GRACE: Final[Path] = ("spec", "terminationGracePeriodSeconds")
_DEFAULT: Final = 30
_SLEEP: Final = re.compile(r"(?:^|[;&|\s/])sleep\s+([0-9]{1,9})(?:s|\b)(?!\.)")
_UNITS: Final = re.compile(r"(?:^|[;&|\s/])sleep\s+[0-9.]+[mhd]")
_SOURCE: Final = "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination"


def _grace(pods: Pods) -> tuple[Any, str]:
    """Give the grace period and how it is told; None where it is not known."""
    written = scalar(pods.template, *_GRACE)
    if written is None:
        return _DEFAULT, f"{_DEFAULT} s, the default grace period,"
    number = isinstance(written, int) and not isinstance(written, bool)
    return (written if number else None), f"the grace period of {written} s"


def _judge_sleep(resource: Resource) -> Iterator[Violation]:
    pods = pods_of(resource)
    if pods is None:
        return
    grace, told = _grace(pods)
    if isinstance(grace, int) and grace < 0:
        yield Violation(resource, (*pods.path, *_GRACE), f"has a grace period of {grace} s, which is below 0")
        return
    for container in pods.running if grace is not None else ():
        for path, seconds in _sleeps(container.spec):
            if seconds >= grace and seconds > 0:
                message = (
                    f"lets container {container.name} sleep {seconds} s before it stops, but is killed after {told}"
                )
                yield Violation(resource, (*container.path, *path), message.removesuffix(","))


def _sleeps(container: dict[str, Any]) -> Iterator[tuple[Path, int]]:
    """Give how long a preStop hook sleeps, by the action or by the command of that name."""
    path: Path = ("lifecycle", "preStop", "sleep", "seconds")
    seconds = scalar(container, *path)
    if isinstance(seconds, int):
        yield path, seconds
    path = ("lifecycle", "preStop", "exec", "command")
    command = at(container, *path)
    if isinstance(command, list) and UNKNOWN not in command:
        text = " ".join(str(word) for word in command)
        if not _UNITS.search(text):
            yield path, max((int(number) for number in _SLEEP.findall(text)), default=0)


SLEEP = Rule(
    code="FLT-DRAIN-005",
    name="pre-stop-ends-within-the-grace-period",
    title="A preStop hook leaves time to stop within terminationGracePeriodSeconds",
    why="The container is killed while it still sleeps: it never gets its SIGTERM, and open requests are cut.",
    source="https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/#hook-handler-execution",
    remediation="Raise terminationGracePeriodSeconds above the sleep and the longest request together.",
    scope=Scope.RESOURCE,
    judge=_judge_sleep,
    kinds=POD_KINDS,
)


def _judge_grace(resource: Resource) -> Iterator[Violation]:
    pods = pods_of(resource)
    if pods is not None and scalar(pods.template, *_GRACE) == 0:
        yield Violation(resource, (*pods.path, *_GRACE), "has a grace period of 0 s, so its pods are killed outright")


GRACE = Rule(
    code="FLT-DRAIN-006",
    name="pods-have-time-to-stop",
    title="A pod has time to stop",
    why="Open requests are cut and written data may be lost at every roll-out; a StatefulSet's pod may run twice.",
    source=_SOURCE,
    remediation="Leave terminationGracePeriodSeconds at 30, or set it to the longest request.",
    scope=Scope.RESOURCE,
    judge=_judge_grace,
    level=Level.ADVISORY,
    kinds=POD_KINDS,
)

RULES = (SLEEP, GRACE)
