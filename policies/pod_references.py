"""What pods name: the ConfigMaps, Secrets, claims and accounts without which they do not start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from policies import references as roles
from policies.pods import Container, Pods
from policies.references import Reference, Role, to
from policies.resources import Resource
from policies.values import Path, at, each, mapping, scalar

_SOURCES: Final[tuple[tuple[str, Role], ...]] = (("configMap", roles.CONFIG_MAP), ("secret", roles.SECRET))
_FROM: Final[tuple[tuple[str, Role], ...]] = (("configMapRef", roles.CONFIG_MAP), ("secretRef", roles.SECRET))
_KEYS: Final[tuple[tuple[str, Role], ...]] = (("configMapKeyRef", roles.CONFIG_MAP), ("secretKeyRef", roles.SECRET))
_DRIVERS: Final = ("cephfs", "flexVolume", "iscsi", "rbd", "scaleIO", "storageos")


def references(pods: Pods) -> Iterator[Reference]:
    """Give everything that a pod template names and cannot do without; what is ``optional`` it can."""
    for container in pods.containers:
        yield from _of_container(container)
    base = (*pods.path, "spec")
    spec = mapping(pods.template, "spec")
    claimed = {scalar(one, "metadata", "name") for _, one in each(pods.resource.inputs, "spec", "volumeClaimTemplates")}
    for path, volume in each(spec, "volumes"):
        if scalar(volume, "name") in claimed:  # a StatefulSet puts its own claim in such a volume's place
            continue
        yield from _of_volume(pods.resource, (*base, *path), volume)
    for path, secret in each(spec, "imagePullSecrets"):
        yield to(pods.resource, (*base, *path, "name"), roles.OUTSIDE_SECRET, scalar(secret, "name"))
    account = "serviceAccountName" if spec.get("serviceAccountName") else "serviceAccount"
    for field, role in (
        (account, roles.ACCOUNT),
        ("priorityClassName", roles.PRIORITY_CLASS),
        ("runtimeClassName", roles.RUNTIME_CLASS),
    ):
        yield to(pods.resource, (*base, field), role, scalar(spec, field))


def _of_container(container: Container) -> Iterator[Reference]:
    for path, source in each(container.spec, "envFrom"):
        yield from _named(container.pod, (*container.path, *path), source, _FROM)
    for path, _, role, reference in key_references(container):
        if scalar(reference, "optional") is not True:
            yield to(container.pod, (*path, "name"), role, scalar(reference, "name"))


def key_references(container: Container) -> Iterator[tuple[Path, str, Role, dict[str, Any]]]:
    """Give every variable that is read from one key: path, the variable, ConfigMap or Secret, and the reference."""
    for path, variable in each(container.spec, "env"):
        for field, role in _KEYS:
            if reference := mapping(variable, "valueFrom", field):
                yield (*container.path, *path, "valueFrom", field), str(variable.get("name")), role, reference


def _named(
    owner: Resource, path: Path, holder: dict[str, Any], fields: tuple[tuple[str, Role], ...]
) -> Iterator[Reference]:
    for field, role in fields:
        found = mapping(holder, field)
        if found and scalar(found, "optional") is not True:
            name = "secretName" if field == "secret" and "secretName" in found else "name"
            yield to(owner, (*path, field, name), role, scalar(found, name))


def _of_volume(owner: Resource, path: Path, volume: dict[str, Any]) -> Iterator[Reference]:
    yield from _named(owner, path, volume, _SOURCES)
    for inner, source in each(volume, "projected", "sources"):
        yield from _named(owner, (*path, *inner), source, _SOURCES)
    single: tuple[tuple[Path, Role], ...] = (
        (("persistentVolumeClaim", "claimName"), roles.CLAIM),
        (("azureFile", "secretName"), roles.SECRET),
        (("csi", "nodePublishSecretRef", "name"), roles.SECRET),
        (("csi", "volumeAttributes", "secretProviderClass"), roles.PROVIDER_CLASS),
        (("ephemeral", "volumeClaimTemplate", "spec", "storageClassName"), roles.STORAGE_CLASS),
        *(((driver, "secretRef", "name"), roles.SECRET) for driver in _DRIVERS),
    )
    for field, role in single:
        if at(volume, *field) is not None:
            yield to(owner, (*path, *field), role, scalar(volume, *field))
