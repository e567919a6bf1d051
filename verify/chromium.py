"""What a Chromium is called, and what to do without one: said once for whoever looks for it and whoever fetches it."""

from __future__ import annotations

VARIABLE = "FLOTILLA_CHROMIUM"
"""Names another Chromium than the one on PATH; `flotilla verify` sets it where it has to fetch one."""
NAMES = ("chromium", "chromium-headless-shell", "google-chrome", "chromium-browser")
"""What Debian, Google and Ubuntu call the program."""
REMEDY = f"install chromium, or name one in {VARIABLE}"
