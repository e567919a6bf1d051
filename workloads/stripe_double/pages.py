"""What people see: the payment page, which works without JavaScript, and the panel of faults."""

from __future__ import annotations

from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from stripe_double import currencies, params
from stripe_double.account import DECLINED, Account
from stripe_double.delivery import Courier
from stripe_double.faults import KNOWN, Faults
from stripe_double.problems import Problem
from stripe_double.store import Object

_DECLINED_CARD = "4000000000000002"
"""Stripe's test card that every bank declines (Stripe, Testing)."""
_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;margin:0;background:#f6f8fa;color:#1a1f36}
main{max-width:26rem;margin:8vh auto;background:#fff;padding:2rem;border-radius:.75rem;box-shadow:0 2px 12px #0002}
.wide{max-width:60rem}h1{font-size:1.15rem;margin:0 0 1rem}.sum{font-size:2rem;font-weight:600;margin:.25rem 0 1.5rem}
label{display:block;font-size:.85rem;margin-bottom:.75rem}input,select{font:inherit;width:100%;box-sizing:border-box;
padding:.5rem;border:1px solid #ccd;border-radius:.4rem}button{font:inherit;width:100%;padding:.7rem;border:0;
border-radius:.4rem;margin-top:.6rem;background:#0a66c2;color:#fff;cursor:pointer}button.quiet{background:#eef;
color:#334}.error{color:#b00020}.test{background:#ffe9c7;padding:.15rem .5rem;border-radius:.3rem;font-size:.75rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.35rem .5rem;border-bottom:1px solid #eee}
"""

# One field as in test mode, so that a test card decides as it does there.
_CARD = (
    '<label>Card number<input name="card" value="4242 4242 4242 4242" inputmode="numeric" autocomplete="cc-number">'
    '</label><button name="decision" value="pay">Pay</button>'
    '<button name="decision" value="pay_later" class="quiet">Pay by bank debit</button>'
    '<button name="decision" value="decline" class="quiet">Decline</button>'
)
_FREE = '<button name="decision" value="pay">Complete order</button>'
"""For an order of nothing Checkout asks no card (Stripe documentation, No-cost orders)."""


class Pages:
    """The pages for buyers and for whoever tests."""

    def __init__(self, account: Account, faults: Faults, courier: Courier) -> None:
        self._account = account
        self._faults = faults
        self._courier = courier

    def routes(self) -> list[Route]:
        """Give the routes."""
        return [
            Route("/", self.panel),
            Route("/c/pay/{id}", self.show, methods=["GET"]),
            Route("/c/pay/{id}", self.submit, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """Show the payment page of a session."""
        try:
            session = self._account.session(request.path_params["id"])
        except Problem as problem:
            return _page("Something went wrong", f"<p>{escape(str(problem))}</p>", status=404)
        return _payment(session)

    async def submit(self, request: Request) -> Response:
        """Take what the buyer decided; leads to the shop's success or cancel page, or shows the refusal."""
        identity, form = request.path_params["id"], await params.flat(request)
        decision, card = form.get("decision"), form.get("card", "").replace(" ", "")
        try:
            session = self._account.session(identity)
            if decision == "abandon":
                return RedirectResponse(session["cancel_url"] or session["success_url"], 303)
            if decision == "decline" or card == _DECLINED_CARD:
                return _payment(self._account.decline(identity), DECLINED)
            self._account.pay(identity, later=decision == "pay_later")
        except Problem as problem:
            return _page("Something went wrong", f'<p class="error">{escape(str(problem))}</p>', status=problem.status)
        return RedirectResponse(session["success_url"].replace("{CHECKOUT_SESSION_ID}", identity), 303)

    async def panel(self, _request: Request) -> Response:
        """Show what there is, and let faults be switched on and off."""
        view, counts = self._faults.view(), self._account.store.counts()
        options = "".join(f'<option value="{name}">{name}: {escape(text)}</option>' for name, text in KNOWN.items())
        rules = "".join(f"<li>{escape(str(rule))}</li>" for rule in view["rules"]) or "<li>none</li>"
        struck = ", ".join(f"{name} {times}" for name, times in view["struck"].items()) or "none"
        rows = "".join(f"<tr><td>{escape(kind)}</td><td>{count}</td></tr>" for kind, count in counts.items())
        latest = "".join(self._row(one) for _, one in zip(range(20), self._account.store.every("event"), strict=False))
        return _page(
            "Stripe double",
            f"<h1>Faults</h1><ul>{rules}</ul><p>Struck so far: {escape(struck)}</p>"
            '<form method="post" action="/_control/faults">'
            f'<label>Fault<select name="fault">{options}</select></label>'
            '<label>For the next N<input name="next" placeholder="all"></label>'
            '<label>Share, 0 to 1<input name="rate" value="1"></label>'
            '<label>Seconds<input name="seconds" value="1"></label>'
            '<label>Event types<input name="types" placeholder="all"></label><button>Switch on</button></form>'
            '<form method="post" action="/_control/faults/clear"><button class="quiet">Switch all off</button></form>'
            '<form method="post" action="/_control/flush"><button class="quiet">Deliver now what waits '
            f"({self._courier.under_way})</button></form>"
            f"<h1>Objects</h1><table>{rows}</table><h1>Latest events</h1><table>{latest}</table>",
            wide=True,
        )

    def _row(self, event: Object) -> str:
        waits = "delivered" if event["pending_webhooks"] == 0 else f"{event['pending_webhooks']} undelivered"
        return f"<tr><td>{escape(event['type'])}</td><td>{escape(event['id'])}</td><td>{waits}</td></tr>"


def _payment(session: Object, error: str = "") -> Response:
    amount = currencies.shown(session["amount_total"], session["currency"])
    items = "".join(
        f"<p>{item['quantity']} &times; {escape(item['description'])}</p>" for item in session["_line_items"]
    )
    if session["status"] != "open":
        body = f"<p>This payment is {escape(session['status'])}.</p>"
    else:
        body = (
            f'{items}<p class="sum">{amount}</p>'
            + (f'<p class="error" role="alert">{escape(error)}</p>' if error else "")
            + f'<form method="post">{_CARD if session["amount_total"] else _FREE}'
            '<button name="decision" value="abandon" class="quiet">Abandon</button></form>'
        )
    return _page("Pay", f'<p><span class="test">TEST MODE</span></p>{body}')


def _page(title: str, body: str, *, status: int = 200, wide: bool = False) -> Response:
    head = (
        '<meta charset="utf-8"><link rel="icon" href="data:,"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title>"
    )
    main = f'<main class="{"wide" if wide else ""}"><h1>{escape(title)}</h1>{body}</main>'
    return HTMLResponse(
        f'<!doctype html><html lang="en"><head>{head}<style>{_STYLE}</style></head>{main}</html>', status
    )
