"""Every container has its share of memory: a request to be placed by, and a limit that protects its neighbours.

Nothing asks for a CPU limit: a container that may use idle time harms nobody, one that is throttled answers late.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final

from policies import quantity
from policies.compute import QUOTA_KINDS, Defaults, asked, defaults_by_namespace
from policies.findings import Level, Rule, Scope, Violation
from policies.metrics import metrics
from policies.objects import Objects
from policies.pods import Container, Pods
from policies.purpose import Purpose
from policies.resources import Resource
from policies.values import UNKNOWN, Path, at, mapping

_SOURCE: Final = "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/"
_WANTED: Final = (("limits", "memory"), ("requests", "memory"), ("requests", "cpu"))
_NOUNS: Final = {"limits": "limit", "requests": "request"}
Wanted = tuple[str, str]


def _lacking(objects: Objects) -> Iterator[tuple[Pods, Container, list[Wanted]]]:
    defaults = defaults_by_namespace(objects.resources)
    for pods in objects.pods:
        own, wanted = defaults.get(pods.resource.namespace, Defaults()), _wanted(objects, pods)
        for container in pods.containers:
            lacks = [(bound, name) for bound, name in wanted if asked(pods, container, bound, name, own) is None]
            if lacks and "ephemeralContainers" not in container.path:
                yield pods, container, lacks


def _wanted(objects: Objects, pods: Pods) -> list[Wanted]:
    """Leave out the requests that an autoscaler divides by: a rule of their own (FLT-SCALE-002) looks for those."""
    scalers = objects.scaling.of(pods.resource)
    divided = {metric.resource for one in scalers for metric in metrics(one.resource) if metric.is_share}
    return [(bound, name) for bound, name in _WANTED if bound == "limits" or name not in divided]


def _is_dangerous(objects: Objects, pods: Pods, container: Container, lacks: list[Wanted]) -> bool:
    """Say whether it is memory, and production, that a container without bounds can take down."""
    memory = any(name == "memory" for _, name in lacks)
    return memory and container.runs and objects.purpose_of(pods.resource) is Purpose.PRODUCTION


def _violation(pods: Pods, container: Container, lacks: list[Wanted]) -> Violation:
    shown = " and ".join(f"no {name} {_NOUNS[bound]}" for bound, name in lacks)
    path: Path = (*container.path, "resources") if "resources" in container.spec else container.path
    return Violation(pods.resource, path, f"container {container.name} has {shown}")


def _judge_production(objects: Objects) -> Iterator[Violation]:
    for pods, container, lacks in _lacking(objects):
        if _is_dangerous(objects, pods, container, lacks):
            yield _violation(pods, container, lacks)


def _judge_elsewhere(objects: Objects) -> Iterator[Violation]:
    for pods, container, lacks in _lacking(objects):
        if not _is_dangerous(objects, pods, container, lacks):
            yield _violation(pods, container, lacks)


BOUND_IN_PRODUCTION = Rule(
    code="FLT-RESOURCE-004",
    name="production-memory-is-bounded",
    title="Containers in production have a memory request and a memory limit",
    why="A leak without a limit takes the node down with everything on it; without a request it is the first to be "
    "evicted.",
    source=_SOURCE,
    remediation="Give the container requests.memory and limits.memory, and requests.cpu.",
    scope=Scope.STACK,
    judge=_judge_production,
)
BOUND = Rule(
    code="FLT-RESOURCE-005",
    name="container-has-requests-and-memory-limit",
    title="A container has requests for cpu and memory and a limit for memory",
    why="Without requests a container is placed anywhere, and without a limit it can take the memory of the node.",
    source=_SOURCE,
    remediation="Give the container requests.cpu, requests.memory and limits.memory; a cpu limit is not needed.",
    scope=Scope.STACK,
    judge=_judge_elsewhere,
    level=Level.ADVISORY,
)


def _judge_ranges(objects: Objects) -> Iterator[Violation]:
    defaults = defaults_by_namespace(objects.resources)
    for pods in objects.pods if defaults else ():
        own = defaults.get(pods.resource.namespace, Defaults())
        for container in pods.containers:
            for limit_range, entry in own.limits():
                yield from _outside(pods, container, own, limit_range, entry)


def _outside(
    pods: Pods, container: Container, own: Defaults, limit_range: Resource, entry: dict[str, Any]
) -> Iterator[Violation]:
    for name in dict.fromkeys(name for key in ("min", "max", "default") for name in mapping(entry, key)):
        request, limit = (
            _number(asked(pods, container, bound, name, own)) if _is_own(container, bound, name) else None
            for bound in ("requests", "limits")
        )
        least, most = _number(at(entry, "min", name)), _number(at(entry, "max", name))
        ceiling = _number(own.value("limits", name)) if limit is None else None
        if limit is not None and most is not None and limit > most:
            yield _misfit(pods, container, ("limits", name), f"more than the max of {limit_range.title}")
        elif request is not None and least is not None and request < least:
            yield _misfit(pods, container, ("requests", name), f"less than the min of {limit_range.title}")
        elif request is not None and ceiling is not None and request > ceiling:
            text = f"more than the limit that {limit_range.title} gives a container without one"
            yield _misfit(pods, container, ("requests", name), text)


def _is_own(container: Container, bound: str, name: str) -> bool:
    return at(container.spec, "resources", bound, name) is not None


def _number(value: Any) -> Fraction | None:  # noqa: ANN401
    return None if value is UNKNOWN else quantity.read(value)


def _misfit(pods: Pods, container: Container, field: Wanted, text: str) -> Violation:
    written = at(container.spec, "resources", *field)
    message = f"sets {'.'.join(field)} {written} for container {container.name}, {text}"
    return Violation(pods.resource, (*container.path, "resources", *field), message)


IN_RANGE = Rule(
    code="FLT-RESOURCE-006",
    name="container-fits-the-limit-range",
    title="Requests and limits are within the namespace's LimitRange",
    why="The pods are refused one by one while the Deployment itself looks accepted: nothing starts.",
    source="https://kubernetes.io/docs/concepts/policy/limit-range/",
    remediation="Change the container's resources, write its limit out, or widen the LimitRange.",
    scope=Scope.STACK,
    judge=_judge_ranges,
)
_COUNTED: Final = {
    "limits.cpu": ("limits", "cpu"),
    "limits.memory": ("limits", "memory"),
    "requests.cpu": ("requests", "cpu"),
    "requests.memory": ("requests", "memory"),
    "cpu": ("requests", "cpu"),
    "memory": ("requests", "memory"),
}


def _judge_quotas(objects: Objects) -> Iterator[Violation]:
    quotas: dict[Any, list[Resource]] = {}
    for one in objects.resources:
        if (
            one.is_a(QUOTA_KINDS)
            and not at(one.inputs, "spec", "scopes")
            and not at(one.inputs, "spec", "scopeSelector")
        ):
            quotas.setdefault(one.namespace, []).append(one)
    defaults = defaults_by_namespace(objects.resources) if quotas else {}
    for pods in objects.pods if quotas else ():
        namespace = pods.resource.namespace
        for quota in quotas.get(namespace, ()):
            counted = {key: _COUNTED[key] for key in mapping(quota.inputs, "spec", "hard") if key in _COUNTED}
            for container in pods.containers:
                own = defaults.get(namespace, Defaults())
                lacks = [key for key, field in counted.items() if asked(pods, container, *field, own) is None]
                if lacks and "ephemeralContainers" not in container.path:
                    message = f"container {container.name} has no {' and no '.join(lacks)}, which {quota.title} counts"
                    yield Violation(pods.resource, container.path, message)


COUNTED = Rule(
    code="FLT-RESOURCE-007",
    name="container-has-what-the-quota-counts",
    title="A container asks for everything that the namespace's ResourceQuota counts",
    why="The pods are refused one by one while the Deployment itself looks accepted: nothing starts.",
    source="https://kubernetes.io/docs/concepts/policy/resource-quotas/",
    remediation="Give the container the requests and limits that the quota counts, or the namespace a LimitRange with "
    "defaults.",
    scope=Scope.STACK,
    judge=_judge_quotas,
)

RULES = (BOUND_IN_PRODUCTION, BOUND, IN_RANGE, COUNTED)
