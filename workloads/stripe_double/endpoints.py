"""The API's endpoints: path, the parameters each takes, and what it does. Nothing else is answered but with 404."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from stripe_double import params as p
from stripe_double.account import Account, now
from stripe_double.currencies import currency
from stripe_double.objects import shown
from stripe_double.problems import Problem
from stripe_double.store import Object, new_id

_PRODUCT = p.Fields({"name": p.text, "description": p.text, "metadata": p.metadata}, must=("name",))
_PRICE = p.Fields(
    {
        "currency": currency,
        "unit_amount": p.integer(),
        "product_data": _PRODUCT,
    },
    must=("currency", "unit_amount", "product_data"),
)
_LINE_ITEM = p.Fields({"price_data": _PRICE, "quantity": p.integer(1, 999_999)}, must=("price_data", "quantity"))
_SESSION = p.Fields(
    {
        **p.EXPAND,
        "cancel_url": p.url,
        "client_reference_id": p.text,
        "customer_email": p.text,
        "expires_at": p.integer(),
        "line_items": p.array(_LINE_ITEM),
        "metadata": p.metadata,
        "mode": p.one_of("payment"),
        "payment_intent_data": p.Fields({"metadata": p.metadata, "description": p.text}),
        "success_url": p.url,
    },
    must=("mode", "line_items", "success_url"),
)
_REFUND = p.Fields(
    {
        **p.EXPAND,
        "amount": p.integer(1),
        "metadata": p.metadata,
        "payment_intent": p.text,
        "reason": p.one_of("duplicate", "fraudulent", "requested_by_customer"),
    },
    must=("payment_intent",),
)
_EVENTS = p.Fields({**p.LISTED, "type": p.text, "types": p.array(p.text), "delivery_success": p.boolean})
_ENDPOINT = p.Fields(
    {**p.EXPAND, "url": p.url, "enabled_events": p.array(p.text), "description": p.text, "metadata": p.metadata},
    must=("url", "enabled_events"),
)
_NOTHING = p.Fields(p.EXPAND)
_EXPANDABLE = {
    "checkout.session": {"payment_intent": "payment_intent", "line_items": ""},
    "payment_intent": {"latest_charge": "charge"},
    "refund": {"charge": "charge", "payment_intent": "payment_intent"},
    "charge": {"payment_intent": "payment_intent"},
    "dispute": {"charge": "charge", "payment_intent": "payment_intent"},
}


@dataclass(frozen=True)
class Call:
    """One request after routing: the account, the typed parameters, the ids in the path, and where the double is."""

    account: Account
    params: Object
    ids: tuple[str, ...]
    base: str


@dataclass(frozen=True)
class Endpoint:
    """What answers a method and a path."""

    method: str
    path: str
    fields: p.Fields
    act: Callable[[Call], Object]


def _listing(kind: str, *filters: str) -> Callable[[Call], Object]:
    def act(call: Call) -> Object:
        wanted = {name: call.params[name] for name in filters if name in call.params}
        return _page(call, kind, lambda body: all(body.get(name) == value for name, value in wanted.items()))

    return act


def _page(call: Call, kind: str, keep: Callable[[Object], bool]) -> Object:
    found, more = call.account.store.page(kind, call.params, keep)
    return {"object": "list", "data": found, "has_more": more}


def _events(call: Call) -> Object:
    types = set(call.params.get("types", [])) | ({call.params["type"]} if "type" in call.params else set())
    delivered = call.params.get("delivery_success")

    def keep(body: Object) -> bool:
        return (not types or body["type"] in types) and delivered in (None, body["pending_webhooks"] == 0)

    return _page(call, "event", keep)


def _new_webhook_endpoint(call: Call) -> Object:
    made = {
        "id": new_id("we"),
        "object": "webhook_endpoint",
        "created": now(),
        "enabled_events": call.params["enabled_events"],
        "livemode": False,
        "metadata": call.params.get("metadata", {}),
        "status": "enabled",
        "url": call.params["url"],
        "_secret": new_id("whsec"),
    }
    # The secret is shown this once (Stripe API reference, The Webhook Endpoint object).
    return call.account.store.put(made) | {"secret": made["_secret"]}


def _remove_webhook_endpoint(call: Call) -> Object:
    found = call.account.store.get("webhook_endpoint", call.ids[0])
    call.account.store.remove(found["id"])
    return {"id": found["id"], "object": "webhook_endpoint", "deleted": True}


def _got(kind: str) -> Callable[[Call], Object]:
    return lambda call: call.account.store.get(kind, call.ids[0])


def _list_of(**more: p.Check) -> p.Fields:
    return p.Fields({**p.LISTED, **more})


_STATUS = p.one_of("open", "complete", "expired")
ENDPOINTS = (
    Endpoint(
        "POST", "/v1/checkout/sessions", _SESSION, lambda call: call.account.create_session(call.params, call.base)
    ),
    Endpoint(
        "GET",
        "/v1/checkout/sessions",
        _list_of(payment_intent=p.text, status=_STATUS),
        _listing("checkout.session", "payment_intent", "status"),
    ),
    Endpoint("GET", "/v1/checkout/sessions/{id}", _NOTHING, lambda call: call.account.session(call.ids[0])),
    Endpoint("POST", "/v1/checkout/sessions/{id}/expire", _NOTHING, lambda call: call.account.expire(call.ids[0])),
    Endpoint("GET", "/v1/payment_intents", _list_of(), _listing("payment_intent")),
    Endpoint("GET", "/v1/payment_intents/{id}", _NOTHING, _got("payment_intent")),
    Endpoint("GET", "/v1/charges/{id}", _NOTHING, _got("charge")),
    Endpoint("POST", "/v1/refunds", _REFUND, lambda call: call.account.refund(call.params)),
    Endpoint("GET", "/v1/refunds", _list_of(payment_intent=p.text), _listing("refund", "payment_intent")),
    Endpoint("GET", "/v1/refunds/{id}", _NOTHING, _got("refund")),
    Endpoint("GET", "/v1/disputes", _list_of(payment_intent=p.text), _listing("dispute", "payment_intent")),
    Endpoint("GET", "/v1/disputes/{id}", _NOTHING, _got("dispute")),
    Endpoint("GET", "/v1/events", _EVENTS, _events),
    Endpoint("GET", "/v1/events/{id}", _NOTHING, _got("event")),
    Endpoint("POST", "/v1/webhook_endpoints", _ENDPOINT, _new_webhook_endpoint),
    Endpoint("GET", "/v1/webhook_endpoints", _list_of(), _listing("webhook_endpoint")),
    Endpoint("GET", "/v1/webhook_endpoints/{id}", _NOTHING, _got("webhook_endpoint")),
    Endpoint("DELETE", "/v1/webhook_endpoints/{id}", _NOTHING, _remove_webhook_endpoint),
)


def find(method: str, path: str) -> tuple[Endpoint, tuple[str, ...]]:
    """Give the endpoint and the ids in the path; raises Problem 404 in Stripe's words."""
    for endpoint in ENDPOINTS:
        found = re.fullmatch(endpoint.path.replace("{id}", "([^/]+)"), path)
        if found and endpoint.method == method:
            return endpoint, found.groups()
    raise Problem(f"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs", status=404)


def answer(endpoint: Endpoint, call: Call) -> Object:
    """Do what was asked; gives the JSON body, without what the double keeps for itself."""
    body = endpoint.act(call)
    expand = call.params.get("expand", [])
    if body["object"] == "list":
        within = [path.removeprefix("data.") for path in expand]
        shown_data = [_expanded(call.account, one, within) for one in body["data"]]
        return body | {"url": endpoint.path, "data": shown_data}
    return _expanded(call.account, body, expand)


def _expanded(account: Account, body: Object, expand: list[str]) -> Object:
    result: Object = shown(body)
    known: Mapping[str, str] = _EXPANDABLE.get(body["object"], {})
    for name in expand:
        if name not in known:
            raise Problem(f"This property cannot be expanded ({name}).", param="expand")
        result[name] = _inner(account, body, name, known[name])
    return result


def _inner(account: Account, body: Object, name: str, kind: str) -> Any:  # noqa: ANN401
    if name == "line_items":
        return {"object": "list", "data": body["_line_items"], "has_more": False, "url": ""}
    return shown(account.store.get(kind, body[name])) if body[name] else None
