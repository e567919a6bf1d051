"""The page's calls to the checkout, taken hold of below the page: to whom they go, and which order they open.

By Chromium's own protocol (Chrome DevTools Protocol, Fetch): playwright's interception answers preflights by itself,
which would hide the CORS that is to be proven; and the answer to the click is forgotten with the page it was for.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from playwright.async_api import CDPSession, Page
from playwright.async_api import Error as PlaywrightError

Event = dict[str, Any]


async def follow(page: Page, checkout: str, cookie: str, opened: Callable[[str], None]) -> None:
    """Tell ``opened`` of each order that a call opens; ``cookie``, where there is one, goes along with every call.

    The browser itself has that cookie only once an answer gave it one: its first call would be led anywhere.
    """
    session = await page.context.new_cdp_session(page)

    async def go_on(event: Event) -> None:
        with suppress(PlaywrightError):  # the page was left meanwhile
            if event.get("responseStatusCode") == 200 and (order := await _order(session, event)):
                opened(order)
            await session.send("Fetch.continueRequest", {"requestId": event["requestId"], **_with(cookie, event)})

    session.on("Fetch.requestPaused", go_on)
    patterns = [{"urlPattern": f"{checkout}/api/checkout", "requestStage": "Response"}]
    patterns += [{"urlPattern": f"{checkout}/*", "requestStage": "Request"}] if cookie else []
    await session.send("Fetch.enable", {"patterns": patterns})


def _with(cookie: str, event: Event) -> dict[str, Any]:
    """Give the headers with the cookie; nothing for an answer, and for a preflight, which never has one."""
    if not cookie or "responseStatusCode" in event or event["request"]["method"] == "OPTIONS":
        return {}
    given = [{"name": name, "value": value} for name, value in event["request"]["headers"].items()]
    return {"headers": [*given, {"name": "Cookie", "value": cookie}]}


async def _order(session: CDPSession, event: Event) -> str:
    try:
        body = await session.send("Fetch.getResponseBody", {"requestId": event["requestId"]})
        answer = json.loads(base64.b64decode(body["body"]) if body["base64Encoded"] else body["body"])
        return str(answer["orderId"])
    except (PlaywrightError, ValueError, KeyError, TypeError):  # a preflight's, or none of ours
        return ""
