"""Waiting for a page to lead somewhere else, or to say why it does not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator, Page


async def leave(page: Page, arrived: Callable[[str], bool], complaint: Locator, seconds: float) -> str | None:
    """Wait until ``page`` has loaded an address that has ``arrived``: None.

    Else give what ``complaint`` shows first, or an empty text when neither has come in ``seconds``.
    """
    away = asyncio.ensure_future(page.wait_for_url(arrived, timeout=seconds * 1000))
    shown = asyncio.ensure_future(complaint.first.wait_for(timeout=seconds * 1000))
    try:
        await asyncio.wait((away, shown), return_when=asyncio.FIRST_COMPLETED)
        if shown.done() and not shown.exception() and not arrived(page.url):
            return (await complaint.first.text_content() or "").strip()
        with suppress(PlaywrightError):
            await away
        return None if arrived(page.url) else ""
    finally:
        for task in (away, shown):
            task.cancel()
        await asyncio.gather(away, shown, return_exceptions=True)
