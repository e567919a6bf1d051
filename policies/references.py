"""What names what: every reference from one object to another, with what it takes to call its target missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from policies.resources import Resource
from policies.values import Path

PODS: Final = "pods"
"""Stands beside the kinds for anything that makes pods which serve."""


class Concern(StrEnum):
    """What breaks when the target is not there: one rule each."""

    BACKEND = "backend"
    TRAEFIK = "traefik"
    SCALE = "scale"
    GOVERNING = "governing"
    READS = "reads"
    RBAC = "rbac"
    PARENT = "parent"
    CLUSTER = "cluster"


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """How one object names another of ``kind``, in words (``verb``), and when its absence tells (``policies.world``).

    ``brought_with``: sets of kinds; where the input holds all of one set, an application's own targets are there too.
    ``listed``: a file that holds others of the kind holds all that it names.
    ``orphan_tells``: a target that nobody names, beside a reference to none, is the one that was meant.
    ``doubted``: other targets of the kind make the absence worth an advice. ``use`` parts uses of one kind from each
    other: that pods run as a ServiceAccount makes it no subject of a binding.
    """

    concern: Concern
    kind: str
    verb: str
    brought_with: tuple[frozenset[str], ...] = ()
    listed: bool = False
    orphan_tells: bool = False
    doubted: bool = False
    namespaced: bool = True
    use: str = ""
    known: frozenset[str] = frozenset()


_APPLICATION: Final = frozenset({"Service", PODS})


def _traefik(kind: str, verb: str) -> Role:
    brought = (frozenset({kind}), _APPLICATION)
    return Role(concern=Concern.TRAEFIK, kind=kind, verb=verb, brought_with=brought, known=frozenset({"default"}))


def _cluster(kind: str, verb: str, *known: str) -> Role:
    return Role(concern=Concern.CLUSTER, kind=kind, verb=verb, namespaced=False, known=frozenset(known))


BACKEND: Final = Role(
    concern=Concern.BACKEND,
    kind="Service",
    verb="sends requests to",
    brought_with=(_APPLICATION,),
    listed=True,
    doubted=True,
    known=frozenset({"kubernetes"}),
)
SPLIT: Final = Role(
    concern=Concern.BACKEND,
    kind="TraefikService",
    verb="sends requests to",
    brought_with=(frozenset({"TraefikService"}), _APPLICATION),
)
MIDDLEWARE: Final = _traefik("Middleware", "goes through")
MIDDLEWARE_TCP: Final = _traefik("MiddlewareTCP", "goes through")
TLS_OPTION: Final = _traefik("TLSOption", "takes its TLS options from")
TRANSPORT: Final = _traefik("ServersTransport", "reaches its servers by")
TRANSPORT_TCP: Final = _traefik("ServersTransportTCP", "reaches its servers by")
SCALED: Final = Role(concern=Concern.SCALE, kind="Deployment", verb="scales", brought_with=(frozenset({PODS}),))
SIZED: Final = Role(concern=Concern.SCALE, kind="Deployment", verb="sizes", brought_with=(frozenset({PODS}),))
GOVERNING: Final = Role(
    concern=Concern.GOVERNING,
    kind="Service",
    verb="takes its pods' DNS names from",
    brought_with=(frozenset({"Service"}),),
    use="governing",
)
CONFIG_MAP: Final = Role(
    concern=Concern.READS,
    kind="ConfigMap",
    verb="reads",
    orphan_tells=True,
    doubted=True,
    known=frozenset({"kube-root-ca.crt", "openshift-service-ca.crt", "istio-ca-root-cert"}),
)
SECRET: Final = Role(concern=Concern.READS, kind="Secret", verb="reads", doubted=True)
OUTSIDE_SECRET: Final = Role(concern=Concern.READS, kind="Secret", verb="reads")
"""A Secret that somebody else makes as a rule: certificates, passwords of registries."""
ACCOUNT: Final = Role(
    concern=Concern.READS,
    kind="ServiceAccount",
    verb="runs as",
    orphan_tells=True,
    doubted=True,
    known=frozenset({"default"}),
)
CLAIM: Final = Role(concern=Concern.READS, kind="PersistentVolumeClaim", verb="mounts", orphan_tells=True, doubted=True)
PROVIDER_CLASS: Final = Role(concern=Concern.READS, kind="SecretProviderClass", verb="mounts")
SECRET_STORE: Final = Role(concern=Concern.READS, kind="SecretStore", verb="fetches from", orphan_tells=True)
TRIGGER_AUTHENTICATION: Final = Role(
    concern=Concern.READS, kind="TriggerAuthentication", verb="authenticates by", orphan_tells=True
)
ISSUER: Final = Role(concern=Concern.READS, kind="Issuer", verb="is issued by", orphan_tells=True)
VOLUME: Final = Role(
    concern=Concern.READS, kind="PersistentVolume", verb="binds to", orphan_tells=True, namespaced=False
)
SUBJECT: Final = Role(
    concern=Concern.RBAC,
    kind="ServiceAccount",
    verb="grants rights to",
    orphan_tells=True,
    doubted=True,
    use="subject",
    known=frozenset({"default"}),
)
ROLE: Final = Role(
    concern=Concern.RBAC,
    kind="Role",
    verb="grants",
    brought_with=(frozenset({"Role"}),),
    known=frozenset({"extension-apiserver-authentication-reader"}),
)
CLUSTER_ROLE: Final = Role(
    concern=Concern.RBAC,
    kind="ClusterRole",
    verb="grants",
    orphan_tells=True,
    doubted=True,
    namespaced=False,
    known=frozenset({"admin", "cluster-admin", "edit", "view"}),
)
GATEWAY: Final = Role(concern=Concern.PARENT, kind="Gateway", verb="attaches to", orphan_tells=True, doubted=True)
STORAGE_CLASS: Final = _cluster("StorageClass", "asks for storage of")
PRIORITY_CLASS: Final = _cluster("PriorityClass", "runs at", "system-node-critical", "system-cluster-critical")
RUNTIME_CLASS: Final = _cluster("RuntimeClass", "runs under")
INGRESS_CLASS: Final = _cluster("IngressClass", "is served by")
GATEWAY_CLASS: Final = _cluster("GatewayClass", "is served by")
CLUSTER_ISSUER: Final = _cluster("ClusterIssuer", "is issued by")
CLUSTER_STORE: Final = _cluster("ClusterSecretStore", "fetches from")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One object's naming of another. ``namespace`` is None where neither the reference nor its owner gives one.

    ``aliases`` are other (namespace, name) readings of a text that can be split in several ways.
    """

    owner: Resource
    path: Path
    role: Role
    kind: str
    namespace: Any
    name: Any
    aliases: tuple[tuple[str, str], ...] = ()


Extract = Callable[[Resource], Iterator[Reference]]


def place(resource: Resource) -> Any:  # noqa: ANN401  (may be unknown)
    """Give the namespace that an object names itself; None when it leaves that to whoever applies it."""
    return resource.place


def to(
    owner: Resource,
    path: Path,
    role: Role,
    name: Any,  # noqa: ANN401
    *,
    namespace: Any = None,  # noqa: ANN401
    kind: str = "",
) -> Reference:
    """Make a reference: into the owner's own namespace unless another is given."""
    target = (namespace or place(owner)) if role.namespaced else None
    return Reference(owner=owner, path=path, role=role, kind=kind or role.kind, namespace=target, name=name)
