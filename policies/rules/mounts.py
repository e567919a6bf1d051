"""What a container mounts is a volume of its pod."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from policies.findings import Rule, Scope, Violation
from policies.pods import POD_KINDS, Pods, pods_of
from policies.resources import Resource
from policies.rules.controllers import is_partial
from policies.values import UNKNOWN, at, each, scalar


def _volumes(resource: Resource, pods: Pods) -> list[Any] | None:
    """Give the names of the pod's volumes, and those that a StatefulSet claims; None where they are not known."""
    lists = [at(pods.template, "spec", "volumes"), at(resource.inputs, "spec", "volumeClaimTemplates")]
    names = [scalar(volume, "name") for _, volume in each(pods.template, "spec", "volumes")]
    if resource.kind == "StatefulSet":
        names += [scalar(one, "metadata", "name") for _, one in each(resource.inputs, "spec", "volumeClaimTemplates")]
    items = [item for one in lists if isinstance(one, list) for item in one]
    return None if UNKNOWN in (*lists, *names, *items) else names


def _judge(resource: Resource) -> Iterator[Violation]:
    pods = pods_of(resource)
    volumes = _volumes(resource, pods) if pods and not is_partial(pods) else None
    for container in pods.containers if pods and volumes is not None else ():
        for field in ("volumeMounts", "volumeDevices"):
            for path, mount in each(container.spec, field):
                name = scalar(mount, "name")
                if isinstance(name, str) and name not in (volumes or ()):
                    offered = ", ".join(str(volume) for volume in volumes or () if volume) or "none"
                    message = f"container {container.name} mounts volume {name!r}, but the pod's volumes are {offered}"
                    yield Violation(resource, (*container.path, *path, "name"), message)


MOUNT: Final = Rule(
    code="FLT-REF-009",
    name="mount-has-volume",
    title="A container mounts volumes that its pod has",
    why="The API server refuses a pod that mounts a volume it does not declare.",
    source="https://kubernetes.io/docs/concepts/storage/volumes/",
    remediation="Name one of the pod's volumes, or declare the volume (a StatefulSet may claim it by template).",
    scope=Scope.RESOURCE,
    judge=_judge,
    kinds=POD_KINDS,
)


def _judge_measured(resource: Resource) -> Iterator[Violation]:
    pods = pods_of(resource)
    names = [scalar(container.spec, "name") for container in pods.containers] if pods else []
    if not pods or UNKNOWN in names or is_partial(pods):
        return
    for container in pods.containers:
        for path, variable in each(container.spec, "env"):
            named = scalar(variable, "valueFrom", "resourceFieldRef", "containerName")
            if isinstance(named, str) and named and named not in names:
                place = (*container.path, *path, "valueFrom", "resourceFieldRef", "containerName")
                offered = ", ".join(sorted(str(name) for name in names))
                yield Violation(resource, place, f"measures container {named!r}, but the pod has {offered}")


MEASURED: Final = Rule(
    code="FLT-REF-022",
    name="measured-container-is-in-the-pod",
    title="A variable that holds a container's resources names a container of its pod",
    why="The API server refuses a pod that measures a container it does not have.",
    source="https://kubernetes.io/docs/tasks/inject-data-application/environment-variable-expose-pod-information/",
    remediation="Name one of the pod's containers, or leave containerName out for the container itself.",
    scope=Scope.RESOURCE,
    judge=_judge_measured,
    kinds=POD_KINDS,
)

RULES = (MOUNT, MEASURED)
