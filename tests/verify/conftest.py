"""What the tests of verify share: a browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox import browser as sandbox_browser
from sandbox.progress import Progress
from tests.promised import skipping
from verify import chromium as known


@pytest.fixture(scope="session")
def chromium() -> Iterator[None]:
    """Have a browser, fetched into the user's cache where the machine has none."""
    with skipping("browser"):
        found = sandbox_browser.chromium(Progress())
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**found.environment, known.VARIABLE: str(found.program)}.items():
            patch.setenv(name, value)
        yield
