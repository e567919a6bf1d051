"""The providers a fleet uses, each made explicitly: a default one would follow whatever kube context is current."""

from __future__ import annotations

from typing import Any

from fleet.model import FleetSpec
from manifests.plan import Planned

PROVIDER_TYPE = "pulumi:providers:"
RANDOM_PASSWORD = "random:index/randomPassword:RandomPassword"  # noqa: S105  (a type token)


def kubernetes(fleet: FleetSpec) -> Planned:
    """Plan the Kubernetes provider of the stack's own context.

    The cluster identifier decides when the provider is replaced, and everything with it: a context may be renamed, so
    only the namespace counts. Whether it is still the same cluster is asked by ``flotilla up``.
    """
    inputs: dict[str, Any] = {
        "clusterIdentifier": fleet.namespace,
        "context": fleet.cluster.context,
        "enableSecretMutable": True,
        "enableServerSideApply": True,
    }
    if fleet.cluster.adopt:
        inputs["upsertExistingObjects"] = True
    return Planned(type=f"{PROVIDER_TYPE}kubernetes", name="kubernetes", inputs=inputs)


def random() -> Planned:
    """Plan the provider of random passwords."""
    return Planned(type=f"{PROVIDER_TYPE}random", name="random", inputs={})


def random_password(name: str, generation: int) -> Planned:
    """Plan a random password; a raised generation makes another."""
    # 32 letters and digits are 190 bits, and need no quoting anywhere.
    inputs = {"length": 32, "special": False, "keepers": {"generation": str(generation)}}
    return Planned(type=RANDOM_PASSWORD, name=name, inputs=inputs)


def cloudflare() -> Planned:
    """Plan the Cloudflare provider; its token is a secret, which components fill in."""
    return Planned(type=f"{PROVIDER_TYPE}cloudflare", name="cloudflare", inputs={})
