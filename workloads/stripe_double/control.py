"""The double's own controls as JSON under ``/_control``: pay, refund, dispute, faults; the panel shows the same."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from stripe_double import params
from stripe_double.account import CLOSED, Account
from stripe_double.delivery import Courier
from stripe_double.faults import Faults, Rule
from stripe_double.objects import shown
from stripe_double.problems import Problem
from stripe_double.store import new_id


class Control:
    """What tests and people steer the double by."""

    def __init__(self, account: Account, faults: Faults, courier: Courier) -> None:
        self._account = account
        self._faults = faults
        self._courier = courier

    def routes(self) -> list[Route]:
        """Give the routes, to be mounted as they are."""
        return [
            Route("/_control/state", self.state),
            Route("/_control/faults", self.add_fault, methods=["POST"]),
            Route("/_control/faults", self.clear_faults, methods=["DELETE"]),
            Route("/_control/faults/clear", self.clear_faults, methods=["POST"]),
            Route("/_control/sessions/{id}/{act}", self.act, methods=["POST"]),
            Route("/_control/payments/{id}/dispute", self.dispute, methods=["POST"]),
            Route("/_control/disputes/{id}/{outcome}", self.close_dispute, methods=["POST"]),
            Route("/_control/refunds/{id}/fail", self.fail_refund, methods=["POST"]),
            Route("/_control/endpoints", self.add_endpoint, methods=["POST"]),
            Route("/_control/flush", self.flush, methods=["POST"]),
            Route("/_control/reset", self.reset, methods=["POST"]),
        ]

    async def state(self, _request: Request) -> Response:
        """Say what there is, what is under way and which faults are on."""
        counts = self._account.store.counts()
        return JSONResponse({"objects": counts, "underWay": self._courier.under_way, **self._faults.view()})

    async def add_fault(self, request: Request) -> Response:
        """Switch a fault on: JSON, or the panel's form."""
        from_panel = "form" in request.headers.get("content-type", "")
        try:
            self._faults.add(_rule(await params.flat(request) if from_panel else await request.json()))
        except (ValueError, TypeError) as error:
            raise HTTPException(400, str(error)) from error
        return RedirectResponse("/", 303) if from_panel else JSONResponse(self._faults.view())

    async def clear_faults(self, request: Request) -> Response:
        """Switch all faults off."""
        self._faults.clear()
        return RedirectResponse("/", 303) if request.method == "POST" else JSONResponse(self._faults.view())

    async def act(self, request: Request) -> Response:
        """Do to a session what a buyer, a bank or the clock does."""
        identity, account = request.path_params["id"], self._account
        acts = {
            "pay": lambda: account.pay(identity),
            "pay_later": lambda: account.pay(identity, later=True),
            "settle": lambda: account.settle(identity, succeeds=True),
            "fail": lambda: account.settle(identity, succeeds=False),
            "decline": lambda: account.decline(identity),
            "expire": lambda: account.expire(identity),
        }
        act = acts.get(request.path_params["act"])
        if act is None:
            raise HTTPException(404, f"act: one of {', '.join(acts)}")
        return self._done(act)

    async def dispute(self, request: Request) -> Response:
        """Let the buyer's bank dispute a payment."""
        return self._done(lambda: self._account.dispute(request.path_params["id"]))

    async def close_dispute(self, request: Request) -> Response:
        """Let the buyer's bank decide a dispute."""
        identity, outcome = request.path_params["id"], request.path_params["outcome"]
        if outcome not in CLOSED:
            raise HTTPException(404, f"outcome: one of {', '.join(CLOSED)}")
        return self._done(lambda: self._account.close_dispute(identity, outcome))

    async def fail_refund(self, request: Request) -> Response:
        """Let a refund come back from the buyer's bank."""
        return self._done(lambda: self._account.fail_refund(request.path_params["id"]))

    async def add_endpoint(self, request: Request) -> Response:
        """Add a webhook endpoint whose secret is already known, in place of any with the same address."""
        asked = await request.json()
        add_endpoint(self._account, asked["url"], asked["secret"], asked.get("events", ("*",)))
        return JSONResponse({})

    async def flush(self, request: Request) -> Response:
        """Deliver now what waits."""
        self._courier.flush()
        return RedirectResponse("/", 303) if "form" in request.headers.get("content-type", "") else JSONResponse({})

    async def reset(self, _request: Request) -> Response:
        """Forget all but the webhook endpoints, what is under way to them included."""
        self._faults.clear()
        self._account.store.clear()
        await self._courier.forget()
        return JSONResponse({})

    def _done(self, act: Any) -> Response:  # noqa: ANN401
        try:
            return JSONResponse(shown(act()))
        except Problem as problem:
            return JSONResponse(problem.body, problem.status)


def add_endpoint(account: Account, url: str, secret: str, events: Sequence[str] = ("*",)) -> None:
    """Make ``url`` the webhook endpoint that gets ``events``, signed with ``secret``."""
    made = {"id": new_id("we"), "object": "webhook_endpoint", "created": 0, "livemode": False, "metadata": {}}
    # One with the same address stays the same endpoint: events wait for it by its id, over a restart too.
    known = next((one for one in account.store.every("webhook_endpoint") if one["url"] == url), made)
    account.store.put(known | {"enabled_events": list(events), "status": "enabled", "url": url, "_secret": secret})


def _rule(asked: dict[str, Any]) -> Rule:
    given = {name: value for name, value in asked.items() if value != ""}
    with contextlib.suppress(KeyError):
        given["next"] = int(given["next"])
    for name in ("rate", "seconds"):
        if name in given:
            given[name] = float(given[name])
    if isinstance(given.get("types"), str):
        given["types"] = given["types"].split()
    return Rule(**given)
