"""Objects that controllers make out of others: a Certificate its Secret, a StatefulSet its claims."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from policies.ingresses import INGRESS_KINDS
from policies.references import place
from policies.resources import KUBERNETES, Resource
from policies.values import Path, at, each, scalar

Made = tuple[str, Any, Any]
"""A kind, a name and a namespace (None for any)."""

_NAMED_LIKE_ITSELF: Final = {
    "SealedSecret": "Secret",
    "OnePasswordItem": "Secret",
    "VaultSecret": "Secret",
    "DataVolume": "PersistentVolumeClaim",
}
_NAMED_AT: Final[dict[str, tuple[Path, ...]]] = {
    "Certificate": (("spec", "secretName"),),
    "SealedSecret": (("spec", "template", "metadata", "name"),),
    "Issuer": (("spec", "acme", "privateKeySecretRef", "name"),),
    "ClusterIssuer": (("spec", "acme", "privateKeySecretRef", "name"),),
    "VaultStaticSecret": (("spec", "destination", "name"),),
    "VaultDynamicSecret": (("spec", "destination", "name"),),
    "VaultPKISecret": (("spec", "destination", "name"),),
    "InfisicalSecret": (("spec", "managedSecretReference", "secretName"),),
    "DopplerSecret": (("spec", "managedSecret", "name"),),
    "BitwardenSecret": (("spec", "secretName"),),
    "AzureKeyVaultSecret": (("spec", "output", "secret", "name"),),
}
_LISTED_AT: Final[dict[str, tuple[Path, str, str]]] = {
    "SecretProviderClass": (("spec", "secretObjects"), "secretName", "Secret"),
    "SopsSecret": (("spec", "secretTemplates"), "name", "Secret"),
}
_GENERATORS: Final = (("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret"))
_CERTIFIED: Final = ("cert-manager.io/", "certmanager.k8s.io/", "kubernetes.io/tls-acme")
_MOST_REPLICAS: Final = 100

BRINGERS: Final = frozenset({"HelmRelease", "HelmChart", "Application", "ApplicationSet", "App", "Release"})
"""Kinds that stand for whole sets of objects, none of which is in the input."""
_TARGETS: Final[tuple[Path, ...]] = (
    ("metadata", "namespace"),
    ("namespace",),
    ("spec", "targetNamespace"),
    ("spec", "destination", "namespace"),
    ("spec", "template", "spec", "destination", "namespace"),
)


def made_by(resource: Resource) -> Iterator[Made]:
    """Give the objects that will be there because this one is."""
    kind, own = resource.kind, place(resource)
    if kind in _NAMED_LIKE_ITSELF:
        yield _NAMED_LIKE_ITSELF[kind], resource.physical_name, own
    for path in _NAMED_AT.get(kind, ()):
        yield "Secret", scalar(resource.inputs, *path), None if kind == "ClusterIssuer" else own
    if kind in _LISTED_AT:
        path, field, target = _LISTED_AT[kind]
        yield from ((target, scalar(one, field), own) for _, one in each(resource.inputs, *path))
    if kind == "StatefulSet":
        yield from _claims(resource)
    else:
        yield from _copied(resource)
    if any(key.startswith(_CERTIFIED) for key in resource.annotations):
        yield from _certificates(resource)


def _copied(resource: Resource) -> Iterator[Made]:
    """Give what is fetched, generated or distributed to namespaces."""
    inputs, own = resource.inputs, resource.physical_name
    if resource.kind == "ExternalSecret":
        yield "Secret", scalar(inputs, "spec", "target", "name") or own, place(resource)
    elif resource.kind == "ClusterExternalSecret":
        yield "Secret", scalar(inputs, "spec", "externalSecretName") or own, None
    elif resource.kind == "Bundle":
        yield "ConfigMap", own, None
    elif resource.kind == "Kustomization":
        for field, target in _GENERATORS:
            yield from ((target, scalar(one, "name"), None) for _, one in each(inputs, field))


def _claims(resource: Resource) -> Iterator[Made]:
    written = scalar(resource.inputs, "spec", "replicas")
    replicas = min(written, _MOST_REPLICAS) if isinstance(written, int) else 1
    for _, template in each(resource.inputs, "spec", "volumeClaimTemplates"):
        for ordinal in range(replicas):
            name = f"{scalar(template, 'metadata', 'name')}-{resource.physical_name}-{ordinal}"
            yield "PersistentVolumeClaim", name, place(resource)


def _certificates(resource: Resource) -> Iterator[Made]:
    """Give the Secrets of an annotated Ingress or Gateway."""
    if resource.is_a(INGRESS_KINDS):
        for _, entry in each(resource.inputs, "spec", "tls"):
            yield "Secret", scalar(entry, "secretName"), place(resource)
    for _, listener in each(resource.inputs, "spec", "listeners"):
        for _, reference in each(listener, "tls", "certificateRefs"):
            yield "Secret", scalar(reference, "name"), scalar(reference, "namespace") or place(resource)


def brought_into(resource: Resource) -> Iterator[Any]:
    """Give the namespaces that get objects nobody sees here: those of a chart's or an application's record."""
    flux = resource.kind == "Kustomization" and resource.api[0] == "kustomize.toolkit.fluxcd.io"
    if resource.type.startswith(KUBERNETES) and (resource.kind in BRINGERS or flux):
        found = [scalar(resource.inputs, *path) for path in _TARGETS if at(resource.inputs, *path) is not None]
        yield from found or [None]
