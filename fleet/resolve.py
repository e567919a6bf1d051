"""From what is written to what is meant: a checked configuration in, the fleet's spec out."""

from __future__ import annotations

from dataclasses import dataclass

from fleet import images, naming, rollout, rotation
from fleet.catalogue import catalogue
from fleet.config import FleetConfig
from fleet.config_storage import BucketConfig, DatabaseClusterConfig, EdgeConfig
from fleet.config_workloads import AutoscalingConfig, ResourcesConfig, RolloutConfig, VariantConfig
from fleet.images import Image
from fleet.model import (
    BucketSpec,
    CheckoutSpec,
    DatabaseServerSpec,
    DatabaseSpec,
    EdgeSpec,
    FleetSpec,
    RegistryLogin,
    Release,
    Resources,
    RoleSpec,
    Scale,
    VariantSpec,
    WorkloadSpec,
)
from fleet.naming import Track

# Enough for the workloads this repository ships; measured services should state their own.
CHECKOUT_RESOURCES = Resources(cpu_request="100m", memory_request="128Mi", cpu_limit="1", memory_limit="256Mi")
STOREFRONT_RESOURCES = Resources(cpu_request="25m", memory_request="64Mi", cpu_limit="250m", memory_limit="128Mi")
DATABASE_RESOURCES = Resources(cpu_request="250m", memory_request="256Mi", cpu_limit="1", memory_limit="1Gi")


def resolve(config: FleetConfig, *, stack: str) -> FleetSpec:
    """Give the spec of ``stack``. The order of variants in the file changes nothing: they are sorted by name."""
    namespace = naming.fill_stack(config.namespace, stack)
    domain = naming.fill_stack(config.domain, stack)
    prefix = config.registry.prefix
    login = config.registry.login
    return FleetSpec(
        stack=stack,
        name=config.name,
        namespace=namespace,
        domain=domain,
        purpose=config.purpose,
        cluster=config.cluster,
        registry=prefix,
        certificates=config.certificates,
        traefik=config.traefik,
        monitoring=config.monitoring,
        generations=config.generations,
        pull_secrets=config.registry.pull_secrets + ((naming.REGISTRY_SECRET,) if login else ()),
        login=RegistryLogin(prefix.split("/")[0], login.username) if login else None,
        checkout=_checkout(config, domain),
        catalogue=catalogue(config.storefront.catalogue, config.purpose),
        variants=_variants(config, domain),
        database=_database(config, namespace),
        edge=_edge(config.edge, namespace),
    )


def checkout_host(config: FleetConfig, domain: str) -> str:
    """Give the host the checkout is served under."""
    return config.checkout.host or naming.host(naming.CHECKOUT, domain)


def variant_host(variant: VariantConfig, domain: str) -> str:
    """Give the host a variant is served under."""
    return variant.host or naming.host(variant.name, domain)


@dataclass(frozen=True, slots=True)
class _Releases:
    """The releases of all workloads that share an image, a canary and a registry."""

    stable: Image
    canary: Image | None
    canary_weight: int

    @classmethod
    def of(cls, image: str, canary: RolloutConfig | None, registry: str) -> _Releases:
        """Resolve a rollout; a plan that has ended is the stable release of the new image, and no canary."""
        stable = images.parse(image, registry)
        if canary is None:
            return cls(stable, None, 0)
        weight = rollout.PLANS[canary.plan].weight(canary.step)
        trial = images.parse(canary.image, registry)
        return cls(trial, None, 0) if weight == rollout.FULL_WEIGHT else cls(stable, trial, weight)

    def at(self, scale: Scale) -> tuple[Release, ...]:
        """Divide ``scale``, meant for all of the traffic, among the releases by weight."""
        if self.canary is None:
            return (Release(track=Track.STABLE, image=self.stable, weight=rollout.FULL_WEIGHT, scale=scale),)
        weights = {Track.STABLE: rollout.FULL_WEIGHT - self.canary_weight, Track.CANARY: self.canary_weight}
        releases = {Track.STABLE: self.stable, Track.CANARY: self.canary}
        return tuple(
            Release(track=track, image=image, weight=weights[track], scale=_share(scale, weights[track]))
            for track, image in releases.items()
        )


def _share(scale: Scale, weight: int) -> Scale:
    return Scale(rollout.share(scale.minimum, weight), rollout.share(scale.maximum, weight), scale.cpu)


