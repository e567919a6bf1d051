"""Gives planned Secrets the values that the plan never has: made once, never overwritten, never pruned.

They belong to a field manager of their own, so that applying the plan leaves them alone, and a value that somebody set
by hand is theirs for good. Only a raised generation makes new ones, and for a certificate other hosts.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from fleet import naming
from manifests.plan import Manifest
from sandbox import values
from sandbox.kubectl import Kubectl, as_list
from sandbox.ownership import applied, names_in

MANAGER = "flotilla-sandbox-secrets"
MADE = "flotilla.dev/made-generation"
"""Which generation the values in a Secret were made for."""
MADE_OF = "flotilla.dev/made-of"
"""What the values in a Secret were made of, as a digest; without it they are random."""


def fill(kubectl: Kubectl, secrets: Iterable[Manifest]) -> set[str]:
    """Make the values that planned Secrets lack, create the Secrets if need be, and give the names of those written.

    A Secret is written whole and before the plan is applied: some types can't be created without their data.
    """
    plan = {name_of(secret): secret for secret in secrets}
    live = {name_of(found): found for found in kubectl.live(list(plan.values()))}
    shared: dict[str, bytes] = {}
    for name, secret in plan.items():
        remember(secret, live.get(name), shared)
    written = [
        filled for name, secret in plan.items() if (filled := filled_in(secret, live.get(name), shared)) is not None
    ]
    if written:
        arguments = ["apply", "--server-side", f"--field-manager={MANAGER}", "--validate=strict"]
        kubectl.run(*arguments, "-f", "-", stdin=as_list(written))
    return {name_of(secret) for secret in written}


def filled_in(secret: Manifest, live: Mapping[str, Any] | None, shared: dict[str, bytes]) -> Manifest | None:
    """Give the Secret with its values as our manager must write it, None when it has them all already.

    Keys that somebody else wrote are left out, and so stay theirs.
    """
    data: Mapping[str, str] = (live or {}).get("data") or {}
    ours = names_in(applied(live or {}, MANAGER), "data")
    wanted = {key: source for key, source in keys_of(secret).items() if key not in data or key in ours}
    current = is_current(secret, live)
    if current and wanted.keys() == ours:
        return None
    lacking = {key: source for key, source in wanted.items() if not (current and key in data)}
    if source := values.origin(secret):
        # A certificate and its key fit each other or are of no use: both are ours, or neither is touched.
        lacking = wanted if lacking and wanted.keys() == keys_of(secret).keys() else {}
    made = values.make(secret, lacking, shared)
    encoded = {key: base64.b64encode(value).decode() for key, value in made.items()}
    kept = {key: data[key] for key in wanted if key not in lacking}
    meta = {
        "name": secret["metadata"]["name"],
        "namespace": secret["metadata"]["namespace"],
        "annotations": {MADE: generation_of(secret), **({MADE_OF: source} if source else {})},
    }
    return {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "type": type_of(secret), "data": kept | encoded}


def remember(secret: Manifest, live: Mapping[str, Any] | None, shared: dict[str, bytes]) -> None:
    """Note the values a live Secret has, so that a new Secret with a key of the same source gets the same one."""
    if live is not None and is_current(secret, live):
        data = live.get("data") or {}
        for key, source in keys_of(secret).items():
            if key in data:
                shared.setdefault(source, base64.b64decode(data[key]))


def is_current(secret: Manifest, live: Mapping[str, Any] | None) -> bool:
    """Say whether a live Secret's values are of the planned generation, and made of what is planned."""
    noted = (live or {}).get("metadata", {}).get("annotations") or {}
    return bool(noted.get(MADE) == generation_of(secret) and noted.get(MADE_OF, "") == values.origin(secret))


def keys_of(secret: Manifest) -> dict[str, str]:
    """Give each planned key with its source; a key without one is its own, shared with no other Secret."""
    keys, sources = (listed(secret, name) for name in (naming.KEYS, naming.SOURCES))
    own = [f"{name_of(secret)}/{key}" for key in keys]
    return dict(zip(keys, sources or own, strict=True))


def listed(secret: Manifest, name: str) -> list[str]:
    """Give the words of a planned annotation that lists some."""
    return [word.strip() for word in annotation(secret, name, "").split(",") if word.strip()]


def generation_of(secret: Manifest) -> str:
    """Give the planned generation."""
    return annotation(secret, naming.GENERATION, "1")


def annotation(secret: Manifest, name: str, default: str) -> str:
    """Give a planned annotation."""
    return str(secret["metadata"].get("annotations", {}).get(name, default))


def type_of(secret: Manifest) -> str:
    """Give a Secret's type; the API server's default is Opaque."""
    return str(secret.get("type", "Opaque"))


def name_of(secret: Manifest) -> str:
    """Give a Secret's namespace and name."""
    return f"{secret['metadata']['namespace']}/{secret['metadata']['name']}"
