"""A Namespace that enforces a Pod Security Standard admits the pods that are planned for it; elsewhere it is advice."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Final

from policies import pss
from policies.findings import Level, Rule, Scope, Violation
from policies.objects import NAMESPACE_KINDS, Objects
from policies.pods import Pods
from policies.pss_baseline import privileges_of
from policies.pss_clauses import CONTEXT, Subject
from policies.resources import Resource
from policies.rules.pod_security import explicit_roots
from policies.values import UNKNOWN, Path, at

_PREFIX: Final = "pod-security.kubernetes.io/"
_ENFORCE: Final = f"{_PREFIX}enforce"
_MODES: Final = ("enforce", "audit", "warn")
_VERSION: Final = re.compile(r"latest|v1\.(0|[1-9][0-9]*)")


def _enforced(objects: Objects) -> dict[Any, tuple[str, int]]:
    """Give the level and minor version that each Namespace enforces, by its name."""
    found: dict[Any, tuple[str, int]] = {}
    for resource in objects.resources:
        level = resource.labels.get(_ENFORCE) if resource.is_a(NAMESPACE_KINDS) else None
        if level in pss.LEVELS:
            version = _VERSION.fullmatch(str(resource.labels.get(f"{_ENFORCE}-version", "latest")))
            minor = int(version[1]) if version and version[1] else pss.LATEST
            found[resource.physical_name] = str(level), minor
    return found


def _judge_admission(objects: Objects) -> Iterator[Violation]:
    enforced = _enforced(objects)
    for pods in objects.pods if enforced else ():
        level, minor = enforced.get(pods.resource.namespace, ("privileged", 0))
        if level != "privileged" and pods.resource.kind != "PodTemplate":
            yield from _refused(pods, level, minor)


def _refused(pods: Pods, level: str, minor: int) -> Iterator[Violation]:
    by = f"Namespace {pods.resource.namespace}, which enforces {level}"
    said = _reported(pods)
    for path, message in _grouped(pods, [one for one in pss.breaches(pods, level, minor) if one.path not in said]):
        yield Violation(pods.resource, path, f"is refused by {by}: it {message}")


def _reported(pods: Pods) -> set[Path]:
    """Give the fields that the rules over a single resource find wrong, wherever the pod lives."""
    return {breach.path for breach in pss.breaches(pods, "baseline")} | set(explicit_roots(pods))


def _grouped(pods: Pods, breaches: Iterable[pss.Breach]) -> Iterator[tuple[Path, str]]:
    """Give one message for all that a container leaves out, and one for each field that says something wrong."""
    missing: dict[Path, list[str]] = defaultdict(list)
    for breach in breaches:
        if breach.wanted and breach.container:
            missing[breach.container.path].append(breach.wanted)
        elif not breach.wanted:
            yield breach.path, breach.message
    for container in pods.containers:
        if container.path in missing and not privileges_of(container):
            context = isinstance(container.spec.get(CONTEXT), dict)
            path = (*container.path, CONTEXT) if context else container.path
            yield path, f"leaves container {container.name} without {', '.join(missing[container.path])}"


ADMITTED = Rule(
    code="FLT-SECURITY-007",
    name="namespace-admits-its-pods",
    title="A pod keeps the Pod Security Standard that its Namespace enforces",
    why="The Deployment is accepted and its pods are not: none ever starts, and only the ReplicaSet's events say why.",
    source="https://kubernetes.io/docs/concepts/security/pod-security-admission/",
    remediation="Write the missing fields into the container's securityContext; do not lower the Namespace's level.",
    scope=Scope.STACK,
    judge=_judge_admission,
)


def _judge_labels(resource: Resource) -> Iterator[Violation]:
    for key, value in resource.labels.items():
        if not key.startswith(_PREFIX) or value is UNKNOWN:
            continue
        path, name = ("metadata", "labels", key), key.removeprefix(_PREFIX)
        if name in _MODES:
            if value not in pss.LEVELS:
                yield Violation(resource, path, f"sets {name} to {value!r}, which is none of {', '.join(pss.LEVELS)}")
        elif name.removesuffix("-version") not in _MODES:
            yield Violation(resource, path, f"has the label {key}, which Pod Security admission does not read")
        elif not (isinstance(value, str) and _VERSION.fullmatch(value)):
            yield Violation(resource, path, f"sets {name} to {value!r}, which is neither latest nor such as v1.36")


LABELS = Rule(
    code="FLT-SECURITY-008",
    name="pod-security-labels-are-read",
    title="A Namespace's Pod Security labels are ones that admission understands",
    why="The API server refuses a Namespace with a wrong level, and a label of another name enforces nothing.",
    source="https://kubernetes.io/docs/concepts/security/pod-security-admission/#pod-security-admission-labels-for-namespaces",
    remediation="Use enforce, audit or warn with privileged, baseline or restricted, and -version with latest or v1.N.",
    scope=Scope.RESOURCE,
    judge=_judge_labels,
    kinds=NAMESPACE_KINDS,
)


def _judge_hardening(objects: Objects) -> Iterator[Violation]:
    enforced = _enforced(objects)
    for pods in objects.pods:
        level, _ = enforced.get(pods.resource.namespace, ("privileged", 0))
        strict = [] if level == "restricted" and pods.resource.kind != "PodTemplate" else _unreported(pods)
        for path, message in _grouped(pods, [*strict, *_writable(pods, strict)]):
            yield Violation(pods.resource, path, message)


def _unreported(pods: Pods) -> list[pss.Breach]:
    said = _reported(pods)
    return [breach for breach in pss.breaches(pods, "restricted") if breach.path not in said]


def _writable(pods: Pods, strict: list[pss.Breach]) -> Iterator[pss.Breach]:
    """Give the containers whose own files can be changed, where something else is to be added anyway.

    It is no clause of the Standards: a pod that keeps the profile "restricted" is right without it.
    """
    lacking = {breach.container.name for breach in strict if breach.container is not None}
    for container in pods.containers if not Subject(pods, pss.LATEST).is_windows else ():
        if container.name in lacking and at(container.spec, CONTEXT, "readOnlyRootFilesystem") in (None, False):
            yield pss.Breach(container.path, "", container, "readOnlyRootFilesystem: true")


HARDENED = Rule(
    code="FLT-SECURITY-009",
    name="hardening-is-stated",
    title="Every container says that it runs without root, rights, system calls and files that it does not need",
    why="What is left out is decided by the image and the runtime: mostly root, with a writable file system.",
    source="https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted",
    remediation="Add the fields to the container's securityContext; what holds for all may stand at the pod.",
    scope=Scope.STACK,
    judge=_judge_hardening,
    level=Level.ADVISORY,
)

RULES = (ADMITTED, LABELS, HARDENED)
