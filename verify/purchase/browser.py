"""One Chromium for all shops: where it is, how it starts, and a context of its own for each shop."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from playwright.async_api import Browser, BrowserContext, async_playwright
from playwright.async_api import Error as PlaywrightError

from verify.chromium import NAMES, REMEDY, VARIABLE

SIZE = {"width": 1280, "height": 800}
"""A customer's window, in CSS pixels."""
_ARGUMENTS = (
    "--disable-dev-shm-usage",  # /dev/shm has 64 MB in a container, too little for a page
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    # Nothing but the shops is asked for anything.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class NoBrowserError(Exception):
    """No Chromium that starts: one line, and the remedy."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


@asynccontextmanager
async def chromium(resolve: Mapping[str, str]) -> AsyncIterator[Browser]:
    """Run a browser that finds the hosts in ``resolve`` at their addresses; raises NoBrowserError."""
    path = os.environ.get(VARIABLE) or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        raise NoBrowserError(f"none of {', '.join(NAMES)} is on PATH", REMEDY)
    async with async_playwright() as playwright:
        try:
            browser = await playwright.chromium.launch(executable_path=path, args=arguments(resolve))
        except PlaywrightError as error:
            raise NoBrowserError(f"{path} did not start: {one_line(error)}", REMEDY) from error
        try:
            yield browser
        finally:
            await browser.close()


def arguments(resolve: Mapping[str, str]) -> list[str]:
    """Give Chromium's command line."""
    found = list(_ARGUMENTS)
    if os.geteuid() == 0:
        found.append("--no-sandbox")  # Chromium refuses root with its sandbox on
    if resolve:
        # A proxy would look the hosts up by itself.
        rules = ", ".join(f"MAP {host} {address}" for host, address in resolve.items())
        found += [f"--host-resolver-rules={rules}", "--no-proxy-server"]
    return found


async def new_context(browser: Browser, *, own_authority: bool) -> BrowserContext:
    """Give a customer who has never been here.

    With ``own_authority`` the certificate is not judged here: Chromium takes no CA file, and the check ``certificate``
    judges it by that file. Without, Chromium judges as a customer's does.
    """
    return await browser.new_context(
        viewport={"width": SIZE["width"], "height": SIZE["height"]},
        ignore_https_errors=own_authority,
        reduced_motion="reduce",
        locale="en-US",
    )


def one_line(error: Exception) -> str:
    """Give an error of playwright's without its call log."""
    text = str(error).strip().splitlines()
    return text[0].removeprefix("Page.goto: ") if text else type(error).__name__
