"""Stripe's webhooks: the signature over the raw body first, then the event and its effect in one transaction."""

from __future__ import annotations

import json
import logging
from typing import Any

import stripe

from checkout import ledger
from checkout.database import Database
from checkout.settings import SecretFile

LOG = logging.getLogger(__name__)
_TOLERANCE_SECONDS = 300


class Forged(Exception):  # noqa: N818  (an answer)
    """A body that none of our secrets has signed."""


class Webhooks:
    """Receives events."""

    def __init__(self, database: Database, secrets: SecretFile, fleet: str) -> None:
        self._database = database
        self._secrets = secrets
        self._fleet = fleet

    def receive(self, body: bytes, signature: str) -> tuple[str, ledger.Outcome]:
        """Process one delivery; gives the event's type and what became of it.

        Raises Forged, or database.Unavailable, whereupon Stripe shall deliver again.
        """
        verify(body, signature, self._secrets.values())
        event: dict[str, Any] = json.loads(body)
        outcome, order_id = self._database.run(ledger.take, event, self._fleet)
        if order_id is not None:
            # Also when the event was known: its first delivery may have ended between these two transactions.
            self._database.run(ledger.fulfil, order_id)
        LOG.info("webhook", extra={"event": event["id"], "kind": event["type"], "outcome": outcome, "order": order_id})
        return event["type"], outcome


def verify(body: bytes, signature: str, secrets: list[str]) -> None:
    """Check the signature by each secret, for while one is rotated both sign; raises Forged."""
    if not signature.isascii():
        # Stripe's own is, and the comparison of digests takes no other.
        raise Forged("the signature is not ASCII")
    for secret in secrets:
        try:
            stripe.WebhookSignature.verify_header(body.decode(), signature, secret, _TOLERANCE_SECONDS)
        except (stripe.SignatureVerificationError, UnicodeDecodeError):
            continue
        return
    raise Forged("the signature fits none of the webhook secrets")
