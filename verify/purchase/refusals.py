"""Why a click on Buy led nowhere: from what the browser saw and the checkout says of itself, to the cause."""

from __future__ import annotations

from typing import Any

from fleet import naming
from verify.purchase.visit import Blame, Finding, Visit
from verify.purchase.watch import Click

_CONSOLE = "open the page with the browser's console"


def no_button(visit: Visit) -> Finding:
    """Judge a button that stays off: what switches it on is the shop's script."""
    seen = [*visit.watch.scripts, *visit.watch.assets]
    blame = Blame(
        "the buy script did not run",
        _storefront(visit),
        "serve shop.js as the page names it, with the integrity that the page says",
    )
    message = "the Buy button can't be pressed" + (f"; {seen[0]}" if seen else "")
    return Finding.failed(message, blame, stops=True)


async def not_led_on(visit: Visit, said: str, marker: str) -> Finding:
    """Judge a click after which the customer stays: ``said`` is the shop's line, ``marker`` the page's checkout."""
    click = visit.watch.click
    blame = _kept_by_the_page(visit, click, marker)
    if blame is None:
        health, code = await visit.orders.health(), await click.code() if click else ""
        blame = _unreachable(visit, health) or _forbidden(visit) or _ill(visit, health or {}) or _refused(visit, code)
    message = f"Buy leads nowhere; {_seen(visit, click)}" + (f"; the shop says: {said}" if said else "")
    return Finding.failed(message, blame, stops=True)


def _seen(visit: Visit, click: Click | None) -> str:
    """Say how the click's call ended."""
    if visit.watch.blocked:
        return f"the browser forbade the call: {visit.watch.blocked[-1].rstrip('.')}"
    if click is None:
        return "the click called nobody" + (f" ({visit.watch.scripts[-1]})" if visit.watch.scripts else "")
    if click.status is None:
        return f"POST {click.url}: {click.failure or 'not answered'}"
    return f"POST {click.url}: HTTP {click.status}"


def _kept_by_the_page(visit: Visit, click: Click | None, marker: str) -> Blame | None:
    """Blame the page, which asks nobody or the wrong address."""
    by_policy = any("connect-src" in line for line in visit.watch.blocked)
    if by_policy or (marker and marker.rstrip("/") != visit.target.checkout.rstrip("/")):
        return Blame(
            f"the shop asks {marker}, and the checkout is {visit.target.checkout}",
            visit.resource("ConfigMap", f"{naming.storefront(visit.shop.name)}-config"),
            "set checkoutUrl in shop.json to the checkout's address",
        )
    if click is None and not visit.watch.blocked:
        return Blame("the buy script is broken", _storefront(visit), _CONSOLE)
    return None


def _unreachable(visit: Visit, health: dict[str, Any] | None) -> Blame | None:
    # Before CORS: a proxy's own error has no CORS headers, so that the browser calls it a matter of CORS.
    if health is not None:
        return None
    return Blame(
        "the checkout can't be reached", _checkout(visit), "look at its pods, its Service and its IngressRoute"
    )


def _forbidden(visit: Visit) -> Blame | None:
    if not visit.watch.blocked:
        return None
    return Blame(
        "CORS: the checkout does not allow this shop's origin",
        visit.resource("Middleware", naming.CHECKOUT_CORS),
        f"allow {visit.origin} there and in the checkout's ALLOWED_ORIGINS_FILE",
    )


def _ill(visit: Visit, health: dict[str, Any]) -> Blame | None:
    """Blame the neighbour that the checkout itself calls ill."""
    stripe, database = _part(health, "stripe"), _part(health, "database")
    if database.get("ok") is False:
        why = str(database.get("error", "its schema is too old"))
        return Blame(f"the database is ill: {why}", visit.resource("StatefulSet", naming.DATABASE), "look at its pod")
    if stripe.get("ok") is not False:
        return None
    why = str(stripe.get("error", f"circuit {stripe.get('circuit', '?')}"))
    # What the SDK calls a key that Stripe answers 401 or 403 (stripe-python, error.py).
    if "AuthenticationError" in why or "PermissionError" in why:
        secret = visit.resource("Secret", naming.STRIPE_SECRET)
        return Blame(f"Stripe refuses the key: {why}", secret, "put the right key in stripe-secret-key")
    return Blame(
        f"Stripe does not answer the checkout: {why}", _checkout(visit), "see status.stripe.com and its egress"
    )


def _refused(visit: Visit, code: str) -> Blame:
    """Blame what the checkout's own answer names (workloads/checkout/api.py, buying.py)."""
    config = visit.resource("ConfigMap", f"{naming.CHECKOUT}-config")
    if code in ("foreign_origin", "wrong_origin"):
        remedy = f"allowed-origins and shops.json must name {visit.origin} for {visit.shop.name}"
        return Blame("the checkout lets this shop not sell from its origin", config, remedy)
    if code == "unknown_product":
        remedy = "apply the stack again: shops.json and the shop's catalogue come from one plan"
        return Blame("the checkout does not sell the test product in this shop", config, remedy)
    if code in ("stripe_unavailable", "stripe_refused"):
        secret = visit.resource("Secret", naming.STRIPE_SECRET)
        return Blame(
            "Stripe did not take the checkout's call", secret, "read the checkout's log, line `stripe refused`"
        )
    return Blame("the checkout fails", _checkout(visit), "read its log by the click's correlation id")


def _part(health: dict[str, Any], name: str) -> dict[str, Any]:
    part = health.get(name)
    return part if isinstance(part, dict) else {}


def _checkout(visit: Visit) -> str:
    return visit.resource("Deployment", naming.CHECKOUT)


def _storefront(visit: Visit) -> str:
    return visit.resource("Deployment", naming.storefront(visit.shop.name))
