"""A Chromium is found, or fetched: a purchase needs one wherever it is proven."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from fleet.errors import PlaceError
from sandbox import browser
from sandbox.progress import Progress
from tests.waiting import LIMIT_SECONDS
from verify import chromium as known


def test_a_chromium_that_is_named_but_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(known.VARIABLE, "/nowhere/chromium")
    with pytest.raises(PlaceError, match=r"FLOTILLA_CHROMIUM: /nowhere/chromium is no program"):
        browser.chromium(Progress())


def test_the_machines_own_is_taken_before_any_is_fetched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own = tmp_path / "google-chrome"
    own.write_text("#!/bin/sh\n")
    own.chmod(0o755)
    monkeypatch.delenv(known.VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert browser.chromium(Progress()).program == own


@pytest.mark.skipif(shutil.which("apt-get") is None, reason="browser: not fetched, no apt-get")
def test_a_machine_without_one_gets_debians_headless_one_and_it_renders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(known.VARIABLE, raising=False)
    monkeypatch.setattr(browser, "NAMES", ())
    fetched = browser.chromium(Progress())
    page = "data:text/html,<script>document.write(6*7)</script>"
    command = [str(fetched.program), "--no-sandbox", "--disable-gpu", "--dump-dom", page]
    answer = subprocess.run(
        command, env=fetched.environment, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=True
    )
    assert "<body>42</body>" in answer.stdout
