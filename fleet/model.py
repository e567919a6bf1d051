"""What a stack file resolves to: frozen specs with every default filled in and every name formed.

What needs no resolving (certificates, Traefik, monitoring ...) is carried as it was written: those parts of the
configuration are frozen too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fleet import naming
from fleet.config import CertificatesConfig, ClusterConfig, GenerationsConfig, MonitoringConfig, Purpose, TraefikConfig
from fleet.config_storage import EdgeConfig
from fleet.config_workloads import RateLimitConfig
from fleet.images import Image
from fleet.naming import Track


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What a container asks for and may use, as Kubernetes quantities."""

    cpu_request: str
    memory_request: str
    cpu_limit: str
    memory_limit: str


@dataclass(frozen=True, slots=True)
class Scale:
    """How many replicas a release has: a fixed number, or an autoscaler's bounds; never both (DESIGN, Replicas)."""

    minimum: int
    maximum: int
    cpu: int | None = None
    """The autoscaler's target in percent of the CPU request; None for a fixed number."""

    @property
    def autoscaled(self) -> bool:
        """Whether a HorizontalPodAutoscaler owns the number of replicas."""
        return self.cpu is not None

    @property
    def spread(self) -> bool:
        """Whether there can be two replicas to keep apart."""
        return self.maximum > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One version of a workload and its share of the traffic in percent."""

    track: Track
    image: Image
    weight: int
    scale: Scale


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadSpec:
    """Something the fleet serves under a host: the checkout, or one variant. ``name`` names its objects."""

    name: str
    app: str
    instance: str
    component: str
    host: str
    port: int
    scale: Scale
    """How many replicas all of the traffic gets; each release has its share of it."""
    releases: tuple[Release, ...]
    resources: Resources
    environment: Mapping[str, str]

    @property
    def stable(self) -> Release:
        """The release that always exists."""
        return self.releases[0]

    @property
    def canary(self) -> Release | None:
        """The release under trial; None when there is none, or when its plan has ended."""
        return self.releases[1] if len(self.releases) > 1 else None

    @property
    def url(self) -> str:
        """The public address."""
        return naming.url(self.host)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutSpec:
    """The checkout that all variants share."""

    workload: WorkloadSpec
    rate_limit: RateLimitConfig
    reconcile_schedule: str
    stripe_api: str | None
    """A double of Stripe's API; None for Stripe itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductSpec:
    """One product; its price is in the currency's minor units."""

    sku: str
    name: str
    description: str
    price: int
    currency: str
    test: bool = False
    """Whether only a test buys it: it stands on no shelf, and its orders are refunded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantSpec:
    """One storefront."""

    name: str
    theme: str
    catalogue: tuple[ProductSpec, ...]
    workload: WorkloadSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketSpec:
    """Where dumps are copied to."""

    endpoint: str
    name: str
    image: Image


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleSpec:
    """One of the two roles that take turns in signing in to the fleet's own Postgres."""

    letter: str
    name: str
    generation: int
    """Of its password."""
    in_use: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSpec:
    """How the checkout reaches its Postgres."""

    host: str
    port: int
    database: str
    user: str
    """Who signs in; of a server of the fleet's own, the role whose turn it is."""
    server: DatabaseServerSpec | None
    """The server to run; None for a database that somebody else runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseServerSpec:
    """A Postgres of the fleet's own, with its backup."""

    owner: str
    """The role that owns the database and all in it; nobody signs in as it."""
    roles: tuple[RoleSpec, ...]
    """Who may sign in: members of the owner."""
    image: Image
    size: str
    storage_class: str | None
    resources: Resources
    backup_schedule: str
    backup_keep: int
    backup_size: str
    bucket: BucketSpec | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeSpec:
    """Storage at the edge; the names are the fleet's, so that review stacks share nothing."""

    config: EdgeConfig
    database: str
    bucket: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetSpec:
    """All of one stack."""

    stack: str
    name: str
    namespace: str
    domain: str
    purpose: Purpose
    cluster: ClusterConfig
    registry: str
    """What stands in front of every image that names no registry itself."""
    certificates: CertificatesConfig
    traefik: TraefikConfig
    monitoring: MonitoringConfig | None
    generations: GenerationsConfig
    pull_secrets: tuple[str, ...]
    login: RegistryLogin | None
    checkout: CheckoutSpec
    catalogue: tuple[ProductSpec, ...]
    """What every variant without a catalogue of its own sells."""
    variants: tuple[VariantSpec, ...]
    database: DatabaseSpec
    edge: EdgeSpec | None

    @property
    def protected(self) -> bool:
        """Whether storage survives a careless change; waived for what is disposable (DESIGN, Label contract)."""
        return self.purpose != "disposable"

    @property
    def workloads(self) -> tuple[WorkloadSpec, ...]:
        """Everything that is served: the checkout, then the variants by name."""
        return (self.checkout.workload, *(variant.workload for variant in self.variants))


@dataclass(frozen=True, slots=True)
class RegistryLogin:
    """The registry a pull secret is made for."""

    host: str
    username: str
