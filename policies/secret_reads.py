"""Secrets and the pods that read them: every way in which a value gets into a container."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from policies.credentials.shapes import decoded
from policies.pods import Pods
from policies.resources import Resource
from policies.values import Path, each, mapping, scalar

SECRET_KINDS: Final = {"Secret": frozenset({""})}
_MADE: Final = {"SealedSecret": frozenset({"bitnami.com"}), "ExternalSecret": frozenset({"external-secrets.io"})}
"""Kinds that a controller makes a Secret of, and where they say its name and labels."""
SEALED_TEMPLATE: Final[Path] = ("spec", "template", "metadata")
EXTERNAL_TARGET: Final[Path] = ("spec", "target")


@dataclass(frozen=True, slots=True)
class SecretRead:
    """A place in a pod template that reads a Secret by name."""

    pods: Pods
    name: str
    path: Path
    where: str


def reads(pods: Pods) -> Iterator[SecretRead]:
    """Give every read of a Secret: variables, whole environments, volumes; the kubelet's own pull secrets are none."""
    for container in pods.containers:
        for path, variable in each(container.spec, "env"):
            name = scalar(variable, "valueFrom", "secretKeyRef", "name")
            if isinstance(name, str):
                full = (*container.path, *path, "valueFrom", "secretKeyRef", "name")
                yield SecretRead(pods, name, full, f"in a variable of container {container.name}")
        for path, source in each(container.spec, "envFrom"):
            if isinstance(name := scalar(source, "secretRef", "name"), str):
                full = (*container.path, *path, "secretRef", "name")
                yield SecretRead(pods, name, full, f"as environment of container {container.name}")
    for path, volume in each(pods.template, "spec", "volumes"):
        for inner, name in _volume(volume):
            yield SecretRead(pods, name, (*pods.path, *path, *inner), f"in volume {volume.get('name')}")


def _volume(volume: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    if isinstance(name := scalar(volume, "secret", "secretName"), str):
        yield ("secret", "secretName"), name
    for path, source in each(volume, "projected", "sources"):
        if isinstance(name := scalar(source, "secret", "name"), str):
            yield (*path, "secret", "name"), name


def made_secret(resource: Resource) -> tuple[Any, dict[str, Any]] | None:
    """Give name and labels of the Secret that a resource is, or that a controller makes of it."""
    if resource.is_a(SECRET_KINDS):
        return resource.physical_name, resource.labels
    if not resource.is_a(_MADE):
        return None
    if resource.kind == "SealedSecret":
        template = mapping(resource.inputs, *SEALED_TEMPLATE)
        return template.get("name") or resource.physical_name, mapping(template, "labels")
    target = mapping(resource.inputs, *EXTERNAL_TARGET)
    return target.get("name") or resource.physical_name, mapping(target, "template", "metadata", "labels")


def known_values(resource: Resource) -> Iterator[tuple[Path, str, str]]:
    """Give the values of a Secret that are known, as plain text: path, key and value."""
    for field in ("data", "stringData"):
        for key, written in mapping(resource.inputs, field).items():
            value = decoded(written) if field == "data" and isinstance(written, str) else written
            if isinstance(value, str):
                yield (field, key), key, value
