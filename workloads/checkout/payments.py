"""Stripe, through its official SDK: every call has a timeout, a circuit breaker and, where it writes, a stored key."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import stripe

from checkout.breaker import Breaker
from checkout.settings import SecretFile

LOG = logging.getLogger(__name__)
Order = Mapping[str, Any]
Object = dict[str, Any]
T = TypeVar("T")


class Unavailable(Exception):  # noqa: N818  (a state of the world)
    """Stripe did not answer, or not with what was asked; ``final`` says that the same key gets the same failure."""

    def __init__(self, reason: str, *, final: bool = False) -> None:
        super().__init__(reason)
        self.final = final


class Payments:
    """What the checkout asks of Stripe; the key is read again when its file changes."""

    def __init__(
        self, key: SecretFile, api: str | None, timeout_seconds: float, breaker: Breaker | None = None
    ) -> None:
        self._key = key
        self._api = api
        self._http = stripe.RequestsClient(timeout=timeout_seconds)
        self._clients: dict[str, stripe.StripeClient] = {}
        self.breaker = breaker or Breaker()
        self.latency_seconds: float | None = None

    def open_session(self, order: Order) -> Object:
        """Open a Checkout Session for an order, or get the one that its key opened before; raises Unavailable."""
        params = session_params(order)
        return self._call(
            lambda client: client.v1.checkout.sessions.create(params, _once(order["stripe_key"])).to_dict()
        )

    def session(self, identity: str) -> Object:
        """Give a session with its payment intent; raises Unavailable."""
        expand: Any = {"expand": ["payment_intent"]}
        return self._call(lambda client: client.v1.checkout.sessions.retrieve(identity, expand).to_dict())

    def expire_session(self, identity: str) -> None:
        """Close a session that nobody shall pay; raises Unavailable."""
        self._call(lambda client: client.v1.checkout.sessions.expire(identity))

    def sessions(self, since: int) -> Iterator[Object]:
        """Go through the sessions made since (seconds since 1970), newest first; raises Unavailable."""
        params: Any = {"created": {"gte": since}, "limit": 100, "expand": ["data.payment_intent"]}
        yield from self._walk(lambda client: client.v1.checkout.sessions.list(params))

    def events(self, types: tuple[str, ...], *, after: str | None, since: int) -> Iterator[Object]:
        """Go through the events, oldest first: those after an event, or since a time; raises Unavailable."""
        params: Any = {"types": list(types), "limit": 100}
        if after is None:
            params["created"] = {"gte": since}
            yield from reversed(list(self._walk(lambda client: client.v1.events.list(params))))
        else:
            params["ending_before"] = after
            yield from self._walk(lambda client: client.v1.events.list(params))

    def refund(self, order: Order) -> Object:
        """Give all of an order's money back; raises Unavailable."""
        params: Any = {"payment_intent": order["payment_intent"], "metadata": {"order_id": str(order["id"])}}
        key = f"refund-{order['id']}-1"
        return self._call(lambda client: client.v1.refunds.create(params, _once(key)).to_dict())

    def probe(self) -> float:
        """Ask something cheap that the key must be allowed; gives the seconds it took, raises Unavailable."""
        self._call(lambda client: client.v1.checkout.sessions.list({"limit": 1}))
        return self.latency_seconds or 0.0

    def _walk(self, first: Callable[[stripe.StripeClient], Any]) -> Iterator[Object]:
        page = self._call(first)
        items = iter(page.auto_paging_iter())
        while (item := self._call(lambda _client: next(items, None))) is not None:
            yield item.to_dict()

    def _client(self) -> stripe.StripeClient:
        try:
            key = self._key.value()
        except OSError as error:
            raise Unavailable(f"no Stripe key: {error}") from error
        if key not in self._clients:
            addresses: Any = {"api": self._api} if self._api else {}
            self._clients = {
                key: stripe.StripeClient(key, base_addresses=addresses, max_network_retries=2, http_client=self._http)
            }
        return self._clients[key]

    def _call(self, ask: Callable[[stripe.StripeClient], T]) -> T:
        client = self._client()
        if not self.breaker.admit():
            raise Unavailable("circuit is open: Stripe failed several times in a row")
        started = time.monotonic()
        try:
            answer = ask(client)
        except stripe.StripeError as error:
            raise self._refused(error) from error
        self.latency_seconds = time.monotonic() - started
        self.breaker.succeeded()
        return answer

    def _refused(self, error: stripe.StripeError) -> Unavailable:
        status = error.http_status
        if status is None or status >= 500:
            self.breaker.failed()
        else:
            # An answer, if not the one hoped for: Stripe is there.
            self.breaker.succeeded()
        LOG.warning(
            "stripe refused", extra={"status": status, "kind": type(error).__name__, "request": error.request_id}
        )
        final = status == 500 or isinstance(error, stripe.IdempotencyError)
        return Unavailable(f"{type(error).__name__}: {error.user_message or 'no answer'}", final=final)


def session_params(order: Order) -> Any:  # noqa: ANN401  (a TypedDict of the SDK's)
    """Give the parameters of an order's session, from the stored order alone: the same at every attempt."""
    metadata = {
        "order_id": str(order["id"]),
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


def _once(key: str) -> Any:  # noqa: ANN401  (a TypedDict of the SDK's)
    return {"idempotency_key": key}
