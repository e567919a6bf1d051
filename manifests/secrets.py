"""Secrets as the plan knows them: a name, a type, the keys and a generation; never a value.

Components fill the values in; the sandbox makes them up. A secret lies in one compartment, and pods carry the same
label where they may read it (DESIGN, Label contract): a reader in another compartment gets a Secret of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fleet import naming, secrets
from fleet.model import FleetSpec
from manifests import pods
from manifests.objects import Identity, logical_name, metadata, planned
from manifests.plan import Manifest, Planned

GENERATED = {
    secrets.VERIFY_TOKEN: "verify-token",
    **{source: f"database-password-{letter}" for letter, source in secrets.ROLE_PASSWORDS.items()},
}
"""The secrets that pulumi-random makes, each with the logical name of the resource that does."""
MOUNTED_AT = pods.SECRETS_PATH
REGISTRY_TYPE = "kubernetes.io/dockerconfigjson"
REGISTRY_KEY = ".dockerconfigjson"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretSpec:
    """One Secret: which configuration secret each of its keys holds, who may read it, and how often it was rotated."""

    name: str
    component: str
    keys: tuple[tuple[str, str], ...]
    generation: int
    compartment: str | None = None
    type: str = "Opaque"

    @property
    def logical_name(self) -> str:
        """What its readers need."""
        return logical_name(self.name, "Secret")

    @property
    def annotations(self) -> dict[str, str]:
        """What a reading pod is annotated with, so that a rotation rolls it."""
        return {f"{naming.GENERATION}.{self.name}": str(self.generation)}

    @property
    def volume(self) -> Manifest:
        """The volume a reading pod has."""
        return pods.secret_volume(self.name)

    @property
    def mount(self) -> Manifest:
        """Where the volume appears."""
        return pods.mount(self.name, f"{MOUNTED_AT}/{self.name}")

    def path(self, key: str) -> str:
        """Give the file that holds a key's value."""
        return f"{MOUNTED_AT}/{self.name}/{key}"


def stripe(fleet: FleetSpec) -> SecretSpec:
    """Give the Stripe keys, read by the checkout and its reconciliation alone (systems.md A)."""
    return SecretSpec(
        name=naming.STRIPE_SECRET,
        component="api",
        keys=(
            ("stripe-secret-key", secrets.STRIPE_SECRET_KEY),
            ("stripe-webhook-secret", secrets.STRIPE_WEBHOOK_SECRET),
        ),
        generation=fleet.generations.stripe,
        compartment=naming.CHECKOUT,
    )


def verify(fleet: FleetSpec) -> SecretSpec:
    """Give the token that whoever verifies the fleet shows the checkout."""
    return SecretSpec(
        name=naming.VERIFY_SECRET,
        component="api",
        keys=(("token", secrets.VERIFY_TOKEN),),
        generation=fleet.generations.verify,
        compartment=naming.CHECKOUT,
    )


_PASSWORDS = {naming.CHECKOUT: naming.CHECKOUT_DATABASE_SECRET, naming.DATABASE: naming.DATABASE}
"""What the database's passwords are called in each compartment that reads them."""


def passwords(fleet: FleetSpec, compartment: str) -> dict[str, SecretSpec]:
    """Give every database password as a compartment reads it, by the user that signs in with it.

    The checkout's compartment is read by what serves and by the reconciliation; the database's by the server, the
    migration and the backup.
    """
    name = _PASSWORDS[compartment]
    if fleet.database.server is None:
        source, generation = secrets.DATABASE_PASSWORD, fleet.generations.database
        return {fleet.database.user: _password(name, compartment, source, generation)}
    return {
        role.name: _password(f"{name}-{role.letter}", compartment, secrets.ROLE_PASSWORDS[role.letter], role.generation)
        for role in fleet.database.server.roles
    }


def password(fleet: FleetSpec, compartment: str) -> SecretSpec:
    """Give the database password that is in use."""
    return passwords(fleet, compartment)[fleet.database.user]


def _password(name: str, compartment: str, source: str, generation: int) -> SecretSpec:
    return SecretSpec(
        name=name,
        component="database",
        keys=(("password", source),),
        generation=generation,
        compartment=compartment,
    )


def bucket(fleet: FleetSpec) -> SecretSpec:
    """Give the keys of the backup bucket."""
    return SecretSpec(
        name=naming.BACKUP_SECRET,
        component="database",
        keys=(
            ("access-key-id", secrets.BACKUP_ACCESS_KEY_ID),
            ("secret-access-key", secrets.BACKUP_SECRET_ACCESS_KEY),
        ),
        generation=fleet.generations.backup,
        compartment=naming.DATABASE,
    )


def registry(fleet: FleetSpec) -> SecretSpec:
    """Give the pull secret that is made from the registry's login; the kubelet reads it, no pod does."""
    return SecretSpec(
        name=naming.REGISTRY_SECRET,
        component="fleet",
        keys=((REGISTRY_KEY, secrets.REGISTRY_PASSWORD),),
        generation=fleet.generations.registry,
        type=REGISTRY_TYPE,
    )


def all_secrets(fleet: FleetSpec) -> Iterator[SecretSpec]:
    """Give every Secret that the fleet plans."""
    yield stripe(fleet)
    yield verify(fleet)
    for compartment in _PASSWORDS:
        yield from passwords(fleet, compartment).values()
    if fleet.database.server and fleet.database.server.bucket:
        yield bucket(fleet)
    if fleet.login:
        yield registry(fleet)


def secret_object(fleet: FleetSpec, spec: SecretSpec) -> Planned:
    """Plan the Secret itself."""
    compartment = {naming.COMPARTMENT: spec.compartment} if spec.compartment else {}
    meta = metadata(
        fleet,
        spec.name,
        Identity(spec.name, spec.name, spec.component),
        labels=compartment,
        annotations={
            naming.KEYS: ",".join(key for key, _ in spec.keys),
            naming.SOURCES: ",".join(source for _, source in spec.keys),
            naming.GENERATION: str(spec.generation),
        },
    )
    return planned("v1", "Secret", meta, {"type": spec.type})
