"""What must be refused, and what must be there: origins, forms, tokens, signatures, headers, metrics."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from fleet import naming
from verify.catalog import check
from verify.checks.health import NO_PRODUCT
from verify.checks.names import on_this_machine
from verify.results import Result
from verify.target import CHECKOUT, Shop
from verify.web import FOREIGN_ORIGIN, Web, why

_HEADERS = ("content-type", "idempotency-key", "x-correlation-id")
_ASKED = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": ",".join(_HEADERS)}
"""What a browser asks before the buy button's call (workloads/storefront/assets/shop.js)."""
_ALLOW = "access-control-allow-origin"
_CREDENTIALS = "access-control-allow-credentials"
"""``true`` to the letter, or a call that sends cookies is refused (Fetch Standard, CORS protocol and credentials)."""
_CALL = "/api/checkout"
ONE_YEAR = 31_536_000
"""In seconds; how long browsers shall insist on HTTPS (OWASP, HTTP Strict Transport Security)."""


async def allowed_origin(web: Web, shop: Shop) -> Result:
    """Tell whether the shop may call the checkout with its cookie, in preflight and POST, and is echoed exactly."""
    found, seen, post = check("cors.allowed"), await _preflight(web, shop.url), await _post(web, shop.url)
    answers = (("the preflight", seen), ("POST", post))
    wrong = [
        f"{what} allows {answer.headers.get(_ALLOW, 'no origin')!r} ({answer.status_code}), expected {shop.url!r}"
        for what, answer in answers
        if answer.headers.get(_ALLOW) != shop.url or answer.headers.get_list(_ALLOW, split_commas=True) != [shop.url]
    ]
    if seen.status_code >= 300:
        wrong.append(f"the preflight answers {seen.status_code}, expected 200 or 204")
    if lacking := _lacking(seen):
        wrong.append(f"the preflight does not allow the header {', '.join(lacking)}")
    if post.status_code == 403:
        wrong.append(f"POST answers 403 {post.text[:100]}")
    cause = "CORS: the checkout does not allow this shop's origin"
    remedy = "the origin must stand in the Middleware and in ALLOWED_ORIGINS_FILE: apply the stack again"
    if not wrong:
        wrong = [line for what, answer in answers if (line := _without_cookie(what, answer))]
        cause = "CORS: the checkout allows this shop's origin, and not its cookie"
        remedy = "the Middleware must say accessControlAllowCredentials: true: apply the stack again"
    well = f"{shop.url} is allowed and echoed"
    return found.judged(shop.name, "; ".join(wrong), well, cause=cause, resource=_middleware(web), remedy=remedy)


def _without_cookie(what: str, answer: httpx.Response) -> str:
    """Say that a call which sends cookies is refused: the buy button does, to stay with the release it met."""
    given = answer.headers.get(_CREDENTIALS, "")
    problem = f"{what} answers {_CREDENTIALS} {given!r}, expected 'true', for the buy button sends a cookie"
    return "" if given == "true" else problem


async def foreign_origins(web: Web) -> Result:
    """Tell whether foreign origins, look-alikes and ``null`` are refused, in preflight and POST."""
    shop = urlsplit(web.target.shops[0].url)
    look_alikes = (f"{shop.scheme}://{shop.netloc}.evil.invalid", f"{shop.scheme}://evil-{shop.netloc}")
    wrong = []
    for origin in (FOREIGN_ORIGIN, "null", *look_alikes):
        for what, answer in (("preflight", await _preflight(web, origin)), ("POST", await _post(web, origin))):
            echoed = answer.headers.get(_ALLOW)
            if echoed in (origin, "*"):
                wrong.append(f"{what} from {origin} is allowed ({echoed})")
            if what == "POST" and answer.status_code != 403:
                wrong.append(f"POST from {origin} answers {answer.status_code}, expected 403")
    return check("cors.foreign").judged(
        CHECKOUT,
        "; ".join(wrong),
        f"{FOREIGN_ORIGIN}, null and two look-alikes are refused",
        cause="origins are compared by a wildcard, a prefix or not at all",
        resource=_middleware(web),
        remedy="name each origin in full",
    )


