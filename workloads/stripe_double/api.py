"""How every API request is answered: key, faults, Idempotency-Key, parameters, and only then the endpoint."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from stripe_double import endpoints, params
from stripe_double.account import NOBODY, Account, now
from stripe_double.faults import API_FAULTS, Faults, Rule
from stripe_double.problems import Problem, unexpected
from stripe_double.store import Object, new_id


class Api:
    """The double's ``/v1``: ``keys`` are the secret keys it takes (none: any test key), ``base`` begins the pages."""

    def __init__(self, account: Account, faults: Faults, keys: Collection[str] = (), base: str = "") -> None:
        self._account = account
        self._faults = faults
        self._keys = frozenset(keys)
        self._base = base

    async def respond(self, request: Request) -> Response:
        """Answer one request as Stripe would, or as a fault that is switched on has it."""
        form = (await request.body()).decode()
        rule = self._faults.draw(API_FAULTS)
        if rule and rule.fault == "api_down":
            return PlainTextResponse("upstream connect error", 503)
        try:
            self._authorize(request)
            status, body, replayed = self._execute(request, form, rule)
        except Problem as problem:
            status, body, replayed = problem.status, problem.body, False
        if rule and rule.fault == "api_timeout":
            await asyncio.sleep(rule.seconds)
        return JSONResponse(body, status, headers=_headers(request, status, replayed=replayed))

    def _authorize(self, request: Request) -> None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key:
            raise Problem("You did not provide an API key.", status=401)
        if key not in self._keys if self._keys else not key.startswith(("sk_test_", "rk_test_")):
            raise Problem(f"Invalid API Key provided: {key[:7]}{'*' * 8}{key[-4:]}", status=401)

    def _execute(self, request: Request, form: str, rule: Rule | None) -> tuple[int, Object, bool]:
        endpoint, ids = endpoints.find(request.method, request.url.path)
        key = request.headers.get("idempotency-key") if request.method == "POST" else None
        if key and len(key) > 255:
            raise Problem("Idempotency keys can be at most 255 characters.")
        raw = params.decode(form if request.method == "POST" else request.url.query)
        if key:
            same = json.dumps([request.url.path, sorted(parse_qsl(form))])
            replay = self._account.store.begin(key, same, now())
            if replay:
                return *replay, True
        try:
            typed = endpoint.fields(raw)
        except Problem:
            if key:
                self._account.store.abandon(key)
            raise
        call = endpoints.Call(self._account, typed, ids, self._base or str(request.base_url).rstrip("/"))
        self._account.request = {"id": new_id("req"), "idempotency_key": key}
        try:
            status, body = _act(endpoint, call, rule)
        finally:
            self._account.request = NOBODY
        if key:
            self._account.store.finish(key, status, body)
        return status, body, False


def _act(endpoint: endpoints.Endpoint, call: endpoints.Call, rule: Rule | None) -> tuple[int, Object]:
    if rule and rule.fault == "api_error":
        return 500, unexpected().body
    try:
        body = endpoints.answer(endpoint, call)
    except Problem as problem:
        return problem.status, problem.body
    return (500, unexpected().body) if rule and rule.fault == "api_error_after_commit" else (200, body)


def _headers(request: Request, status: int, *, replayed: bool) -> dict[str, str]:
    headers = {"Request-Id": new_id("req"), "Stripe-Version": request.headers.get("stripe-version", "")}
    if replayed:
        headers["Idempotent-Replayed"] = "true"
    if status == 500:
        # A retry with the same key would only get the same answer.
        headers["Stripe-Should-Retry"] = "false"
    return headers
