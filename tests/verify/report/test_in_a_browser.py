"""The HTML report as people see it: readable by day and by night, on a phone, and without the network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import launched
from tests.verify.report.test_html import sold, stopped
from tests.verify.results import PASS, UNKNOWN, result, run
from tests.workloads.storefront.test_browser import CONTRAST, SIZES
from verify.report import html
from verify.results import Picture

__all__ = ["launched"]


@pytest.fixture(scope="module")
def report(launched: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a report in which everything occurs that one may say."""
    page = launched.new_page()
    page.set_content("<h1>A shop</h1>")
    picture = Picture(title="The shop", jpeg=page.screenshot(type="jpeg"))
    page.close()
    shown = [result("purchase.page", PASS, pictures=(picture, picture)), *stopped()]
    untold = [
        result("autoscaler", UNKNOWN, "cluster", "no metrics yet", remedy="wait"),
        result("network-policy", UNKNOWN, "cluster", "x" * 300, elsewhere=True),
    ]
    made = run(*shown, *sold(), *untold)
    file = tmp_path_factory.mktemp("report") / "report.html"
    file.write_text(html.render(made))
    return file


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_it_can_be_read(size: str, scheme: str, report: Path, launched: Any) -> None:
    context = launched.new_context(viewport=SIZES[size], color_scheme=scheme)
    page, asked, complaints = context.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url) if not request.url.startswith("data:") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(report.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.evaluate(CONTRAST) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert (asked, complaints) == ([report.as_uri()], [])
    context.close()


def test_a_picture_is_shown_large_and_closed_again_by_the_keyboard(report: Path, launched: Any) -> None:
    page = launched.new_page()
    page.goto(report.as_uri())
    page.locator("[data-zoom]").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).to_be_visible()
    page.wait_for_function("document.querySelector('dialog img').naturalWidth > 0")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()
    page.close()


def test_a_link_to_a_purchase_opens_it(report: Path, launched: Any) -> None:
    page = launched.new_page()
    page.goto(f"{report.as_uri()}#shop-1")
    expect(page.locator("#shop-1 .steps")).to_be_visible()
    page.close()


def test_paper_shows_the_purchases_that_a_screen_keeps_closed(report: Path, launched: Any) -> None:
    page = launched.new_page()
    page.goto(report.as_uri())
    page.evaluate("document.querySelectorAll('.purchase').forEach(one => one.open = false)")
    expect(page.locator(".steps").first).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.locator(".steps").first).to_be_visible()
    page.close()
