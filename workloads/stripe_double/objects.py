"""The objects as the API shows them (Stripe API reference); only what a client of this kind may rely on."""

from __future__ import annotations

from typing import Any

from stripe_double.currencies import chargeable
from stripe_double.problems import Problem
from stripe_double.store import Object, new_id

API_VERSION = "2026-10-28.endive"
_SHORTEST, _LONGEST, _DEFAULT = 30 * 60, 24 * 3600, 24 * 3600


def session(params: Object, base: str, now: int) -> Object:
    """Make a Checkout Session in mode payment; raises Problem when amounts or the expiry can't be."""
    currencies = {item["price_data"]["currency"] for item in params["line_items"]}
    if len(currencies) != 1:
        raise Problem("The currency of all line items must be the same.", param="line_items")
    total = sum(item["price_data"]["unit_amount"] * item.get("quantity", 1) for item in params["line_items"])
    code = currencies.pop()
    chargeable(total, code)
    identity = new_id("cs_test")
    return {
        "id": identity,
        "object": "checkout.session",
        "amount_subtotal": total,
        "amount_total": total,
        "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"),
        "created": now,
        "currency": code,
        "customer": None,
        "customer_details": None,
        "customer_email": params.get("customer_email"),
        "expires_at": _expiry(params.get("expires_at"), now),
        "livemode": False,
        "metadata": params.get("metadata", {}),
        "mode": "payment",
        "payment_intent": None,
        "payment_method_types": ["card"],
        # Nothing to pay, so nothing is unpaid (Stripe documentation, No-cost orders).
        "payment_status": "unpaid" if total else "no_payment_required",
        "status": "open",
        "success_url": params["success_url"],
        "ui_mode": "hosted_page",
        "url": f"{base}/c/pay/{identity}",
        "_line_items": [_line_item(item) for item in params["line_items"]],
        "_intent": params.get("payment_intent_data", {}),
    }


def _expiry(wanted: int | None, now: int) -> int:
    if wanted is None:
        return now + _DEFAULT
    if not now + _SHORTEST <= wanted <= now + _LONGEST:
        bound = "at least 30 minutes" if wanted < now + _SHORTEST else "less than 24 hours"
        raise Problem(f"The `expires_at` timestamp must be {bound} from Checkout Session creation.", param="expires_at")
    return wanted


def _line_item(item: Object) -> Object:
    price, quantity = item["price_data"], item.get("quantity", 1)
    amount = price["unit_amount"] * quantity
    return {
        "id": new_id("li"),
        "object": "item",
        "amount_subtotal": amount,
        "amount_total": amount,
        "currency": price["currency"],
        "description": price["product_data"]["name"],
        "quantity": quantity,
    }


def payment_intent(checkout: Object, status: str, now: int) -> Object:
    """Make the PaymentIntent that a session's payment creates."""
    paid = status == "succeeded"
    return {
        "id": new_id("pi"),
        "object": "payment_intent",
        "amount": checkout["amount_total"],
        "amount_received": checkout["amount_total"] if paid else 0,
        "created": now,
        "currency": checkout["currency"],
        "description": checkout["_intent"].get("description"),
        "latest_charge": None,
        "livemode": False,
        "metadata": checkout["_intent"].get("metadata", {}),
        "status": status,
    }


def charge(intent: Object, status: str, now: int) -> Object:
    """Make a Charge; it carries the metadata of its PaymentIntent."""
    return {
        "id": new_id("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if status == "succeeded" else 0,
        "amount_refunded": 0,
        "created": now,
        "currency": intent["currency"],
        "disputed": False,
        "livemode": False,
        "metadata": intent["metadata"],
        "paid": status == "succeeded",
        "payment_intent": intent["id"],
        "refunded": False,
        "status": status,
    }


def refund(charged: Object, amount: int, params: Object, now: int) -> Object:
    """Make a Refund of a part or all of a charge."""
    return {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "charge": charged["id"],
        "created": now,
        "currency": charged["currency"],
        "metadata": params.get("metadata", {}),
        "payment_intent": charged["payment_intent"],
        "reason": params.get("reason"),
        "status": "succeeded",
    }


def failure() -> Object:
    """Give what a Refund says once the buyer's bank has sent it back (Stripe, Refunds, Failed refunds)."""
    return {
        "failure_balance_transaction": new_id("txn"),
        "failure_reason": "lost_or_stolen_card",
        "status": "failed",
    }


def dispute(charged: Object, now: int) -> Object:
    """Make a Dispute over all of a charge."""
    return {
        "id": new_id("du"),
        "object": "dispute",
        "amount": charged["amount"],
        "charge": charged["id"],
        "created": now,
        "currency": charged["currency"],
        "livemode": False,
        "metadata": {},
        "payment_intent": charged["payment_intent"],
        "reason": "fraudulent",
        "status": "needs_response",
    }


def event(kind: str, body: Object, now: int, request: Object) -> Object:
    """Make an Event with the object as it is at this moment."""
    return {
        "id": new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": now,
        "data": {"object": shown(body)},
        "livemode": False,
        "pending_webhooks": 0,
        "request": request,
        "type": kind,
    }


def shown(body: Any) -> Any:  # noqa: ANN401
    """Give an object without what the double keeps for itself."""
    return {name: value for name, value in body.items() if not name.startswith("_")}
