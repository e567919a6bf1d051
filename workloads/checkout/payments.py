"""Stripe, through its official SDK: every call has a timeout, a circuit breaker and, where it writes, a stored key."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import stripe

from checkout.breaker import Breaker
from checkout.ledger import Order
from checkout.settings import SecretFile

LOG = logging.getLogger(__name__)
Object = dict[str, Any]
T = TypeVar("T")
_CONFLICT, _TOO_MANY, _FAILED = 409, 429, 500
"""Another call with this key is under way; too many calls; Stripe's own failure, which it repeats to the same key."""


class Unavailable(Exception):  # noqa: N818  (a state of the world)
    """Stripe can't be had now; ``final`` says that the same key gets the same failure, ``kind`` names the error."""

    def __init__(self, reason: str, *, kind: str = "Unavailable", final: bool = False) -> None:
        super().__init__(reason)
        self.kind = kind
        self.final = final


class Rejected(Exception):  # noqa: N818  (an answer)
    """Stripe answered no, and will again: ``code`` is Stripe's for programs, ``kind`` the SDK's name for the error."""

    def __init__(self, reason: str, *, kind: str, code: str) -> None:
        super().__init__(reason)
        self.kind = kind
        self.code = code

    @property
    def is_missing(self) -> bool:
        """Say whether Stripe has no such object (API reference, Errors)."""
        return self.code == "resource_missing"


class Payments:
    """What the checkout asks of Stripe; the key is read again when its file changes.

    Every call raises Unavailable, or Rejected when it is the call itself that Stripe won't do.
    """

    def __init__(
        self, key: SecretFile, api: str | None, timeout_seconds: float, breaker: Breaker | None = None
    ) -> None:
        self._key = key
        self._api = api
        self._http = stripe.RequestsClient(timeout=timeout_seconds)
        self._known: tuple[str, stripe.StripeClient] | None = None
        self.breaker = breaker or Breaker()

    def open_session(self, order: Order) -> Object:
        """Open a Checkout Session for an order, or get the one that its key opened before."""
        params = session_params(order)
        return self._call(
            lambda client: client.v1.checkout.sessions.create(params, _once(order["stripe_key"])).to_dict()
        )

    def session(self, identity: str) -> Object:
        """Give a session with its payment intent."""
        expand: Any = {"expand": ["payment_intent"]}
        return self._call(lambda client: client.v1.checkout.sessions.retrieve(identity, expand).to_dict())

    def payment(self, identity: str) -> Object:
        """Give a payment intent."""
        return self._call(lambda client: client.v1.payment_intents.retrieve(identity).to_dict())

    def expire_session(self, identity: str) -> None:
        """Close a session that nobody shall pay."""
        self._call(lambda client: client.v1.checkout.sessions.expire(identity))

    def sessions(self, since: int) -> Iterator[Object]:
        """Go through the sessions made since (seconds since 1970), newest first."""
        params: Any = {"created": {"gte": since}, "limit": 100, "expand": ["data.payment_intent"]}
        yield from self._walk(lambda client: client.v1.checkout.sessions.list(params))

    def events(self, types: tuple[str, ...], *, after: str | None, since: int) -> Iterator[Object]:
        """Go through the events, oldest first: those after an event, or since a time."""
        params: Any = {"types": list(types), "limit": 100}
        if after is None:
            params["created"] = {"gte": since}
            yield from reversed(list(self._walk(lambda client: client.v1.events.list(params))))
        else:
            params["ending_before"] = after
            yield from self._walk(lambda client: client.v1.events.list(params))

    def refund(self, order: Order) -> Object:
        """Give all of an order's money back, by the key of its attempt."""
        params: Any = {"payment_intent": order["payment_intent"], "metadata": _marks(order)}
        key = f"refund-{order['id']}-{order['refund_attempt']}"
        return self._call(lambda client: client.v1.refunds.create(params, _once(key)).to_dict())

    def probe(self) -> None:
        """Ask something cheap that the key must be allowed."""
        self._call(lambda client: client.v1.checkout.sessions.list({"limit": 1}))

    def _walk(self, first: Callable[[stripe.StripeClient], Any]) -> Iterator[Object]:
        page = self._call(first)
        items = iter(page.auto_paging_iter())
        while (item := self._call(lambda _client: next(items, None))) is not None:
            yield item.to_dict()

    def _client(self) -> stripe.StripeClient:
        try:
            key = self._key.value()
        except OSError as error:
            raise Unavailable(f"no Stripe key: {error}", kind=type(error).__name__) from error
        # One look: another thread may see a new key meanwhile.
        known = self._known
        if known is None or known[0] != key:
            addresses: Any = {"api": self._api} if self._api else {}
            client = stripe.StripeClient(key, base_addresses=addresses, max_network_retries=2, http_client=self._http)
            known = self._known = (key, client)
        return known[1]

    def _call(self, ask: Callable[[stripe.StripeClient], T]) -> T:
        client = self._client()
        if not self.breaker.admit():
            raise Unavailable("circuit is open: Stripe failed several times in a row", kind="CircuitOpen")
        try:
            answer = ask(client)
        except stripe.StripeError as error:
            raise self._refused(error) from error
        self.breaker.succeeded()
        return answer

    def _refused(self, error: stripe.StripeError) -> Unavailable | Rejected:
        status, kind = error.http_status, type(error).__name__
        if status is None or status >= 500 or status == _TOO_MANY:
            self.breaker.failed()
        else:
            # An answer, if not the one hoped for: Stripe is there.
            self.breaker.succeeded()
        LOG.warning("stripe refused", extra={"status": status, "kind": kind, "request": error.request_id})
        reason = f"{kind}: {error.user_message or 'no answer'}"
        key_is_used = isinstance(error, stripe.IdempotencyError) and status != _CONFLICT
        if status is None or status >= 500 or status in (_CONFLICT, _TOO_MANY) or key_is_used:
            return Unavailable(reason, kind=kind, final=status == _FAILED or key_is_used)
        return Rejected(reason, kind=kind, code=error.code or kind)


def session_params(order: Order) -> Any:  # noqa: ANN401  (a TypedDict of the SDK's)
    """Give the parameters of an order's session, from the stored order alone: the same at every attempt."""
    metadata = {
        **_marks(order),
        "variant": order["variant"],
        "correlation_id": order["correlation_id"],
        "flotilla_test": str(order["test"]).lower(),
    }
    return {
        "mode": "payment",
        "client_reference_id": str(order["id"]),
        "expires_at": int(order["expires_at"].timestamp()),
        "line_items": [
            {
                "quantity": order["quantity"],
                "price_data": {
                    "currency": order["currency"],
                    "unit_amount": order["amount"] // order["quantity"],
                    "product_data": {"name": order["product"]},
                },
            }
        ],
        "metadata": metadata,
        # A charge and its refunds carry the metadata of the payment intent, not that of the session.
        "payment_intent_data": {"metadata": metadata},
        "success_url": f"{order['origin']}/success?order={order['id']}&session={{CHECKOUT_SESSION_ID}}",
        "cancel_url": f"{order['origin']}/cancel?order={order['id']}",
    }


def _marks(order: Order) -> dict[str, str]:
    """Give what tells whose an object is; the version before kept no fleet with its orders."""
    return {"order_id": str(order["id"])} | ({"fleet": order["fleet"]} if order["fleet"] else {})


def _once(key: str) -> Any:  # noqa: ANN401  (a TypedDict of the SDK's)
    return {"idempotency_key": key}
