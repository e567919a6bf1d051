"""One Stripe account: what can be done with sessions, payments, refunds and disputes, and the events that follow."""

from __future__ import annotations

import time
from collections.abc import Callable

from stripe_double import currencies, objects
from stripe_double.problems import Problem
from stripe_double.store import Object, Store

DECLINED = "Your card was declined."
NOBODY: Object = {"id": None, "idempotency_key": None}
"""The request of an event that came of no API call (Stripe API reference, The Event object)."""
CLOSED = ("won", "lost")
"""How a dispute can end."""


class Account:
    """Does what API, payment page and panel ask for; ``announce`` gets every event that comes of it."""

    def __init__(self, store: Store, announce: Callable[[Object], None]) -> None:
        self.store = store
        self._announce = announce
        self.request = NOBODY

    def create_session(self, params: Object, base: str) -> Object:
        """Open a Checkout Session."""
        return self.store.put(objects.session(params, base, now()))

    def session(self, identity: str) -> Object:
        """Give a session as it stands now; one past its time has expired."""
        found = self.store.get("checkout.session", identity)
        if found["status"] == "open" and found["expires_at"] <= now():
            self._close(found)
        return found

    def expire(self, identity: str) -> Object:
        """Expire an open session; raises Problem when it is open no more."""
        found = self.session(identity)
        if found["status"] != "open":
            raise Problem(
                f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status '
                f"of `{found['status']}`."
            )
        self._close(found)
        return found

    def sweep(self) -> None:
        """Expire every session that is past its time."""
        for one in self.store.every("checkout.session"):
            if one["status"] == "open" and one["expires_at"] <= now():
                self._close(one)

    def pay(self, identity: str, *, later: bool = False) -> Object:
        """Pay a session: at once, or ``later`` as with a bank debit, which ``settle`` ends."""
        found = self._open(identity)
        buyer = {"email": found["customer_email"] or "buyer@example.com", "name": "A. Buyer"}
        found |= {"status": "complete", "url": None, "customer_details": buyer}
        if found["amount_total"] == 0:
            # An order of nothing has no PaymentIntent (Stripe documentation, No-cost orders).
            self._emit("checkout.session.completed", self.store.put(found))
            return found
        intent = objects.payment_intent(found, "processing" if later else "succeeded", now())
        found |= {"payment_intent": intent["id"], "payment_status": "unpaid" if later else "paid"}
        self.store.put(found)
        self._emit("payment_intent.created", self.store.put(intent))
        if not later:
            self._succeed(intent)
        self._emit("checkout.session.completed", found)
        return found

    def settle(self, identity: str, *, succeeds: bool) -> Object:
        """End a payment that was made ``later``."""
        found = self.session(identity)
        if found["status"] != "complete" or found["payment_status"] != "unpaid":
            raise Problem(f"session {identity} waits for no payment")
        intent = self.store.get("payment_intent", found["payment_intent"])
        if succeeds:
            found["payment_status"] = "paid"
            self._succeed(intent)
        else:
            intent["status"] = "requires_payment_method"
            self._emit("payment_intent.payment_failed", self.store.put(intent))
        self.store.put(found)
        self._emit(f"checkout.session.async_payment_{'succeeded' if succeeds else 'failed'}", found)
        return found

    def decline(self, identity: str) -> Object:
        """Refuse a card; the session stays open for another try."""
        found = self._open(identity)
        if found["amount_total"] == 0:
            raise Problem("No card is asked for an order of nothing.")
        intent = objects.payment_intent(found, "requires_payment_method", now())
        intent["last_payment_error"] = {"code": "card_declined", "message": DECLINED, "type": "card_error"}
        self._emit("charge.failed", self.store.put(objects.charge(intent, "failed", now())))
        self._emit("payment_intent.payment_failed", self.store.put(intent))
        return found

    def refund(self, params: Object) -> Object:
        """Give money back, all that is left or ``amount``; raises Problem when there is not so much."""
        intent = self.store.get("payment_intent", params["payment_intent"], "payment_intent")
        if intent["latest_charge"] is None:
            raise Problem("This PaymentIntent does not have a successful charge to refund.", param="payment_intent")
        charged = self.store.get("charge", intent["latest_charge"])
        left = charged["amount"] - charged["amount_refunded"]
        amount = params.get("amount", left)
        if left == 0:
            raise Problem(f"Charge {charged['id']} has already been refunded.", code="charge_already_refunded")
        if amount > left:
            asked, there = (currencies.shown(one, charged["currency"]) for one in (amount, left))
            raise Problem(
                f"Refund amount ({asked}) is greater than unrefunded amount on charge ({there})", param="amount"
            )
        charged["amount_refunded"] += amount
        charged["refunded"] = charged["amount_refunded"] == charged["amount"]
        made = self.store.put(objects.refund(charged, amount, params, now()))
        self._emit("charge.refunded", self.store.put(charged))
        self._emit("refund.created", made)
        return made

    def fail_refund(self, identity: str) -> Object:
        """Let a refund come back from the buyer's bank after it succeeded; the money is the account's again."""
        found = self.store.get("refund", identity)
        if found["status"] != "succeeded":
            raise Problem(f"refund {identity} is {found['status']}: only one that succeeded can fail")
        found |= objects.failure()
        charged = self.store.get("charge", found["charge"])
        charged |= {"amount_refunded": charged["amount_refunded"] - found["amount"], "refunded": False}
        self.store.put(charged)
        self._emit("refund.updated", self.store.put(found))
        self._emit("refund.failed", found)
        return found

    def dispute(self, payment_intent: str) -> Object:
        """Let the buyer's bank dispute a payment."""
        intent = self.store.get("payment_intent", payment_intent, "payment_intent")
        charged = self.store.get("charge", intent["latest_charge"] or "", "charge")
        charged["disputed"] = True
        self.store.put(charged)
        made = self.store.put(objects.dispute(charged, now()))
        self._emit("charge.dispute.created", made)
        return made

    def close_dispute(self, identity: str, outcome: str) -> Object:
        """End a dispute: ``won``, and the money stays, or ``lost``; the charge has been disputed for ever."""
        found = self.store.get("dispute", identity)
        if found["status"] in CLOSED:
            raise Problem(f"dispute {identity} is {found['status']}: only one that is open can be closed")
        found["status"] = outcome
        self._emit("charge.dispute.closed", self.store.put(found))
        return found

    def _open(self, identity: str) -> Object:
        found = self.session(identity)
        if found["status"] != "open":
            raise Problem(f"This Checkout Session is {found['status']}.", code="checkout_session_not_open")
        return found

    def _close(self, found: Object) -> None:
        found |= {"status": "expired", "url": None}
        self._emit("checkout.session.expired", self.store.put(found))

    def _succeed(self, intent: Object) -> None:
        charged = self.store.put(objects.charge(intent, "succeeded", now()))
        intent |= {"status": "succeeded", "amount_received": intent["amount"], "latest_charge": charged["id"]}
        self.store.put(intent)
        self._emit("charge.succeeded", charged)
        self._emit("payment_intent.succeeded", intent)

    def _emit(self, kind: str, body: Object) -> None:
        self._announce(self.store.put(objects.event(kind, body, now(), self.request)))


def now() -> int:
    """Give the time as Stripe counts it: whole seconds since 1970."""
    return int(time.time())
