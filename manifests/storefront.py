"""One variant: a light shop that knows its theme and where the checkout is."""

from __future__ import annotations

from collections.abc import Iterator

from fleet import naming
from fleet.model import FleetSpec, VariantSpec
from manifests import pods
from manifests.objects import NAMESPACE, logical_name, metadata, planned
from manifests.plan import Planned
from manifests.shops import SHOP, shop_json
from manifests.workload import Runtime, identity, release_objects


def storefront_objects(fleet: FleetSpec, variant: VariantSpec) -> Iterator[Planned]:
    """Plan one variant without its canary."""
    workload = variant.workload
    yield _config_map(fleet, variant)
    yield from release_objects(fleet, workload, workload.stable, storefront_runtime(fleet, variant))


def storefront_runtime(fleet: FleetSpec, variant: VariantSpec) -> Runtime:
    """Give how every release of the variant runs."""
    config_map = naming.config_map(variant.workload.name, _config(fleet, variant))
    return Runtime(
        service_account=naming.STOREFRONT,
        environment={"SHOP_FILE": f"{pods.CONFIG_PATH}/{SHOP}"},
        mounts=(pods.mount("config", pods.CONFIG_PATH),),
        volumes=({"name": "config", "configMap": {"name": config_map}},),
        needs=(
            NAMESPACE,
            logical_name(naming.STOREFRONT, "ServiceAccount"),
            logical_name(config_map, "ConfigMap"),
        ),
    )


def _config(fleet: FleetSpec, variant: VariantSpec) -> dict[str, str]:
    return {SHOP: shop_json(fleet, variant)}


def _config_map(fleet: FleetSpec, variant: VariantSpec) -> Planned:
    data = _config(fleet, variant)
    meta = metadata(fleet, naming.config_map(variant.workload.name, data), identity(variant.workload))
    return planned("v1", "ConfigMap", meta, {"immutable": True, "data": data})
