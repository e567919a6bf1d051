"""What the sandbox puts into a Secret: values nobody knows, in the form that their readers expect."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping

from fleet import naming
from manifests.assumed import TLS_TYPE
from manifests.plan import Manifest
from sandbox import certificate

RANDOM_BYTES = 24
"""192 bits: 32 URL-safe characters, no shorter than what a real stack makes."""
PREFIXES = {
    "stripesecretkey": "sk_test_",
    "stripepublishablekey": "pk_test_",
    "stripewebhooksecret": "whsec_",
}
"""How Stripe's keys begin (Stripe documentation, API keys and webhook signatures), by the letters of the key's name."""

Values = dict[str, bytes]


def make(secret: Manifest, keys: Mapping[str, str], shared: dict[str, bytes]) -> Values:
    """Give new values for the ``keys`` of a planned Secret.

    ``keys`` names the source of each; keys of one source get one value, which ``shared`` remembers between Secrets.
    """
    by_type = BY_TYPE.get(secret.get("type", ""))
    if by_type is not None:
        made = by_type(secret)
        return {key: made.get(key, random_value(key)) for key in keys}
    return {key: shared.setdefault(source, random_value(key)) for key, source in keys.items()}


def random_value(key: str) -> bytes:
    """Give a random URL-safe value for a key of that name."""
    letters = "".join(letter for letter in key.lower() if letter.isalnum())
    return f"{PREFIXES.get(letters, '')}{secrets.token_urlsafe(RANDOM_BYTES)}".encode()


def tls(secret: Manifest) -> Values:
    """Give a certificate and its key for the hosts that the Secret is annotated with."""
    chain, key = certificate.signed(hosts_of(secret))
    return {"tls.crt": chain, "tls.key": key}


def origin(secret: Manifest) -> str:
    """Give a digest of what the values of a planned Secret are made of: other hosts, another certificate.

    Empty where values are made of nothing.
    """
    return certificate.origin(hosts_of(secret)) if secret.get("type") == TLS_TYPE else ""


def hosts_of(secret: Manifest) -> list[str]:
    """Give the hosts that a planned Secret is annotated with."""
    listed: str = secret["metadata"].get("annotations", {}).get(naming.HOSTS, "")
    return listed.split(",")


def registry_login(secret: Manifest) -> Values:  # noqa: ARG001  (the same for every Secret of its type)
    """Give a login to no registry at all: valid, and of no use to anybody."""
    return {".dockerconfigjson": json.dumps({"auths": {}}).encode()}


BY_TYPE: Mapping[str, Callable[[Manifest], Values]] = {
    TLS_TYPE: tls,
    "kubernetes.io/dockerconfigjson": registry_login,
}
"""The types whose data the API server checks when a Secret is created (Kubernetes documentation, Secret types)."""
