"""Entries as in resources.json, for tests of the rules about storage and the edge."""

from __future__ import annotations

from typing import Any

Entry = dict[str, Any]

ACCOUNT = "0123456789abcdef0123456789abcdef"
ZONE = "fedcba9876543210fedcba9876543210"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What stands for a value that nobody knows yet."""


def token(kind: str) -> str:
    """Give a Cloudflare type's token."""
    return f"cloudflare:index/{kind[0].lower()}{kind[1:]}:{kind}"


def entry(kind: str, logical: str, /, *, protect: bool = False, retain: bool = False, **inputs: Any) -> Entry:
    """Make an entry of a Cloudflare type."""
    opts = {"protect": protect, "retainOnDelete": retain}
    return {"type": token(kind), "name": logical, "parent": None, "inputs": inputs, "opts": opts}


def title(kind: str, logical: str) -> str:
    """Give what a finding calls such an entry."""
    return f"{token(kind)} {logical}"


def namespace(purpose: str | None, name: str = "shop", *, protect: bool = True) -> Entry:
    """Make a Namespace with a purpose, as a Pulumi resource."""
    metadata = {"name": name, "labels": {"flotilla.dev/purpose": purpose} if purpose else {}}
    inputs = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
    opts = {"protect": protect, "retainOnDelete": False}
    return {"type": "kubernetes:core/v1:Namespace", "name": name, "parent": None, "inputs": inputs, "opts": opts}


def kubernetes(manifest: Entry, *, protect: bool = False) -> Entry:
    """Make an entry of a manifest."""
    version = manifest["apiVersion"] if "/" in manifest["apiVersion"] else f"core/{manifest['apiVersion']}"
    kind, name = manifest["kind"], manifest["metadata"]["name"]
    opts = {"protect": protect, "retainOnDelete": False}
    return {
        "type": f"kubernetes:{version}:{kind}",
        "name": f"{name}-{kind.lower()}",
        "inputs": manifest,
        "opts": opts,
    }


def script(name: str = "api", **inputs: Any) -> Entry:
    """Make a Worker with which nothing is wrong."""
    code = {"content": "export default {}", "mainModule": "index.js", "compatibilityDate": "2026-05-01"}
    return entry("WorkersScript", name, accountId=ACCOUNT, scriptName=name, **{**code, **inputs})


def bucket(name: str = "artifacts", logical: str = "", **inputs: Any) -> Entry:
    """Make a protected bucket."""
    return entry(
        "R2Bucket", logical or name, protect=True, retain=True, **{"accountId": ACCOUNT, "name": name, **inputs}
    )


def database(name: str = "catalogue", logical: str = "", *, protect: bool = True, **inputs: Any) -> Entry:
    """Make a database."""
    given = {"accountId": ACCOUNT, "name": name, "readReplication": {"mode": "disabled"}, **inputs}
    return entry("D1Database", logical or name, protect=protect, retain=protect, **given)


def state(item: Entry, **more: Any) -> Entry:
    """Make the engine's state of an entry."""
    urn = f"urn:pulumi:prod::shop::{item['type']}::{item['name']}"
    options = {key: True for key, value in item["opts"].items() if value}
    return {"urn": urn, "custom": True, "type": item["type"], "inputs": item["inputs"], **options, **more}
