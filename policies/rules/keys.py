"""The keys that pods read from a ConfigMap or Secret are in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from policies.findings import Rule, Scope, Violation
from policies.keys import keys_of
from policies.names import Names
from policies.objects import Objects
from policies.pod_references import key_references
from policies.pods import Container, Pods
from policies.references import place
from policies.units import meets
from policies.values import Path, each, mapping, scalar

_SOURCES: Final = (("configMap", "ConfigMap"), ("secret", "Secret"))


def _judge(objects: Objects) -> Iterator[Violation]:
    for pods in objects.pods:
        yield from _of_variables(objects, pods)
        volumes: dict[Any, tuple[str, frozenset[str]]] = {}
        for path, volume in each(pods.template, "spec", "volumes"):
            yield from _of_volume(objects, pods, (*pods.path, *path), volume)
            if (offered := _files(objects, pods, volume)) is not None:
                volumes[scalar(volume, "name")] = offered
        for container in pods.containers if volumes else ():
            yield from _of_mounts(container, volumes)


def _of_variables(objects: Objects, pods: Pods) -> Iterator[Violation]:
    for container in pods.containers:
        for path, variable, role, reference in key_references(container):
            if scalar(reference, "optional") is not True:
                name, key = scalar(reference, "name"), scalar(reference, "key")
                if message := _lacking(objects, pods, role.kind, name, key):
                    yield Violation(pods.resource, (*path, "key"), f"reads {variable} from {message}")


def _of_volume(objects: Objects, pods: Pods, path: Path, volume: dict[str, Any]) -> Iterator[Violation]:
    for holder_path, holder in (((), volume), *each(volume, "projected", "sources")):
        for field, kind in _SOURCES:
            source = mapping(holder, field)
            if scalar(source, "optional") is True:
                continue
            name = scalar(source, "secretName") or scalar(source, "name")
            for inner, item in each(source, "items"):
                if message := _lacking(objects, pods, kind, name, scalar(item, "key")):
                    yield Violation(pods.resource, (*path, *holder_path, field, *inner, "key"), f"mounts {message}")


def _lacking(objects: Objects, pods: Pods, kind: str, name: Any, key: Any) -> str | None:  # noqa: ANN401
    keys = _keys(objects, pods, kind, name)
    if keys is None or not isinstance(key, str) or not key or key in keys:
        return None
    return f"key {key!r} of {kind} {name}, which has {_shown(keys, key)}"


def _shown(keys: frozenset[str], wanted: str) -> str:
    names = Names()
    for key in sorted(keys):
        names.add(key)
    near = sorted({other for other, _ in names.like(wanted)})
    rest = [key for key in sorted(keys) if key not in near]
    shown = [*near, *rest][:4]
    return ", ".join(shown) + (" and others" if len(keys) > len(shown) else "")


def _keys(objects: Objects, pods: Pods, kind: str, name: Any) -> frozenset[str] | None:  # noqa: ANN401
    """Give every key that an object of this name has wherever it is written down; None where not all are known."""
    if not isinstance(name, str):
        return None
    where = place(pods.resource)
    found = [keys_of(one) for there, one in objects.inventory.entries.get((kind, name), ()) if meets(there, where)]
    known = [keys for keys in found if keys is not None]
    return frozenset().union(*known) if found and len(known) == len(found) else None


def _files(objects: Objects, pods: Pods, volume: dict[str, Any]) -> tuple[str, frozenset[str]] | None:
    """Give the files of a volume that is made of one ConfigMap or Secret, where they are known."""
    for field, kind in _SOURCES:
        source = mapping(volume, field)
        if not source or scalar(source, "optional") is True:
            continue
        name = scalar(source, "secretName") or scalar(source, "name")
        items = [scalar(item, "path") for _, item in each(source, "items")]
        files = frozenset(path for path in items if isinstance(path, str))
        known = files if items else _keys(objects, pods, kind, name)
        return None if known is None or len(files) != len(items) else (f"{kind} {name}", known)
    return None


def _of_mounts(container: Container, volumes: dict[Any, tuple[str, frozenset[str]]]) -> Iterator[Violation]:
    for path, mount in each(container.spec, "volumeMounts"):
        wanted, offered = scalar(mount, "subPath"), volumes.get(scalar(mount, "name"))
        if offered is None or not isinstance(wanted, str) or not wanted.strip("./"):
            continue
        source, files = offered
        file = wanted.removeprefix("./").strip("/")
        if not any(one == file or one.startswith(f"{file}/") for one in files):
            message = f"mounts file {wanted!r} of {source}, which has {_shown(files, file)}"
            yield Violation(container.pod, (*container.path, *path, "subPath"), message)


KEY: Final = Rule(
    code="FLT-REF-008",
    name="read-key-exists",
    title="A key that a pod reads is in its ConfigMap or Secret",
    why="A container that needs a missing key does not start, or finds an empty folder in place of its file.",
    source="https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/",
    remediation="Name a key that is there, add the key, or mark the reference optional.",
    scope=Scope.STACK,
    judge=_judge,
)

RULES = (KEY,)
