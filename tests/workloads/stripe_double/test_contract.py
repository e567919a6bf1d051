"""The same tests against the double and, with STRIPE_TEST_KEY in the environment, against Stripe's own test mode.

All of it goes through the official SDK; what only a buyer can do stands in test_double.py.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import stripe

from tests.workloads.program import Program

REAL_KEY = os.environ.get("STRIPE_TEST_KEY", "")


@pytest.fixture(scope="module")
def double(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    program = Program("stripe_double", {}, tmp_path_factory.mktemp("double") / "log")
    program.start()
    yield program
    program.stop()


@pytest.fixture(params=["double", "stripe"] if REAL_KEY else ["double"])
def client(request: pytest.FixtureRequest, double: Program) -> stripe.StripeClient:
    if request.param == "double":
        return stripe.StripeClient("sk_test_any", base_addresses={"api": double.url})
    assert REAL_KEY.startswith(("sk_test_", "rk_test_")), "STRIPE_TEST_KEY must be a test key"
    return stripe.StripeClient(REAL_KEY)


def _params(**more: Any) -> Any:
    price = {"currency": "usd", "unit_amount": 1900, "product_data": {"name": "Cape"}}
    return {
        "mode": "payment",
        "line_items": [{"quantity": 2, "price_data": price}],
        "success_url": "https://shop.example/success?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://shop.example/cancel",
        **more,
    }


def _once(key: str) -> Any:
    return {"idempotency_key": key}


def test_a_session_is_made_retrieved_listed_and_expired(client: stripe.StripeClient) -> None:
    order, end = str(uuid.uuid4()), int(time.time()) + 3600
    made = client.v1.checkout.sessions.create(
        _params(client_reference_id=order, metadata={"order_id": order}, expires_at=end)
    )
    assert (made.status, made.payment_status, made.amount_total, made.currency) == ("open", "unpaid", 3800, "usd")
    assert (made.client_reference_id, made.expires_at, made.livemode) == (order, end, False)
    assert made.url
    assert made.id.startswith("cs_test_")
    assert made.payment_intent is None
    assert made.id in [one.id for one in client.v1.checkout.sessions.list({"limit": 5}).data]
    expand: Any = {"expand": ["line_items"]}
    items = client.v1.checkout.sessions.retrieve(made.id, expand).line_items
    assert items
    assert [(item.quantity, item.amount_total) for item in items.data] == [(2, 3800)]
    assert client.v1.checkout.sessions.expire(made.id).status == "expired"
    with pytest.raises(stripe.InvalidRequestError, match="expired"):
        client.v1.checkout.sessions.expire(made.id)


def test_a_key_replays_its_answer_and_refuses_other_parameters(client: stripe.StripeClient) -> None:
    key = str(uuid.uuid4())
    first = client.v1.checkout.sessions.create(_params(), _once(key))
    assert client.v1.checkout.sessions.create(_params(), _once(key)).id == first.id
    with pytest.raises(stripe.IdempotencyError, match="same parameters") as caught:
        client.v1.checkout.sessions.create(_params(client_reference_id="other"), _once(key))
    assert caught.value.http_status == 400


@pytest.mark.parametrize(
    ("change", "param", "code"),
    [
        ({"colour": "red"}, "colour", "parameter_unknown"),
        ({"line_items": [{"quantity": 1, "price_data": {"currency": "usd", "unit_amount": "cheap"}}]}, None, None),
        ({"mode": "gift"}, "mode", None),
        ({"expires_at": 1}, "expires_at", None),
        ({"expires_at": 2**31}, "expires_at", None),
        ({"metadata": {"k" * 41: "v"}}, None, None),
        ({"success_url": "nowhere"}, None, "url_invalid"),
    ],
)
def test_parameters_are_refused_as_stripe_does(
    client: stripe.StripeClient, change: dict[str, Any], param: str | None, code: str | None
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.checkout.sessions.create(_params(**change))
    assert caught.value.http_status == 400
    assert param in (None, caught.value.param)
    assert code in (None, caught.value.code)


def test_what_is_missing_is_named(client: stripe.StripeClient) -> None:
    params = _params()
    del params["line_items"][0]["price_data"]["currency"]
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.checkout.sessions.create(params)
    assert (caught.value.code, caught.value.param) == ("parameter_missing", "line_items[0][price_data][currency]")


def test_a_parameter_refused_frees_the_key(client: stripe.StripeClient) -> None:
    key = str(uuid.uuid4())
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.create(_params(colour="red"), _once(key))
    assert client.v1.checkout.sessions.create(_params(), _once(key)).status == "open"


@pytest.mark.parametrize("kind", ["session", "event", "refund", "intent"])
def test_what_is_not_there_is_404(client: stripe.StripeClient, kind: str) -> None:
    ask: dict[str, Any] = {
        "session": lambda: client.v1.checkout.sessions.retrieve("cs_test_none"),
        "event": lambda: client.v1.events.retrieve("evt_none"),
        "refund": lambda: client.v1.refunds.retrieve("re_none"),
        "intent": lambda: client.v1.payment_intents.retrieve("pi_none"),
    }
    with pytest.raises(stripe.InvalidRequestError) as caught:
        ask[kind]()
    assert (caught.value.http_status, caught.value.code) == (404, "resource_missing")


def test_lists_page_in_both_directions(client: stripe.StripeClient) -> None:
    made = [client.v1.checkout.sessions.create(_params()).id for _ in range(5)]
    first = client.v1.checkout.sessions.list({"limit": 2})
    assert ([one.id for one in first.data], first.has_more) == ([made[4], made[3]], True)
    second = client.v1.checkout.sessions.list({"limit": 2, "starting_after": made[3]})
    assert [one.id for one in second.data] == [made[2], made[1]]
    newer = client.v1.checkout.sessions.list({"limit": 2, "ending_before": made[1]})
    assert [one.id for one in newer.data] == [made[3], made[2]]
    walked = client.v1.checkout.sessions.list({"limit": 1, "ending_before": made[1]}).auto_paging_iter()
    assert [one.id for one in walked][:3] == made[2:5]
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.list({"limit": 101})


def test_a_webhook_endpoint_shows_its_secret_once(client: stripe.StripeClient) -> None:
    made = client.v1.webhook_endpoints.create(
        {"url": "https://shop.example/hook", "enabled_events": ["charge.refunded"]}
    )
    try:
        assert made.secret
        assert made.secret.startswith("whsec_")
        assert client.v1.webhook_endpoints.retrieve(made.id).to_dict().get("secret") is None
    finally:
        assert client.v1.webhook_endpoints.delete(made.id).deleted


def test_a_wrong_key_is_refused(client: stripe.StripeClient, double: Program) -> None:
    local = client._requestor._options.base_addresses.get("api") == double.url
    other = stripe.StripeClient(
        "sk_test_x" if not local else "nonsense", base_addresses={"api": double.url} if local else {}
    )
    with pytest.raises(stripe.AuthenticationError, match="Invalid API Key provided"):
        other.v1.checkout.sessions.list()
