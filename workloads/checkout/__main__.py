"""``python -m checkout [migrate | reconcile | resolve KIND OBJECT]``: without a word it serves.

Exit codes: 0 done; 1 there is something for a person to look at, or a migration failed; 2 the environment or the words
can't be read; 3 Postgres or Stripe could not be reached or refuses us, so that nothing can be said.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable

import psycopg

from checkout import app, database, ledger, logs, migrate, payments, settings
from checkout.reconcile import Reconciliation

LOG = logging.getLogger("checkout")
DONE, FINDINGS, BAD_INPUT, CANNOT_TELL = 0, 1, 2, 3


def serve() -> int:
    """Serve the API."""
    config = settings.load()
    logs.set_up(track=config.track, version=config.version)
    app.serve(config)
    return DONE


def run_migrations() -> int:
    """Bring the schema to what this version needs."""
    config = settings.database()
    logs.set_up(track="-", version="-")
    try:
        done = migrate.migrate(config, patience_seconds=settings.migration_patience_seconds())
    except migrate.MigrationError as error:
        LOG.error("migration failed: %s", error)  # noqa: TRY400  (one line is all there is to say)
        return FINDINGS
    LOG.info("schema is at %d, %d applied", migrate.newest(), len(done))
    return DONE


def run_reconciliation() -> int:
    """Find and repair what the webhooks lost; the last line printed is the findings as JSON."""
    config = settings.load()
    logs.set_up(track=config.track, version=config.version)
    store = database.Database(config.database, "checkout-reconcile", connections=2)
    stripe = payments.Payments(config.stripe_key, config.stripe_api, config.stripe_timeout_seconds)
    store.open()
    try:
        findings = dict(Reconciliation(store, stripe, config.reconcile_after_seconds, config.fleet).run())
    finally:
        store.close()
    print(json.dumps({"findings": findings}))  # noqa: T201
    return FINDINGS if findings["review"] else DONE


def resolve(kind: str, object_id: str) -> int:
    """Close a review that a person has dealt with."""
    logs.set_up(track="-", version="-")
    store = database.Database(settings.database(), "checkout-resolve", connections=1)
    store.open()
    try:
        closed = store.run(ledger.resolve, kind, object_id)
    finally:
        store.close()
    if not closed:
        print(f"checkout: no open review {kind} {object_id}; /api/reconciliation lists them", file=sys.stderr)  # noqa: T201
        return BAD_INPUT
    LOG.info("resolved", extra={"kind": kind, "object": object_id})
    return DONE


VERBS: dict[str, Callable[..., int]] = {
    "serve": serve,
    "migrate": run_migrations,
    "reconcile": run_reconciliation,
    "resolve": resolve,
}
_ARGUMENTS = {"resolve": ("KIND", "OBJECT")}
"""What a verb takes; the others take nothing."""


def main(words: list[str]) -> int:
    """Do what the first word says; gives the exit code."""
    name, *given = words or ["serve"]
    verb, wanted = VERBS.get(name), _ARGUMENTS.get(name, ())
    if verb is None:
        print(f"checkout: {name!r} is unknown; one of {', '.join(VERBS)}", file=sys.stderr)  # noqa: T201
        return BAD_INPUT
    if len(given) != len(wanted):
        print(f"checkout: {name} takes {' '.join(wanted) or 'no words'}, given {given}", file=sys.stderr)  # noqa: T201
        return BAD_INPUT
    try:
        return verb(*given)
    except settings.SettingsError as error:
        print(f"checkout: {error}", file=sys.stderr)  # noqa: T201
        return BAD_INPUT
    except (database.Unavailable, payments.Unavailable, payments.Rejected, psycopg.OperationalError, OSError) as error:
        print(f"checkout: could not tell: {error}", file=sys.stderr)  # noqa: T201
        return CANNOT_TELL


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
