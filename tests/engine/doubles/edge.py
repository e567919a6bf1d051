"""The cloudflare provider's double: the account lives in one file, so that it outlasts the provider's process.

What replaces, what a delete really does and what is refused follow the table that the field has gathered of
terraform-provider-cloudflare 5.22 (``name`` of a D1 database replaces, a bucket with objects is never deleted ...).
"""

from __future__ import annotations

import fcntl
import json
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.engine.doubles.faults import RefusedError
from tests.engine.doubles.provider import Change, Double, Kind, Plain, kind_of
from tests.engine.doubles.values import bare

ACCOUNT = "FLOTILLA_DOUBLE_ACCOUNT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the provider accepts of one type, and what a change or a delete of it means."""

    required: frozenset[str]
    optional: frozenset[str] = frozenset()
    replaces: frozenset[str]
    id_field: str | None = None
    really_deletes: bool = True


RULES = {
    "cloudflare:index/d1Database:D1Database": Rules(
        required=frozenset({"accountId", "name"}),
        optional=frozenset({"primaryLocationHint", "jurisdiction", "readReplication"}),
        replaces=frozenset({"accountId", "name", "primaryLocationHint", "jurisdiction"}),
    ),
    "cloudflare:index/r2Bucket:R2Bucket": Rules(
        required=frozenset({"accountId", "name"}),
        optional=frozenset({"location", "storageClass", "jurisdiction"}),
        replaces=frozenset({"accountId", "name", "location", "jurisdiction"}),
        id_field="name",
    ),
    "cloudflare:index/r2BucketLifecycle:R2BucketLifecycle": Rules(
        required=frozenset({"accountId", "bucketName"}),
        optional=frozenset({"rules", "jurisdiction"}),
        replaces=frozenset({"accountId", "bucketName"}),
        id_field="bucketName",
        really_deletes=False,
    ),
    "cloudflare:index/workersKvNamespace:WorkersKvNamespace": Rules(
        required=frozenset({"accountId", "title"}),
        replaces=frozenset({"accountId"}),
    ),
}


class Edge(Double):
    """The storage types of Cloudflare; other types are refused rather than imitated."""

    def check(self, urn: str, old: Plain, new: Plain) -> tuple[Plain, list[str]]:
        rules = _rules(urn)
        missing = [f"Missing required argument: {key}" for key in sorted(rules.required - new.keys())]
        unknown = sorted(new.keys() - rules.required - rules.optional - {"__defaults"})
        return new, missing + [f"Invalid or unknown key: {key}" for key in unknown]

    def diff(self, urn: str, state: Plain, new: Plain) -> Change:
        rules, old, plain = _rules(urn), bare(state), bare(new)
        keys = [key for key in sorted(rules.required | rules.optional) if plain.get(key) != old.get(key)]
        forced = tuple(key for key in keys if key in rules.replaces)
        return Change(
            kinds={key: Kind.UPDATE_REPLACE if key in forced else Kind.UPDATE for key in keys}, replaces=forced
        )

    def create(self, urn: str, inputs: Plain, *, preview: bool, timeout: float) -> tuple[str, Plain]:
        if preview:
            return "", inputs
        rules = _rules(urn)
        identity = bare(inputs)[rules.id_field] if rules.id_field else str(uuid.uuid4())
        with _account() as account:
            _refuse_a_taken_name(account, kind_of(urn), bare(inputs))
            account[f"{kind_of(urn)}/{identity}"] = {**bare(inputs), "objects": 0}
        return identity, _outputs(inputs, identity)

    def update(self, urn: str, state: Plain, new: Plain, *, preview: bool, timeout: float) -> Plain:
        identity = state["id"]
        if not preview:
            with _account() as account:
                account[f"{kind_of(urn)}/{identity}"].update(bare(new))
        return _outputs(new, identity)

    def read(self, urn: str, identity: str, state: Plain, inputs: Plain) -> tuple[Plain, Plain] | None:
        with _account() as account:
            found = account.get(f"{kind_of(urn)}/{identity}")
        return (_outputs(inputs or found, identity), inputs or found) if found else None

    def delete(self, urn: str, identity: str, state: Plain, *, timeout: float) -> None:
        key = f"{kind_of(urn)}/{identity}"
        with _account() as account:
            if account.get(key, {}).get("objects"):
                raise RefusedError(f"409 Conflict: 10008: The bucket you tried to delete is not empty ({identity})")
            if _rules(urn).really_deletes:
                account.pop(key, None)


def _rules(urn: str) -> Rules:
    if rules := RULES.get(kind_of(urn)):
        return rules
    raise RefusedError(f"this double knows {', '.join(sorted(RULES))}, not {kind_of(urn)}")


def _outputs(inputs: Plain, identity: str) -> Plain:
    return {**inputs, "id": identity, "uuid": identity}


def _refuse_a_taken_name(account: Plain, kind: str, inputs: Plain) -> None:
    for key, taken in account.items():
        if key.startswith(kind) and "name" in inputs and taken.get("name") == inputs["name"]:
            raise RefusedError(f"400 Bad Request: {kind} {inputs['name']!r} already exists in this account")


@contextmanager
def _account() -> Iterator[dict[str, Any]]:
    path = Path(os.environ[ACCOUNT])
    with path.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        account: dict[str, Any] = json.loads(file.read() or "{}")
        yield account
        file.truncate(0)
        file.write(json.dumps(account, indent=1))