async def forgery(web: Web) -> Result:
    """Tell whether another site can make a browser buy: by a form, or without an Origin."""
    shop, wrong = web.target.shops[0], []
    form = {"variant": shop.name, "sku": NO_PRODUCT}
    tries: dict[str, tuple[dict[str, str], dict[str, Any], tuple[int, ...]]] = {
        "a form": ({"Origin": shop.url}, {"data": form}, (415,)),
        "text/plain": ({"Origin": shop.url, "Content-Type": "text/plain"}, {"content": b"{}"}, (415,)),
        "no Origin": ({}, {"json": form}, (403,)),
    }
    for what, (headers, body, expected) in tries.items():
        answer = await web.ask("POST", _CALL, headers=headers, **body)
        if answer.status_code not in expected:
            wrong.append(f"POST with {what} answers {answer.status_code}, expected {expected[0]}")
    return check("csrf").judged(
        CHECKOUT,
        "; ".join(wrong),
        "a form, text/plain and a call without Origin are refused",
        cause="CSRF protection is off",
    )


async def tokens(web: Web) -> Result:
    """Tell whether the addresses for whoever verifies open to the token alone; a checkout that has none opens none."""
    order = f"/api/test-orders/{uuid.uuid4()}"  # nobody's: should a refund be let through, there is nothing to refund
    wrong, closed, asked = [], 0, [("GET", order), ("POST", f"{order}/refund"), ("GET", "/api/reconciliation")]
    for method, path in asked:
        for what, token in (("no token", None), ("a wrong token", "flotilla-verify-guesses")):
            answer = await web.ask(method, path, token=token)
            closed += answer.status_code == 404 and "unknown_order" not in answer.text
            if answer.status_code != 401:
                wrong.append(f"{method} {path} with {what} answers {answer.status_code}, expected 401")
    if closed == 2 * len(asked):
        line = "all of it answers 404: the checkout knows no token, so that whether it asks for one can't be told"
        return check("auth").untold(CHECKOUT, line, remedy="give it VERIFY_TOKEN_FILE (Secret verify)")
    return check("auth").judged(CHECKOUT, "; ".join(wrong), "without the token nothing is shown", cause="auth is off")


async def signatures(web: Web) -> Result:
    """Tell whether a webhook that nobody signed is refused."""
    answer = await web.ask("POST", "/webhooks/stripe", json={"type": "checkout.session.completed"})
    problem = "" if answer.status_code == 400 else f"an unsigned webhook is answered {answer.status_code}, expected 400"
    cause = "signatures are not checked, or the route does not lead webhooks to the checkout"
    return check("webhook").judged(CHECKOUT, problem, "an unsigned webhook is refused", cause=cause)


def headers(subject: str, answer: httpx.Response, *, is_page: bool) -> Result:
    """Tell whether an answer carries the security headers (OWASP, HTTP Headers Cheat Sheet)."""
    given = {name.lower(): value.lower() for name, value in answer.headers.items()}
    policy = _directives(given.get("content-security-policy", ""))
    wrong = []
    if answer.url.scheme == "https" and _max_age(given.get("strict-transport-security", "")) < ONE_YEAR:
        wrong.append(
            f"Strict-Transport-Security of less than a year ({given.get('strict-transport-security', 'none')})"
        )
    if given.get("x-content-type-options") != "nosniff":
        wrong.append("no X-Content-Type-Options: nosniff")
    if given.get("x-frame-options") not in ("deny", "sameorigin") and "*" in policy.get("frame-ancestors", {"*"}):
        wrong.append("may be framed: no X-Frame-Options, no frame-ancestors")
    if "referrer-policy" not in given:
        wrong.append("no Referrer-Policy")
    if is_page:
        wrong += _scripts(policy)
    cause = f"the Middleware {naming.SECURITY_HEADERS} is not on the route"
    return check("headers").judged(subject, "; ".join(wrong), "all security headers are there", cause=cause)


