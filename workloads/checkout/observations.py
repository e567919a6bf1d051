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
    "charge.dispute.closed",
    "refund.failed",
)
"""The events about orders, to be registered at Stripe (README.md); any other is answered and forgotten."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What an object of Stripe's says whom it is about.

    ``order_id`` is None where the object carries none (a dispute); then the payment tells which order it is.
    ``fleet`` is who made the order, for several fleets may share one account; None where the object doesn't say.
    """

    object_id: str
    order_id: UUID | None
    fleet: str | None
    payment_intent: str | None = None


@dataclass(frozen=True, kw_only=True)
class Observation(Claim):
    """An order has come to ``status``; ``complete`` says that the buyer has done all that a checkout asks."""

    status: Status
    complete: bool = False
    session_id: str | None = None
    session_url: str | None = None
    amount: int | None = None
    currency: str | None = None


@dataclass(frozen=True, kw_only=True)
class Notice(Claim):
    """Something about an order that moves it nowhere, and that a person must know: ``kind`` is the review's."""

    kind: str
    detail: str


def of_event(kind: str, body: Mapping[str, Any]) -> Observation | Notice | None:
    """Read the object of an event; None for an event that says nothing about orders."""
    if kind not in EVENT_TYPES:
        return None
    if kind == "charge.dispute.closed":
        return _notice(body, "dispute_closed", f"the dispute ended: {body['status']}")
    if kind == "refund.failed":
        return _notice(body, "refund_failed", f"{body['amount']} {body['currency']} did not reach the buyer")
    if kind.startswith("checkout.session."):
        seen = of_session(body)
        return replace(seen, status=Status.FAILED) if kind.endswith(".async_payment_failed") else seen
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
        fleet=_fleet(body),
        complete=body["status"] == "complete",
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
        fleet=_fleet(body),
        payment_intent=body["payment_intent"],
        amount=body["amount"] if whole else None,
        currency=body["currency"] if whole else None,
    )


def _notice(body: Mapping[str, Any], kind: str, detail: str) -> Notice:
    return Notice(
        kind=kind,
        detail=detail,
        object_id=body["id"],
        order_id=_order_id(body),
        fleet=_fleet(body),
        payment_intent=body["payment_intent"],
    )


def _fleet(body: Mapping[str, Any]) -> str | None:
    return (body.get("metadata") or {}).get("fleet")


def _order_id(body: Mapping[str, Any]) -> UUID | None:
    written = body.get("client_reference_id") or (body.get("metadata") or {}).get("order_id")
    try:
        return UUID(written) if written else None
    except ValueError:
        return None
