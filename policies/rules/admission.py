"""A Namespace that enforces a Pod Security Standard admits the pods that are planned for it; elsewhere it is advice."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from policies import pss
from policies.findings import Level, Rule, Scope, Violation
from policies.objects import NAMESPACE_KINDS, Objects
from policies.pods import Container, Pods
from policies.pss_baseline import privileges_of
from policies.pss_clauses import CONTEXT, Subject
from policies.resources import Resource
from policies.rules.pod_security import explicit_roots
from policies.values import UNKNOWN, Path, at

_PREFIX: Final = "pod-security.kubernetes.io/"
_ENFORCE: Final = f"{_PREFIX}enforce"
_MODES: Final = ("enforce", "audit", "warn")
_VERSION: Final = re.compile(r"latest|v1\.(0|[1-9][0-9]*)")
_FOUND_ELSEWHERE: Final = frozenset(clause.check for clause in pss.BASELINE) | {
    "seccompProfile_restricted",
    "procMount_restricted",
}
"""Checks whose wrong values the rules over a single resource find, wherever the pod lives."""


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
    said = explicit_roots(pods)
    reasons: dict[Path, list[str]] = defaultdict(list)
    for breach in pss.breaches(pods, level, minor):
        reported = breach.path in said or (breach.check in _FOUND_ELSEWHERE and not breach.wanted)
        known = breach.check != "procMount_restricted" or not Subject(pods, pss.LATEST).has_own_users
        if not (reported and known):
            reasons[_place(breach)].append(breach.message)
    for path, messages in reasons.items():
        text = "; ".join(dict.fromkeys(messages))
        by = f"Namespace {pods.resource.namespace}, which enforces {level}"
        yield Violation(pods.resource, path, f"is refused by {by}: it {text}")


def _place(breach: pss.Breach) -> Path:
    """One finding a container: at its security context, where all of it is written."""
    if breach.container is None:
        return breach.path
    context = at(breach.container.spec, CONTEXT)
    return (*breach.container.path, CONTEXT) if isinstance(context, dict) else breach.container.path


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
        yield from _unstated(pods, refused=level == "restricted" and pods.resource.kind != "PodTemplate")


def _unstated(pods: Pods, *, refused: bool) -> Iterator[Violation]:
    missing: dict[Path, list[str]] = defaultdict(list)
    said = explicit_roots(pods)
    containers = {container.path: container for container in pods.containers if not privileges_of(container)}
    for breach in () if refused else pss.breaches(pods, "restricted"):
        if breach.wanted:
            if breach.container and breach.container.path in containers:
                missing[breach.container.path].append(breach.wanted)
        elif breach.path not in said and _is_advice(breach):
            yield Violation(pods.resource, breach.path, f"{breach.message}, which the level restricted forbids")
    if not Subject(pods, pss.LATEST).is_windows:
        for path, container in containers.items():
            if at(container.spec, CONTEXT, "readOnlyRootFilesystem") in (None, False):
                missing[path].append("readOnlyRootFilesystem: true")
    for path, fields in missing.items():
        yield _without(pods, containers[path], fields)


def _is_advice(breach: pss.Breach) -> bool:
    if breach.check == "capabilities_restricted":
        return not any(pss.is_beyond_baseline(breach))
    return breach.check in {"restrictedVolumes"} and "hostPath" not in breach.message


def _without(pods: Pods, container: Container, fields: list[str]) -> Violation:
    context = isinstance(container.spec.get(CONTEXT), dict)
    path = (*container.path, CONTEXT) if context else container.path
    return Violation(pods.resource, path, f"leaves container {container.name} without {', '.join(fields)}")


HARDENED = Rule(
    code="FLT-SECURITY-009",
    name="hardening-is-stated",
    title="Every container says that it runs without root, rights, system calls and files that it does not need",
    why="What is left out is decided by the image and the runtime: mostly root, with a writable file system.",
    source="https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted",
    remediation="Add the fields to the container's securityContext; the first and the seccompProfile may stand at the pod.",
    scope=Scope.STACK,
    judge=_judge_hardening,
    level=Level.ADVISORY,
)

RULES = (ADMITTED, LABELS, HARDENED)