def _scale(replicas: int | None, autoscaling: AutoscalingConfig | None) -> Scale:
    if autoscaling is not None:
        return Scale(autoscaling.min, autoscaling.max, autoscaling.cpu)
    return Scale(replicas or 1, replicas or 1)


def _resources(config: ResourcesConfig | None, default: Resources) -> Resources:
    if config is None:
        return default
    return Resources(
        cpu_request=config.requests.cpu,
        memory_request=config.requests.memory,
        cpu_limit=config.limits.cpu,
        memory_limit=config.limits.memory,
    )


def _checkout(config: FleetConfig, domain: str) -> CheckoutSpec:
    checkout = config.checkout
    releases = _Releases.of(checkout.image, config.canary.checkout, config.registry.prefix)
    scale = _scale(checkout.replicas, checkout.autoscaling)
    workload = WorkloadSpec(
        name=naming.CHECKOUT,
        app=naming.CHECKOUT,
        instance=naming.CHECKOUT,
        component="api",
        host=checkout_host(config, domain),
        port=checkout.port,
        scale=scale,
        releases=releases.at(scale),
        resources=_resources(checkout.resources, CHECKOUT_RESOURCES),
        environment=checkout.environment,
    )
    return CheckoutSpec(
        workload=workload,
        rate_limit=checkout.rate_limit,
        reconcile_schedule=checkout.reconcile_schedule,
        stripe_api=checkout.stripe_api,
    )


def _variants(config: FleetConfig, domain: str) -> tuple[VariantSpec, ...]:
    shared = _Releases.of(config.storefront.image, config.canary.storefronts, config.registry.prefix)
    ordered = sorted(config.variants, key=lambda variant: variant.name)
    return tuple(_variant(config, variant, domain, shared) for variant in ordered)


def _variant(config: FleetConfig, variant: VariantConfig, domain: str, shared: _Releases) -> VariantSpec:
    storefront = config.storefront
    own = variant.image and _Releases.of(variant.image, None, config.registry.prefix)
    scale = _scale(variant.replicas or storefront.replicas, None if variant.replicas else storefront.autoscaling)
    workload = WorkloadSpec(
        name=naming.storefront(variant.name),
        app=naming.STOREFRONT,
        instance=variant.name,
        component="web",
        host=variant_host(variant, domain),
        port=storefront.port,
        scale=scale,
        releases=(own or shared).at(scale),
        resources=_resources(variant.resources or storefront.resources, STOREFRONT_RESOURCES),
        environment={**storefront.environment, **variant.environment},
    )
    return VariantSpec(
        name=variant.name,
        theme=variant.theme or variant.name,
        catalogue=catalogue(variant.catalogue or storefront.catalogue, config.purpose),
        workload=workload,
    )


def _database(config: FleetConfig, namespace: str) -> DatabaseSpec:
    if config.database.cluster is not None:
        roles = rotation.roles(naming.CHECKOUT, config.generations.database)
        return DatabaseSpec(
            host=naming.service_host(naming.DATABASE, namespace),
            port=naming.DATABASE_PORT,
            database=naming.CHECKOUT,
            user=next(role.name for role in roles if role.in_use),
            server=_server(config.database.cluster, config.registry.prefix, roles),
        )
    there = config.database.external
    assert there is not None  # noqa: S101  (one of the two is given: fleet/config_storage.py)
    return DatabaseSpec(host=there.host, port=there.port, database=there.database, user=there.user, server=None)


def _server(config: DatabaseClusterConfig, registry: str, roles: tuple[RoleSpec, ...]) -> DatabaseServerSpec:
    backup = config.backup
    return DatabaseServerSpec(
        owner=naming.CHECKOUT,
        roles=roles,
        image=images.parse(config.image, registry),
        size=config.size,
        storage_class=config.storage_class,
        resources=_resources(config.resources, DATABASE_RESOURCES),
        backup_schedule=backup.schedule,
        backup_keep=backup.keep,
        backup_size=backup.size,
        bucket=_bucket(backup.bucket, registry) if backup.bucket else None,
    )


def _bucket(config: BucketConfig, registry: str) -> BucketSpec:
    return BucketSpec(endpoint=config.endpoint, name=config.name, image=images.parse(config.image, registry))


def _edge(config: EdgeConfig | None, namespace: str) -> EdgeSpec | None:
    if config is None:
        return None
    return EdgeSpec(config=config, database=naming.edge_database(namespace), bucket=naming.edge_bucket(namespace))
