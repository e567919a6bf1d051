"""What an object of Stripe's says about an order. Pure: events and reconciliation read objects the same way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from checkout.states import Status

EVENT_TYPES = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "charge.refunded",
    "charge.dispute.created",
)
"""The events that move an order; any other is answered and forgotten."""


@dataclass(frozen=True, kw_only=True)
class Observation:
    """One claim of Stripe's: an order has come to ``status``.

    ``order_id`` is None where the object carries none (a dispute); then the payment tells which order it is.
    """

    status: Status
    object_id: str
    order_id: UUID | None
    session_id: str | None = None
    session_url: str | None = None
    payment_intent: str | None = None
    amount: int | None = None
    currency: str | None = None


def of_event(kind: str, body: Mapping[str, Any]) -> Observation | None:
    """Read the object of an event; None for an event that says nothing about orders."""
    if kind not in EVENT_TYPES:
        return None
    if kind == "checkout.session.async_payment_failed":
        return replace(of_session(body), status=Status.FAILED)
    if kind.startswith("checkout.session."):
        return of_session(body)
    if kind == "charge.refunded":
        return _of_payment(body, Status.REFUNDED if body["refunded"] else Status.PARTIALLY_REFUNDED)
    return _of_payment(body, Status.DISPUTED)


def of_session(body: Mapping[str, Any]) -> Observation:
    """Read a Checkout Session; with its payment intent expanded, a bank debit that failed is seen too."""
    intent = body.get("payment_intent")
    expanded = intent if isinstance(intent, Mapping) else None
    return Observation(
        status=_status(body, expanded),
        object_id=body["id"],
        order_id=_order_id(body),
        session_id=body["id"],
        session_url=body.get("url"),
        payment_intent=expanded["id"] if expanded else intent,
        amount=body["amount_total"],
        currency=body["currency"],
    )


def _status(body: Mapping[str, Any], intent: Mapping[str, Any] | None) -> Status:
    if body["status"] == "expired":
        return Status.EXPIRED
    # An open session over nothing says no_payment_required from the start, and is no purchase yet.
    if body["status"] == "complete" and body["payment_status"] != "unpaid":
        return Status.PAID
    if body["status"] == "complete" and intent and intent["status"] in ("requires_payment_method", "canceled"):
        return Status.FAILED
    # Open, or complete while a bank debit is under way: not paid yet, and not over.
    return Status.CHECKOUT_OPEN


def _of_payment(body: Mapping[str, Any], status: Status) -> Observation:
    # A dispute may be over a part; its amount says nothing about what was paid.
    whole = body["object"] == "charge"
    return Observation(
        status=status,
        object_id=body["id"],
        order_id=_order_id(body),
        payment_intent=body["payment_intent"],
        amount=body["amount"] if whole else None,
        currency=body["currency"] if whole else None,
    )


def _order_id(body: Mapping[str, Any]) -> UUID | None:
    written = body.get("client_reference_id") or (body.get("metadata") or {}).get("order_id")
    try:
        return UUID(written) if written else None
    except ValueError:
        return None
