"""Takes docs/shops.jpg anew: every theme on a desktop and a phone."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from playwright import sync_api as api

from sandbox import browser
from sandbox.progress import Progress
from storefront import shop, themes
from tests.workloads.postgres import free_port
from tests.workloads.storefront.conftest import process
from tests.workloads.storefront.test_browser import SIZES
from verify.purchase.browser import arguments

TARGET = Path(__file__).parents[3] / "docs/shops.jpg"
STYLE = (
    "body{margin:0;padding:4px;background:#e8e8e8}section{display:flex;flex-wrap:wrap;gap:8px;margin-bottom:8px}"
    ".desktop img{width:440px;height:275px}.phone img{width:152px;height:329px}"
)


def _taken(chromium: Any, url: str) -> Iterator[tuple[str, bytes]]:
    for size, view in SIZES.items():
        page = chromium.new_page(viewport=view)
        page.goto(url, wait_until="networkidle")
        yield size, page.screenshot(type="png")
        page.close()


def _shops(chromium: Any, folder: Path) -> Iterator[tuple[str, bytes]]:
    sample = json.loads(Path(shop.SAMPLE).read_text(encoding="utf-8"))
    for theme in themes.THEMES:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        file = folder / f"{theme.name}.json"
        file.write_text(json.dumps(sample | {"theme": theme.name, "url": url}), encoding="utf-8")
        with process(file, port, output=subprocess.DEVNULL):
            yield from _taken(chromium, url)


def _section(size: str, taken: Iterable[tuple[str, bytes]]) -> str:
    pictures = (base64.b64encode(picture).decode() for of, picture in taken if of == size)
    images = "".join(f'<img src="data:image/png;base64,{picture}">' for picture in pictures)
    return f'<section class="{size}">{images}</section>'


def main() -> None:
    """Take the pictures, and put them on one sheet, desktops before phones."""
    found = browser.chromium(Progress())
    os.environ.update(found.environment)
    with tempfile.TemporaryDirectory() as folder, api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(found.program), args=arguments({}))
        taken = list(_shops(chromium, Path(folder)))
        sheet = chromium.new_page(viewport={"width": 2240, "height": 400})
        sheet.set_content(f"<style>{STYLE}</style>" + "".join(_section(size, taken) for size in SIZES))
        sheet.screenshot(path=TARGET, type="jpeg", quality=82, full_page=True)
        chromium.close()


if __name__ == "__main__":
    main()
