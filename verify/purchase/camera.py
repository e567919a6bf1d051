"""Pictures of what the browser shows: the shop as a customer sees it, each step small."""

from __future__ import annotations

import asyncio
import base64

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

from verify.purchase.browser import SIZE
from verify.results import Picture

_QUALITY = 70
_SMALL = 0.5
"""A step's picture is half as wide: sixteen of them fit on a report's page."""

_PATIENCE_SECONDS = 10.0
"""A page that waits for its server draws nothing, and is never done with it."""


async def picture(page: Page, title: str, *, small: bool) -> tuple[Picture, ...]:
    """Take a picture of the window; none where the page can't be drawn, since a picture is no check."""
    clip = {"x": 0, "y": 0, **SIZE, "scale": _SMALL if small else 1}
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            session = await page.context.new_cdp_session(page)
            asked = {"format": "jpeg", "quality": _QUALITY, "clip": clip}
            answer = await session.send("Page.captureScreenshot", asked)
            await session.detach()
    except (PlaywrightError, TimeoutError):
        return ()
    return (Picture(title=title, jpeg=base64.b64decode(answer["data"])),)
