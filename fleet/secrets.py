"""Which Pulumi secrets a fleet needs. Values never enter the model: only whether they are there."""

from __future__ import annotations

from collections.abc import Iterator

from fleet import naming
from fleet.config import FleetConfig

STRIPE_SECRET_KEY = "stripeSecretKey"  # noqa: S105  (the names of configuration keys, here and below)
STRIPE_WEBHOOK_SECRET = "stripeWebhookSecret"  # noqa: S105
DATABASE_PASSWORD = "databasePassword"  # noqa: S105
REGISTRY_PASSWORD = "registryPassword"  # noqa: S105
BACKUP_ACCESS_KEY_ID = "backupAccessKeyId"
BACKUP_SECRET_ACCESS_KEY = "backupSecretAccessKey"  # noqa: S105
CLOUDFLARE_API_TOKEN = "cloudflareApiToken"  # noqa: S105
VERIFY_TOKEN = "verifyToken"  # noqa: S105
"""Made by pulumi-random and never written by a person: lets its holder look at test orders and refund them."""
ROLE_PASSWORDS = {letter: f"{DATABASE_PASSWORD}{letter.upper()}" for letter in naming.ROLES}
"""Made by pulumi-random as well: of each role of the fleet's own database."""
ALL = (
    STRIPE_SECRET_KEY,
    STRIPE_WEBHOOK_SECRET,
    DATABASE_PASSWORD,
    REGISTRY_PASSWORD,
    BACKUP_ACCESS_KEY_ID,
    BACKUP_SECRET_ACCESS_KEY,
    CLOUDFLARE_API_TOKEN,
)


def required(config: FleetConfig) -> Iterator[tuple[str, str]]:
    """Give each secret that ``config`` needs: its key under ``flotilla:``, and what can't be done without it."""
    yield STRIPE_SECRET_KEY, "the checkout can't take payments without it"
    yield STRIPE_WEBHOOK_SECRET, "the checkout can't believe Stripe's webhooks without it"
    if config.database.external is not None:
        yield DATABASE_PASSWORD, "the checkout can't sign in to its external database without it"
    if config.registry.login is not None:
        yield REGISTRY_PASSWORD, "the cluster can't pull images without it"
    if config.database.cluster is not None and config.database.cluster.backup.bucket is not None:
        yield BACKUP_ACCESS_KEY_ID, "backups can't reach their bucket without it"
        yield BACKUP_SECRET_ACCESS_KEY, "backups can't reach their bucket without it"
    if config.edge is not None:
        yield CLOUDFLARE_API_TOKEN, "edge storage can't be managed without it"
