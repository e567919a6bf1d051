"""What every other object names, and the one walk over all references."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

from policies import gateways, pod_references, route_references
from policies import references as roles
from policies.ingresses import INGRESS_KINDS
from policies.pods import pods_of
from policies.references import Extract, Reference, Role, to
from policies.resources import Resource
from policies.services import SERVICE_KINDS
from policies.values import Path, each, mapping, scalar

_AUTOSCALING = frozenset({"autoscaling"})
_RBAC = frozenset({"rbac.authorization.k8s.io"})
_CORE = frozenset({""})
_ADMISSION = frozenset({"admissionregistration.k8s.io"})
_SYSTEM: Final = "system:"
_TOKEN_OF: Final = "kubernetes.io/service-account.name"  # noqa: S105  (an annotation)
_WORKLOADS: Final = frozenset({None, "Deployment", "StatefulSet", "ReplicaSet", "ReplicationController", "DaemonSet"})


def _scaled(resource: Resource, path: Path, role: Role) -> Iterator[Reference]:
    target = mapping(resource.inputs, *path)
    kind = scalar(target, "kind")
    if target and (kind is None or isinstance(kind, str)):
        own = role if kind in _WORKLOADS else replace(role, brought_with=(frozenset({str(kind)}),))
        yield to(resource, (*path, "name"), own, scalar(target, "name"), kind=kind or role.kind)


def _of_autoscaler(resource: Resource) -> Iterator[Reference]:
    yield from _scaled(resource, ("spec", "scaleTargetRef"), roles.SCALED)
    for path, trigger in each(resource.inputs, "spec", "triggers"):
        reference = mapping(trigger, "authenticationRef")
        if reference and scalar(reference, "kind") in (None, "TriggerAuthentication"):
            yield to(
                resource, (*path, "authenticationRef", "name"), roles.TRIGGER_AUTHENTICATION, scalar(reference, "name")
            )


def _of_vertical_autoscaler(resource: Resource) -> Iterator[Reference]:
    yield from _scaled(resource, ("spec", "targetRef"), roles.SIZED)


def _of_binding(resource: Resource) -> Iterator[Reference]:
    everywhere = resource.kind == "ClusterRoleBinding"
    granted = mapping(resource.inputs, "roleRef")
    name, is_role = scalar(granted, "name"), scalar(granted, "kind") == "Role"
    system = isinstance(name, str) and name.startswith(_SYSTEM)
    if not system and not (everywhere and is_role):
        yield to(resource, ("roleRef", "name"), roles.ROLE if is_role else roles.CLUSTER_ROLE, name)
    for path, subject in each(resource.inputs, "subjects"):
        namespace = scalar(subject, "namespace")
        if scalar(subject, "kind") == "ServiceAccount" and (namespace or not everywhere):
            yield to(resource, (*path, "name"), roles.SUBJECT, scalar(subject, "name"), namespace=namespace)


def _of_account(resource: Resource) -> Iterator[Reference]:
    for path, secret in each(resource.inputs, "imagePullSecrets"):
        yield to(resource, (*path, "name"), roles.OUTSIDE_SECRET, scalar(secret, "name"))


def _of_claim(resource: Resource) -> Iterator[Reference]:
    for field, role in (("storageClassName", roles.STORAGE_CLASS), ("volumeName", roles.VOLUME)):
        yield to(resource, ("spec", field), role, scalar(resource.inputs, "spec", field))


def _of_set(resource: Resource) -> Iterator[Reference]:
    yield to(resource, ("spec", "serviceName"), roles.GOVERNING, scalar(resource.inputs, "spec", "serviceName"))
    for path, template in each(resource.inputs, "spec", "volumeClaimTemplates"):
        field: Path = ("spec", "storageClassName")
        yield to(resource, (*path, *field), roles.STORAGE_CLASS, scalar(template, *field))


def _of_certificate(resource: Resource) -> Iterator[Reference]:
    issuer = mapping(resource.inputs, "spec", "issuerRef")
    if scalar(issuer, "group") in (None, "", "cert-manager.io"):
        role = roles.CLUSTER_ISSUER if scalar(issuer, "kind") == "ClusterIssuer" else roles.ISSUER
        yield to(resource, ("spec", "issuerRef", "name"), role, scalar(issuer, "name"))


def _of_external_secret(resource: Resource) -> Iterator[Reference]:
    store = mapping(resource.inputs, "spec", "secretStoreRef")
    role = roles.CLUSTER_STORE if scalar(store, "kind") == "ClusterSecretStore" else roles.SECRET_STORE
    yield to(resource, ("spec", "secretStoreRef", "name"), role, scalar(store, "name"))


def _of_webhooks(resource: Resource) -> Iterator[Reference]:
    for path, webhook in each(resource.inputs, "webhooks"):
        yield from _called(resource, (*path, "clientConfig", "service"), mapping(webhook, "clientConfig", "service"))


def _of_api_service(resource: Resource) -> Iterator[Reference]:
    yield from _called(resource, ("spec", "service"), mapping(resource.inputs, "spec", "service"))


def _called(resource: Resource, path: Path, service: dict[str, Any]) -> Iterator[Reference]:
    if service:
        namespace = scalar(service, "namespace")
        yield to(resource, (*path, "name"), roles.BACKEND, scalar(service, "name"), namespace=namespace)


def _of_token(resource: Resource) -> Iterator[Reference]:
    """Give the account whose token a Secret holds; without it the Secret is deleted at once."""
    if scalar(resource.inputs, "type") == "kubernetes.io/service-account-token":
        name = resource.annotations.get(_TOKEN_OF)
        yield to(resource, ("metadata", "annotations", _TOKEN_OF), roles.ACCOUNT, name)


_BY_KIND: Final[tuple[tuple[dict[str, frozenset[str]], Extract], ...]] = (
    (INGRESS_KINDS, route_references.of_ingress),
    (SERVICE_KINDS, route_references.annotated),
    (route_references.TRAEFIK_KINDS, route_references.of_traefik),
    (gateways.GATEWAY_KINDS, route_references.of_gateway),
    (gateways.ROUTE_KINDS, route_references.of_gateway_route),
    ({"HorizontalPodAutoscaler": _AUTOSCALING, "ScaledObject": frozenset({"keda.sh"})}, _of_autoscaler),
    ({"VerticalPodAutoscaler": frozenset({"autoscaling.k8s.io"})}, _of_vertical_autoscaler),
    ({"RoleBinding": _RBAC, "ClusterRoleBinding": _RBAC}, _of_binding),
    ({"ServiceAccount": _CORE}, _of_account),
    ({"Secret": _CORE}, _of_token),
    (dict.fromkeys(("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"), _ADMISSION), _of_webhooks),
    ({"APIService": frozenset({"apiregistration.k8s.io"})}, _of_api_service),
    ({"PersistentVolumeClaim": _CORE}, _of_claim),
    ({"StatefulSet": frozenset({"apps"})}, _of_set),
    ({"Certificate": frozenset({"cert-manager.io"})}, _of_certificate),
    ({"ExternalSecret": frozenset({"external-secrets.io"})}, _of_external_secret),
)
_EXTRACTS: Final = {
    kind: [(groups[kind], extract) for groups, extract in _BY_KIND if kind in groups]
    for kind in {kind for groups, _ in _BY_KIND for kind in groups}
}
"""The same, by kind."""


def references(resources: Iterable[Resource]) -> Iterator[Reference]:
    """Give every reference of every resource that has a name in it to look up."""
    for resource in resources:
        for reference in _of(resource):
            if is_judged(reference):
                yield reference


def _of(resource: Resource) -> Iterator[Reference]:
    pods = pods_of(resource)
    if pods:
        yield from pod_references.references(pods)
    for groups, extract in _EXTRACTS.get(resource.kind, ()):
        if resource.api[0] in groups:
            yield from extract(resource)


def is_judged(reference: Reference) -> bool:
    """Say whether a reference names something that one can look for: no unknown, no other provider's, no built-in."""
    name: Any = reference.name
    if not isinstance(name, str) or not name or "@" in name or name in reference.role.known:
        return False
    return "$" not in name and "{{" not in name
