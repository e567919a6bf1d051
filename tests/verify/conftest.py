"""What the tests of verify share: a browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fleet.errors import PlaceError
from sandbox import browser as sandbox_browser
from sandbox.progress import Progress
from verify import chromium as known


@pytest.fixture(scope="session")
def chromium() -> Iterator[None]:
    """Have a browser, fetched into the user's cache where the machine has none."""
    try:
        found = sandbox_browser.chromium(Progress())
    except PlaceError as error:
        pytest.skip(f"browser: not run, {error}")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**found.environment, known.VARIABLE: str(found.program)}.items():
            patch.setenv(name, value)
        yield
