"""Requests and limits that the API server takes and that mean what they say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final

from policies import quantity
from policies.compute import LIMIT_RANGE_KINDS, POD_RESOURCES, QUOTA_KINDS, RESOURCES, Amount, amounts
from policies.findings import Rule, Scope, Violation
from policies.pods import POD_KINDS, pods_of
from policies.resources import Resource
from policies.values import UNKNOWN, Path, at, each, mapping

_CLAIM_KINDS: Final = {"PersistentVolumeClaim": frozenset({""})}
KINDS: Final = POD_KINDS | _CLAIM_KINDS | LIMIT_RANGE_KINDS | QUOTA_KINDS
_STANDARD: Final = frozenset({"cpu", "memory", "ephemeral-storage"})
_BYTES: Final = frozenset({"memory", "ephemeral-storage", "storage"})
_SOURCE: Final = "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/"
Place = tuple[str, list[Amount]]
"""Whose requests and limits: ``container app``, the pod itself, a claim."""


def _containers(resource: Resource) -> Iterator[Place]:
    pods = pods_of(resource)
    if pods is None:
        return
    for container in pods.containers:
        found = amounts(container.spec.get("resources"), (*container.path, *RESOURCES))
        yield f"container {container.name}", list(found)
    yield "the pod", list(amounts(at(pods.template, *POD_RESOURCES), (*pods.path, *POD_RESOURCES)))


def _storage(resource: Resource) -> Iterator[Place]:
    pods = pods_of(resource)
    if pods:
        for path, volume in each(pods.template, "spec", "volumes"):
            size = at(volume, "emptyDir", "sizeLimit")
            if size is not None:
                where = (*pods.path, *path, "emptyDir", "sizeLimit")
                yield f"volume {volume.get('name')}", [Amount("limits", "storage", size, where)]
    for path, claim in each(resource.inputs, "spec", "volumeClaimTemplates"):
        where = (*path, "spec", "resources")
        yield "a volume claim", list(amounts(at(claim, "spec", "resources"), where))
    if resource.is_a(_CLAIM_KINDS):
        yield "the claim", list(amounts(at(resource.inputs, "spec", "resources"), ("spec", "resources")))


def _bounds(resource: Resource) -> Iterator[Place]:
    """Give what a LimitRange and a ResourceQuota say; a quota counts objects too, in names of its own."""
    if resource.is_a(LIMIT_RANGE_KINDS):
        for path, entry in each(resource.inputs, "spec", "limits"):
            for key in ("default", "defaultRequest", "min", "max"):
                yield "the range", _named(entry, path, key)
    elif resource.is_a(QUOTA_KINDS):
        yield "the quota", _named(resource.inputs, (), "spec", "hard")


def _named(holder: Any, path: Path, *steps: str) -> list[Amount]:  # noqa: ANN401
    return [Amount("", name, value, (*path, *steps, name)) for name, value in mapping(holder, *steps).items()]


def _places(resource: Resource) -> Iterator[Place]:
    yield from _containers(resource)
    yield from _storage(resource)
    yield from _bounds(resource)


def _judge_readable(resource: Resource) -> Iterator[Violation]:
    for owner, found in _places(resource):
        for amount in found:
            if message := _unreadable(amount):
                yield Violation(resource, amount.path, f"{message} for {owner}")
    for owner, found in _containers(resource):
        for amount in found:
            if _is_misnamed(amount.name):
                yield Violation(resource, amount.path, f"asks for {amount.name!r} for {owner}, which is no resource")


def _unreadable(amount: Amount) -> str | None:
    if amount.value in (None, UNKNOWN):
        return None
    number = quantity.read(amount.value)
    if number is None:
        return f"has {amount.name} {amount.value!r}, which is no quantity,"
    return f"has {amount.name} {amount.value}, which is below 0," if number < 0 else None


def _is_misnamed(name: str) -> bool:
    return "/" not in name and name not in _STANDARD and not name.startswith("hugepages-")


READABLE = Rule(
    code="FLT-RESOURCE-001",
    name="quantity-is-readable",
    title="A request or limit names a resource and a quantity that the API server can read",
    why="The API server refuses the whole workload, so nothing of it is rolled out.",
    source="https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/",
    remediation="Write cpu as 500m or 2, memory as 512Mi or 2Gi, and no other letters.",
    scope=Scope.RESOURCE,
    judge=_judge_readable,
    kinds=KINDS,
)


def _judge_order(resource: Resource) -> Iterator[Violation]:
    for owner, found in _containers(resource):
        limits = {amount.name: amount for amount in found if amount.bound == "limits"}
        for request in (amount for amount in found if amount.bound == "requests"):
            if message := _disorder(request, limits.get(request.name)):
                yield Violation(resource, request.path, f"{message} for {owner}")


def _disorder(request: Amount, limit: Amount | None) -> str | None:
    rigid = request.name not in _STANDARD
    asked = quantity.read(request.value)
    if asked is None or UNKNOWN in (request.value, limit.value if limit else None):
        return None
    if limit is None:
        return f"requests {request.name} {request.value} without the equal limit that it needs" if rigid else None
    most = quantity.read(limit.value)
    if most is None or asked == most or (asked < most and not rigid):
        return None
    if asked < most:
        return f"requests {request.name} {request.value}, which must equal its limit of {limit.value},"
    return f"requests {request.name} {request.value}, more than its limit of {limit.value},"


ORDERED = Rule(
    code="FLT-RESOURCE-002",
    name="request-is-within-limit",
    title="A request is no larger than the limit",
    why="The API server refuses the workload: nothing can be promised that may not be used.",
    source=_SOURCE,
    remediation="Lower the request or raise the limit.",
    scope=Scope.RESOURCE,
    judge=_judge_order,
    kinds=POD_KINDS,
)


_LEAST_BYTES: Final = Fraction(2**20)
_MOST_BYTES: Final = Fraction(2**46)
_LEAST_CPU: Final = Fraction(1, 1000)
_MOST_CPU: Final = Fraction(100)
_BARE: Final = re.compile(r"[0-9]+m?", re.ASCII)


def _judge_sense(resource: Resource) -> Iterator[Violation]:
    places = [*_containers(resource), *_storage(resource)]
    for owner, found in places:
        for amount in found:
            number = None if amount.value is UNKNOWN else quantity.read(amount.value)
            if number is not None and number > 0 and (message := _absurdity(amount, number)):
                yield Violation(resource, amount.path, f"sets {amount.name} {amount.value} for {owner}, {message}")


def _absurdity(amount: Amount, number: Fraction) -> str | None:
    """Say why an amount is another than was meant; a request that is only odd passes."""
    written = str(amount.value).strip()
    if amount.name in _BYTES:
        meant = f"; {written.removesuffix('m')}Mi is meant" if _BARE.fullmatch(written) else ""
        if number.denominator != 1:
            return f"which is a fraction of a byte{meant}"
        if number < _LEAST_BYTES:
            return f"which is only {number} bytes{meant}"
        return "which is more than any machine has" if number > _MOST_BYTES and amount.name != "storage" else None
    if amount.name == "cpu" and number >= _MOST_CPU:
        return f"which is {float(number):g} whole cores" + (f"; {written}m is meant" if written.isdecimal() else "")
    if amount.name == "cpu" and number < _LEAST_CPU:
        return "which is less than a thousandth of a core"
    return None


SENSE = Rule(
    code="FLT-RESOURCE-003",
    name="quantity-has-the-unit-that-is-meant",
    title="Memory is counted in bytes and cpu in cores",
    why="A number without its unit is a few bytes, which kill the container, or more cores than any node has.",
    source=_SOURCE,
    remediation="Write memory with Mi or Gi (512Mi), and parts of a core with m (500m).",
    scope=Scope.RESOURCE,
    judge=_judge_sense,
    kinds=POD_KINDS | _CLAIM_KINDS,
)

RULES = (READABLE, ORDERED, SENSE)
