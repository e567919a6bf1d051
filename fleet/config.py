"""What may be written under ``flotilla:fleet`` in a stack file.

Every key here is documented by its docstring, from which the checked-in JSON Schema is made. No default depends on a
stack's name. Secrets stay outside, so that all of this may be printed.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from fleet.config_storage import DatabaseConfig, EdgeConfig
from fleet.config_workloads import CanaryConfig, CheckoutConfig, StorefrontConfig, Variant
from fleet.fields import (
    DomainTemplate,
    Duration,
    Generation,
    LabelKey,
    LabelValue,
    Name,
    NamespaceTemplate,
    ObjectName,
    OneOf,
    RegistryPrefix,
    Section,
)

Purpose = Literal["production", "test", "disposable"]


class ClusterConfig(Section):
    """Which cluster the stack runs on."""

    context: str = Field(min_length=1)
    """The kube context; ``flotilla up`` refuses another cluster than the one the stack last ran on."""
    adopt: bool = False
    """Take over objects of the same name that exist already, instead of failing on them (docs/adopt.md)."""


class LoginConfig(Section):
    """A registry login, whose password is the Pulumi secret ``flotilla:registryPassword``."""

    username: str = Field(min_length=1)
    """The user the cluster pulls images as."""


class RegistryConfig(Section):
    """Where images come from."""

    prefix: RegistryPrefix
    """Stands in front of every image that names no registry host itself."""
    pull_secrets: tuple[ObjectName, ...] = ()
    """Pull secrets that exist in the namespace already."""
    login: LoginConfig | None = None
    """Makes a pull secret from a username here and a Pulumi secret."""


class IssuerConfig(Section):
    """A cert-manager issuer."""

    name: ObjectName
    """The issuer's name."""
    kind: Literal["Issuer", "ClusterIssuer"] = "ClusterIssuer"
    """Whether the issuer lives in the fleet's namespace or serves the whole cluster."""


class CertificatesConfig(OneOf):
    """Where TLS certificates come from: exactly one of the three."""

    secret: ObjectName | None = None
    """An existing Secret of type kubernetes.io/tls whose certificate covers every host."""
    issuer: IssuerConfig | None = None
    """A cert-manager issuer, asked for one certificate per host."""
    resolver: Name | None = None
    """A certificate resolver of Traefik itself."""


class MonitoringConfig(Section):
    """What the Prometheus operator is told."""

    interval: Duration = "15s"
    """How often pods are scraped (systems.md E)."""
    namespace: ObjectName = "monitoring"
    """Where Prometheus runs: it alone may reach the metrics."""
    labels: Annotated[dict[LabelKey, LabelValue], Field(default_factory=dict)]
    """Labels that the Prometheus selects its ServiceMonitors by."""


class TraefikConfig(Section):
    """The Traefik that serves the fleet."""

    namespace: ObjectName = "traefik"
    """Where it runs: it alone may reach the pods."""
    web: Name = "web"
    """The entry point for HTTP."""
    websecure: Name = "websecure"
    """The entry point for HTTPS."""


class GenerationsConfig(Section):
    """Raise a number to rotate the secret: Flotilla makes or takes a new value and rolls the pods that read it."""

    stripe: Generation = 1
    """Of the Stripe key and webhook secret."""
    database: Generation = 1
    """Of the database password. Raise it by one at a time: each raise gives the turn to the other of two roles."""
    registry: Generation = 1
    """Of the registry password."""
    backup: Generation = 1
    """Of the backup bucket's keys."""
    verify: Generation = 1
    """Of the token that `flotilla verify` shows the checkout."""


class FleetConfig(Section):
    """All of one stack: many small storefronts and one shared checkout."""

    name: Name
    """What the business calls the fleet. Display only: labels and titles."""
    namespace: NamespaceTemplate
    """The namespace that holds everything; ${stack} may stand in it."""
    domain: DomainTemplate
    """The domain under which hosts are formed; ${stack} may stand in it."""
    purpose: Purpose
    """What rules may hold the fleet to; disposable waives storage protection and replica rules."""
    cluster: ClusterConfig
    """The Kubernetes cluster."""
    registry: RegistryConfig
    """The image registry."""
    certificates: CertificatesConfig
    """TLS certificates."""
    traefik: TraefikConfig = TraefikConfig()
    """The Traefik in front."""
    checkout: CheckoutConfig
    """The shared checkout."""
    storefront: StorefrontConfig
    """What the variants share."""
    variants: Annotated[tuple[Variant, ...], Field(min_length=1)]
    """The shops, in any order."""
    database: DatabaseConfig
    """The checkout's Postgres."""
    canary: CanaryConfig = CanaryConfig()
    """Releases under trial, if there are any."""
    edge: EdgeConfig | None = None
    """Edge storage; none when absent."""
    monitoring: MonitoringConfig | None = None
    """Monitoring; none when absent."""
    generations: GenerationsConfig = GenerationsConfig()
    """Secret generations."""
