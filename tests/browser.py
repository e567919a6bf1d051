"""A browser for tests: one for verify to start by itself, and one that a module drives."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from playwright import sync_api as api

from sandbox import browser
from sandbox.progress import Progress
from tests.promised import skipping
from verify.chromium import VARIABLE
from verify.purchase.browser import arguments

PATIENCE_MILLISECONDS = 30_000


@pytest.fixture(scope="session")
def chromium() -> Iterator[None]:
    """Have a browser, fetched into the user's cache where the machine has none."""
    with skipping("browser"):
        found = browser.chromium(Progress())
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**found.environment, VARIABLE: str(found.program)}.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="module")
def launched(chromium: None) -> Iterator[Any]:
    """Give a running browser; not for the session, since while it runs nobody else may run an event loop."""
    api.expect.set_options(timeout=PATIENCE_MILLISECONDS)
    with api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=os.environ[VARIABLE], args=arguments({}))
        yield running
        running.close()