def _scripts(policy: Mapping[str, frozenset[str]]) -> list[str]:
    """Give what a policy lets scripts do that it should not (Content Security Policy Level 3, 6.1 and 6.7)."""
    if not policy:
        return ["no Content-Security-Policy"]
    ruling = [policy[one] for one in ("script-src", "script-src-elem", "script-src-attr") if one in policy]
    if "script-src" not in policy:
        ruling.append(policy.get("default-src", _ANY))
    return ["Content-Security-Policy with unsafe scripts"] if any(_is_unsafe(one) for one in ruling) else []


_ANY = frozenset({"*"})


def _is_unsafe(sources: frozenset[str]) -> bool:
    """Say whether any script may run; a nonce or a hash takes back what 'unsafe-inline' lets in (CSP 3, 6.7.3.2)."""
    named = any(one.startswith(("'nonce-", "'sha256-", "'sha384-", "'sha512-")) for one in sources)
    return "*" in sources or "'unsafe-eval'" in sources or ("'unsafe-inline'" in sources and not named)


def _directives(policy: str) -> dict[str, frozenset[str]]:
    """Read a policy's sources by directive; the first of a name counts (CSP 3, 2.2.1)."""
    read: dict[str, frozenset[str]] = {}
    for part in policy.split(";"):
        if words := part.split():
            read.setdefault(words[0], frozenset(words[1:]))
    return read


async def metrics(web: Web, subject: str, url: str) -> Result:
    """Tell whether the metrics are for the cluster alone."""
    try:
        answer = await web.get(f"{url}/metrics")
    except httpx.HTTPError as error:
        return check("metrics-private").untold(subject, f"{url}/metrics does not answer: {why(error)}")
    shown = answer.status_code == 200 and "# TYPE" in answer.text
    if shown and on_this_machine(web.target, urlsplit(url).hostname or "") and url.startswith("http://"):
        line = f"{url} is the process itself, without the proxy in front"
        return check("metrics-private").untold(subject, line, elsewhere=True)
    problem = f"{url}/metrics is open to everybody" if shown else ""
    well = f"{url}/metrics answers {answer.status_code}"
    cause = "the app shows its metrics to who comes through the proxy"
    remedy = "answer 404 where X-Forwarded-For is set, or keep the path out of the route"
    return check("metrics-private").judged(subject, problem, well, cause=cause, remedy=remedy)


async def _preflight(web: Web, origin: str) -> httpx.Response:
    return await web.ask("OPTIONS", _CALL, headers={"Origin": origin, **_ASKED})


async def _post(web: Web, origin: str) -> httpx.Response:
    # What nobody sells: should the origin be let through, still nothing is ordered.
    body = {"variant": web.target.shops[0].name, "sku": NO_PRODUCT}
    return await web.ask("POST", _CALL, json=body, headers={"Origin": origin})


def _lacking(preflight: httpx.Response) -> list[str]:
    """Give the headers that were asked for and not allowed; POST needs no leave (Fetch Standard, 4.8 and 2.2.1).

    A star allows none of them to a call that sends cookies (CORS protocol and credentials).
    """
    allowed = {one.lower() for one in preflight.headers.get_list("access-control-allow-headers", split_commas=True)}
    return [one for one in _HEADERS if one not in allowed]


def _middleware(web: Web) -> str:
    return web.target.resource("Middleware", naming.CHECKOUT_CORS)


def _max_age(header: str) -> int:
    for part in header.split(";"):
        name, _, value = part.strip().partition("=")
        if name == "max-age" and value.strip('"').isdigit():
            return int(value.strip('"'))
    return 0
