"""The line that `flotilla sandbox up` prints: after it a browser opens the shops without a warning, before it not."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox import authority, browser, debian
from sandbox.progress import Progress
from tests.node.served import Served
from tests.promised import skipping
from tests.waiting import wait

Browse = Callable[[Path, str], str]


@pytest.fixture
def browse() -> Browse:
    """Give what opens a page in a user's Chromium and gives its text, or why it failed; skip where there is none."""
    with skipping("trust"):
        chromium = browser.chromium(Progress())

    def text(home: Path, url: str) -> str:
        flags = ("--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={home}/profile", "--dump-dom")
        command = [str(chromium.program), *flags, url]
        environment = {**chromium.environment, "HOME": str(home)}
        try:
            answer = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)
        except subprocess.TimeoutExpired as error:
            return str(error)
        return answer.stdout or answer.stderr

    return text


@pytest.fixture
def certutil() -> dict[str, str]:
    """Give an environment that has certutil: the machine's, or Debian's; skip where neither can be had."""
    with skipping("trust"):
        tools = debian.unpacked(["libnss3-tools"], Progress())
        tools.program("certutil")
    return tools.environment


def test_a_browser_opens_a_shop_once_the_authority_is_trusted(
    served: Served, browse: Browse, certutil: dict[str, str], tmp_path: Path
) -> None:
    authority.hand_out()
    served.apply()
    served.await_answer("version 1.0.0")
    url = f"https://{served.host}/"
    trusting, nobodys = tmp_path / "trusting", tmp_path / "nobodys"
    trusting.mkdir()
    nobodys.mkdir()
    line = ["/bin/sh", "-c", authority.trust_line()]
    subprocess.run(line, env={**certutil, "HOME": str(trusting)}, check=True, stdin=subprocess.DEVNULL)
    # Chromium gives a page up when a device comes or goes meanwhile, as those of other tests' pods may.
    wait(lambda: "version 1.0.0" in browse(trusting, url), "the shop in a browser that trusts the authority")
    wait(lambda: "net::ERR_CERT_AUTHORITY_INVALID" in browse(nobodys, url), "the warning in one that does not")
