"""The checkout: its releases, the migration that comes before them, and the reconciliation that comes after."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fleet import naming
from fleet.model import FleetSpec
from fleet.secrets import VERIFY_TOKEN
from manifests import pods, providers, secrets
from manifests.migration import database_environment, migrations
from manifests.network import checkout_policy
from manifests.objects import NAMESPACE, Identity, logical_name, metadata, planned
from manifests.plan import Planned
from manifests.shops import SHOPS, shops_json
from manifests.workload import Runtime, identity, release_objects

ORIGINS = "allowed-origins"
"""The file, one origin a line: 10,000 of them don't fit into a variable (Linux, MAX_ARG_STRLEN: 128 KiB)."""
# The word an image of the checkout must understand beside serving (docs/architecture.md).
_RECONCILE = ["reconcile"]


def checkout_objects(fleet: FleetSpec) -> Iterator[Planned]:
    """Plan the checkout without its canary."""
    runtime = checkout_runtime(fleet)
    workload = fleet.checkout.workload
    yield secrets.secret_object(fleet, secrets.stripe(fleet))
    yield providers.random_password(secrets.GENERATED[VERIFY_TOKEN], fleet.generations.verify)
    yield secrets.secret_object(fleet, secrets.verify(fleet))
    for compartment in (naming.CHECKOUT,) if fleet.database.server else (naming.CHECKOUT, naming.DATABASE):
        yield from (secrets.secret_object(fleet, one) for one in secrets.passwords(fleet, compartment).values())
    yield _config_map(fleet)
    yield checkout_policy(fleet)
    yield from migrations(fleet)
    yield from release_objects(fleet, workload, workload.stable, runtime)
    yield _reconciliation(fleet, runtime)


def checkout_runtime(fleet: FleetSpec) -> Runtime:
    """Give how every release of the checkout runs."""
    read = (secrets.stripe(fleet), secrets.verify(fleet), secrets.password(fleet, naming.CHECKOUT))
    stripe, verify, password = read
    config_map = naming.config_map(naming.CHECKOUT, _config(fleet))
    return Runtime(
        service_account=naming.CHECKOUT,
        environment={
            "ALLOWED_ORIGINS_FILE": f"{pods.CONFIG_PATH}/{ORIGINS}",
            # Of all names of a fleet the one that no other has: several may share one account of Stripe's.
            "FLEET": fleet.checkout.workload.host,
            "SHOPS_FILE": f"{pods.CONFIG_PATH}/{SHOPS}",
            "STRIPE_SECRET_KEY_FILE": stripe.path("stripe-secret-key"),
            "STRIPE_WEBHOOK_SECRET_FILE": stripe.path("stripe-webhook-secret"),
            "VERIFY_TOKEN_FILE": verify.path("token"),
            **_stripe_environment(fleet),
            **database_environment(fleet, password),
        },
        mounts=(pods.mount("config", pods.CONFIG_PATH), *(secret.mount for secret in read)),
        volumes=({"name": "config", "configMap": {"name": config_map}}, *(secret.volume for secret in read)),
        pod_labels={naming.COMPARTMENT: naming.CHECKOUT},
        pod_annotations={name: value for secret in read for name, value in secret.annotations.items()},
        needs=(
            NAMESPACE,
            logical_name(naming.CHECKOUT, "ServiceAccount"),
            logical_name(config_map, "ConfigMap"),
            *(secret.logical_name for secret in read),
            *(migration.name for migration in migrations(fleet)),
        ),
    )


def _stripe_environment(fleet: FleetSpec) -> dict[str, str]:
    double = fleet.checkout.stripe_api
    return {"STRIPE_API_BASE": double} if double else {}


def _config(fleet: FleetSpec) -> dict[str, str]:
    origins = "".join(f"{variant.workload.url}\n" for variant in fleet.variants)
    return {ORIGINS: origins, SHOPS: shops_json(fleet)}


def _config_map(fleet: FleetSpec) -> Planned:
    data = _config(fleet)
    meta = metadata(fleet, naming.config_map(naming.CHECKOUT, data), identity(fleet.checkout.workload))
    return planned("v1", "ConfigMap", meta, {"immutable": True, "data": data})


def _reconciliation(fleet: FleetSpec, runtime: Runtime) -> Planned:
    """Plan the CronJob that finds what webhooks lost: no order may be (systems.md A)."""
    owner = Identity(naming.RECONCILE, naming.RECONCILE, "job")
    meta = metadata(fleet, naming.RECONCILE, owner)
    workload = fleet.checkout.workload
    reconcile = pods.container(
        naming.RECONCILE,
        workload.stable.image,
        workload.resources,
        mounts=runtime.mounts,
        args=_RECONCILE,
        env=pods.environment({**runtime.environment, **workload.environment}),
    )
    pod = pods.Pod(
        labels=meta["labels"] | runtime.pod_labels,
        annotations=runtime.pod_annotations,
        service_account=naming.CHECKOUT,
        pull_secrets=fleet.pull_secrets,
        containers=[reconcile],
        volumes=runtime.volumes,
        restart_policy="Never",
    )
    job: dict[str, Any] = {"backoffLimit": 1, "activeDeadlineSeconds": 240, "template": pod.template()}
    return planned(
        "batch/v1",
        "CronJob",
        meta,
        {
            "spec": {
                "schedule": fleet.checkout.reconcile_schedule,
                "timeZone": "Etc/UTC",
                "concurrencyPolicy": "Forbid",
                "startingDeadlineSeconds": 120,
                "successfulJobsHistoryLimit": 1,
                "failedJobsHistoryLimit": 3,
                "jobTemplate": {"spec": job},
            }
        },
        needs=runtime.needs,
    )
