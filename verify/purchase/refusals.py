"""Why a click on Buy led nowhere: from what the browser saw and the checkout says of itself, to the cause."""

from __future__ import annotations

from typing import Any

from fleet import naming
from verify.purchase.visit import Blame, Finding, Visit
from verify.purchase.watch import Click

_EXPLAINED_BY_PAGE = ("purchase.script", "purchase.assets")


def no_button(visit: Visit) -> Finding:
    """Judge a button that stays off: what switches it on is the shop's script."""
    seen = [*visit.watch.scripts, *visit.watch.assets]
    blame = Blame(
        "the buy script did not run",
        visit.resource("Deployment", naming.storefront(visit.shop.name)),
        "serve shop.js as the page names it, with the integrity that the page says",
    )
    message = "the Buy button can't be pressed" + (f"; {seen[0]}" if seen else "")
    return Finding.failed(message, blame, stops=True, requires=_EXPLAINED_BY_PAGE)


def not_led_on(visit: Visit, said: str, marker: str, health: dict[str, Any] | None) -> Finding:
    """Judge a click after which the customer stays: ``said`` is the shop's line, ``marker`` the page's checkout."""
    click = visit.watch.click
    message = f"Buy leads nowhere; {seen(visit, click)}" + (f"; the shop says: {said}" if said else "")
    blame = _blame(visit, click, marker, health)
    requires = (*_EXPLAINED_BY_PAGE, "health") if click is None or click.status is None else ("health",)
    return Finding.failed(message, blame, stops=True, requires=requires)


def seen(visit: Visit, click: Click | None) -> str:
    """Say how the click's call ended."""
    if visit.watch.blocked:
        return f"the browser forbade the call: {visit.watch.blocked[-1]}"
    if click is None:
        return "the click called nobody" + (f" ({visit.watch.scripts[-1]})" if visit.watch.scripts else "")
    if click.status is None:
        return f"POST {click.url} {click.failure or 'was not answered'}"
    return f"POST {click.url} was answered HTTP {click.status}"


def _blame(visit: Visit, click: Click | None, marker: str, health: dict[str, Any] | None) -> Blame:
    checkout = visit.resource("Deployment", naming.CHECKOUT)
    storefront = visit.resource("Deployment", naming.storefront(visit.shop.name))
    if any("connect-src" in line for line in visit.watch.blocked) or (
        marker and not _same(marker, visit.target.checkout)
    ):
        return Blame(
            f"the shop asks {marker}, and the checkout is {visit.target.checkout}",
            visit.resource("ConfigMap", naming.storefront(visit.shop.name)),
            "set checkoutUrl in shop.json to the checkout's address",
        )
    if click is None and not visit.watch.blocked:
        return Blame("the buy script is broken", storefront, "open the page with the browser's console")
    if health is None:
        return Blame("the checkout can't be reached", checkout, "look at its pods, Service and IngressRoute")
    if visit.watch.blocked:
        return Blame(
            "CORS: the checkout does not allow this shop's origin",
            visit.resource("Middleware", naming.CHECKOUT_CORS),
            f"allow {visit.shop.url.rstrip('/')} there and in the checkout's ALLOWED_ORIGINS_FILE",
        )
    return _by_health(visit, health, checkout) or _by_status(visit, click, checkout)


def _by_health(visit: Visit, health: dict[str, Any], checkout: str) -> Blame | None:
    """Blame the neighbour that the checkout itself calls ill."""
    stripe, database = _part(health, "stripe"), _part(health, "database")
    if stripe.get("ok") is False:
        why = str(stripe.get("error", stripe.get("circuit", "")))
        secret = visit.resource("Secret", naming.STRIPE_SECRET)
        if "Authentication" in why or "API Key" in why:
            return Blame(f"Stripe refuses the key: {why}", secret, "put the right key in stripe-secret-key")
        return Blame(
            f"Stripe does not answer the checkout: {why}", checkout, "see status.stripe.com and the egress rules"
        )
    if database.get("ok") is False:
        why = str(database.get("error", "its schema is too old"))
        return Blame(f"the database is ill: {why}", visit.resource("StatefulSet", naming.DATABASE), "look at its pod")
    return None


def _by_status(visit: Visit, click: Click | None, checkout: str) -> Blame:
    status = click.status if click else None
    if status == 403:
        return Blame(
            "the checkout does not let this shop sell from this origin",
            visit.resource("ConfigMap", f"{naming.CHECKOUT}-config"),
            f"allowed-origins and shops.json must name {visit.shop.url.rstrip('/')} for {visit.shop.name}",
        )
    if status == 404:
        return Blame(
            "the checkout does not sell this product in this shop",
            visit.resource("ConfigMap", f"{naming.CHECKOUT}-config"),
            "apply the stack again: shops.json and the shop's catalogue come from one plan",
        )
    if status == 429:
        middleware = visit.resource("Middleware", naming.CHECKOUT_RATE_LIMIT)
        return Blame("the rate limit refuses the click", middleware, "raise checkout.rateLimit, or test less at once")
    return Blame("the checkout fails", checkout, "read its log by the click's correlation id")


def _part(health: dict[str, Any], name: str) -> dict[str, Any]:
    part = health.get(name)
    return part if isinstance(part, dict) else {}


def _same(one: str, other: str) -> bool:
    return not other or one.rstrip("/") == other.rstrip("/")
