"""What a customer's browser does with a shop: real Chromium, a real server, a real other origin."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright import sync_api as api

from checkout.states import Status
from storefront import themes
from tests.browser import launched
from tests.workloads.postgres import free_port
from tests.workloads.storefront.conftest import PRODUCTS, process
from tests.workloads.storefront.double import Double, double

__all__ = ["launched"]
THEMES = [theme.name for theme in themes.THEMES]
CONTRAST = (Path(__file__).parent / "contrast.js").read_text()
FOCUS = (Path(__file__).parent / "focus.js").read_text()
SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}


@pytest.fixture(scope="module")
def checkout() -> Iterator[Double]:
    with double() as running:
        yield running


@pytest.fixture(autouse=True)
def forgetful(checkout: Double) -> Iterator[None]:
    """Begin each test with a checkout that works and knows nothing."""
    fresh = (200, {"url": f"{checkout.url}/pay", "orderId": "o-1"})
    checkout.orders, checkout.answer, checkout.statuses, checkout.allowed = [], fresh, ["paid"], True
    yield
    checkout.free.set()


class Shops:
    """A shop for each theme, started when it is first asked for."""

    def __init__(self, stack: ExitStack, folder: Path, checkout: Double) -> None:
        self._stack, self._folder, self._checkout = stack, folder, checkout
        self._urls: dict[str, str] = {}

    def __getitem__(self, theme: str) -> str:
        if theme not in self._urls:
            port = free_port()
            url = f"http://127.0.0.1:{port}"
            shop = {"variant": "acme", "theme": theme, "url": url, "checkoutUrl": self._checkout.url}
            file = self._folder / f"{theme}.json"
            file.write_text(json.dumps({**shop, "catalogue": PRODUCTS}))
            self._stack.enter_context(process(file, port, output=subprocess.DEVNULL))
            self._urls[theme] = url
        return self._urls[theme]


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory, checkout: Double) -> Iterator[Shops]:
    with ExitStack() as stack:
        yield Shops(stack, tmp_path_factory.mktemp("shops"), checkout)


@pytest.fixture
def page(launched: Any) -> Iterator[Any]:
    context = launched.new_context(viewport=SIZES["desktop"])
    yield context.new_page()
    context.close()


def complaints(page: Any) -> list[str]:
    """Collect what the browser complains of, from now on."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("requestfailed", lambda request: found.append(f"{request.url} {request.failure}"))
    page.on("response", lambda answer: found.append(f"{answer.url} {answer.status}") if answer.status >= 400 else None)
    return found


def buy(page: Any) -> Any:
    return page.locator('[data-sku="diver-41"] button').first


def error(page: Any) -> Any:
    return page.locator('[data-sku="diver-41"] [role=alert]').first


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", THEMES)
def test_a_theme_shows_without_complaint_readable_and_not_too_wide(
    theme: str, size: str, shops: Shops, page: Any
) -> None:
    page.set_viewport_size(SIZES[size])
    found = complaints(page)
    for path in ("/", "/products/diver-41", "/cancel", "/imprint"):
        page.goto(shops[theme] + path, wait_until="networkidle")
        assert page.evaluate(CONTRAST) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    assert found == []


def test_the_check_of_contrast_sees_what_can_not_be_read(page: Any) -> None:
    page.set_content('<body style="background:#fff"><p style="color:#999">pale</p><p style="color:#555">dark</p>')
    assert [line.split()[0] for line in page.evaluate(CONTRAST)] == ["2.85"]


@pytest.mark.parametrize("theme", THEMES)
def test_minimal_and_all_others_can_be_read_at_night(theme: str, shops: Shops, launched: Any) -> None:
    context = launched.new_context(color_scheme="dark")
    night = context.new_page()
    night.goto(shops[theme])
    assert night.evaluate(CONTRAST) == []
    context.close()


@pytest.mark.parametrize("theme", THEMES)
def test_a_click_goes_to_the_payment_page(theme: str, shops: Shops, checkout: Double, page: Any) -> None:
    page.goto(shops[theme])
    buy(page).click()
    page.wait_for_url(f"{checkout.url}/pay")
    ((order, headers),) = checkout.orders
    assert order == {"variant": "acme", "sku": "diver-41", "quantity": 1}
    assert headers["origin"] == shops[theme]
    assert re.fullmatch(r"[0-9a-f-]{32,36}", headers["idempotency-key"])
    assert re.fullmatch(r"[0-9a-f-]{32,36}", headers["x-correlation-id"])


@pytest.mark.parametrize("theme", THEMES)
def test_without_javascript_no_button_can_be_pressed(theme: str, shops: Shops, launched: Any) -> None:
    context = launched.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(shops[theme])
    assert plain.locator("[data-buy] button").count() == plain.locator("[data-buy] button:disabled").count() >= 3
    assert plain.locator("p.noscript").is_visible()
    context.close()


def test_a_double_click_is_one_order(shops: Shops, checkout: Double, page: Any) -> None:
    checkout.free.clear()
    page.goto(shops["trust"])
    buy(page).dblclick()
    buy(page).dispatch_event("click")
    assert buy(page).is_disabled()
    assert buy(page).get_attribute("aria-busy") == "true"
    checkout.free.set()
    page.wait_for_url(f"{checkout.url}/pay")
    assert len(checkout.orders) == 1


def test_the_keyboard_alone_can_buy(shops: Shops, checkout: Double, page: Any) -> None:
    page.goto(shops["trust"])
    buy(page).focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"{checkout.url}/pay")
    assert len(checkout.orders) == 1


def test_the_first_tab_leads_past_the_navigation(shops: Shops, page: Any) -> None:
    page.goto(shops["trust"])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#content"


@pytest.mark.parametrize("theme", THEMES)
def test_what_went_wrong_can_be_read_where_it_went_wrong(theme: str, shops: Shops, checkout: Double, page: Any) -> None:
    checkout.allowed = False
    page.set_viewport_size(SIZES["phone"])
    for path in ("/", "/products/diver-41"):
        page.goto(shops[theme] + path)
        buy(page).click()
        api.expect(error(page)).to_contain_text("You have not been charged.")
        assert page.evaluate(CONTRAST) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert error(page).bounding_box()["width"] >= 240, path


@pytest.mark.parametrize("theme", THEMES)
def test_where_the_keyboard_is_can_be_seen(theme: str, shops: Shops, page: Any) -> None:
    page.goto(shops[theme])
    page.keyboard.press("Tab")  # the link that skips the navigation: it is there only while it has the focus
    seen = 0
    while page.evaluate("!document.activeElement.closest('[data-buy]')"):
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUS) >= 3, page.evaluate("document.activeElement.outerHTML")
        seen += 1
        assert seen < 30
    assert seen >= 3


@pytest.mark.parametrize("theme", THEMES)
def test_the_success_page_can_be_read_and_says_whom_to_ask(theme: str, shops: Shops, page: Any) -> None:
    page.set_viewport_size(SIZES["phone"])
    page.goto(f"{shops[theme]}/success?order=6f9619ff-8b86-d011-b42d-00c04fc964ff")
    api.expect(page.locator("[data-follow]")).to_have_attribute("data-state", "paid")
    api.expect(page.locator("[data-follow]")).to_contain_text("service@clearwatch.example")
    assert page.evaluate(CONTRAST) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_amount_that_was_chosen_is_ordered(shops: Shops, checkout: Double, page: Any) -> None:
    page.goto(f"{shops['trust']}/products/diver-41")
    page.get_by_label("Quantity").select_option("3")
    buy(page).click()
    page.wait_for_url(f"{checkout.url}/pay")
    assert checkout.orders[0][0]["quantity"] == 3


@pytest.mark.parametrize(
    ("status", "words", "keys"),
    [
        (500, "The checkout has a problem right now.", 1),
        (503, "The checkout has a problem right now.", 1),
        (429, "Many people are buying right now.", 1),
        (400, "This watch can't be bought right now.", 2),
        (403, "This watch can't be bought right now.", 2),
        (409, "This attempt is no longer valid.", 2),
        (410, "This attempt is no longer valid.", 2),
    ],
)
def test_a_refusal_is_told_in_plain_words_and_can_be_retried(
    status: int,
    words: str,
    keys: int,
    shops: Shops,
    checkout: Double,
    page: Any,
) -> None:
    good, checkout.answer = checkout.answer, (status, {"error": "stack trace"})
    page.goto(shops["trust"])
    buy(page).click()
    api.expect(error(page)).to_contain_text(words)
    assert "stack trace" not in page.content()
    api.expect(buy(page)).to_be_enabled()
    api.expect(buy(page)).to_contain_text("Try again")
    checkout.answer = good
    buy(page).click()
    page.wait_for_url(f"{checkout.url}/pay")
    assert len({headers["idempotency-key"] for _, headers in checkout.orders}) == keys


def test_a_checkout_that_does_not_allow_this_shop_is_told(shops: Shops, checkout: Double, page: Any) -> None:
    checkout.allowed = False
    page.goto(shops["trust"])
    buy(page).click()
    api.expect(error(page)).to_contain_text("We can't reach the checkout right now.")
    assert checkout.orders == []


def test_a_checkout_that_does_not_answer_is_told(shops: Shops, checkout: Double, page: Any) -> None:
    checkout.free.clear()
    page.clock.install(time=0)
    page.goto(shops["trust"])
    # From here on it is a matter of no busy machine how much time goes by.
    page.clock.pause_at(3600)
    with page.expect_request("**/api/checkout"):
        buy(page).click()
    page.clock.run_for(14_000)
    assert error(page).text_content() == ""
    page.clock.run_for(2_000)
    api.expect(error(page)).to_contain_text("The checkout is taking too long to answer.")
    api.expect(buy(page)).to_be_enabled()


@pytest.mark.parametrize("url", ["javascript:alert(1)", "not an address", None, "/relative", "data:text/html,x"])
def test_an_answer_without_an_address_leads_nowhere(url: Any, shops: Shops, checkout: Double, page: Any) -> None:
    checkout.answer = (200, {"url": url})
    page.goto(shops["trust"])
    buy(page).click()
    api.expect(error(page)).to_contain_text("The checkout has a problem right now.")
    assert page.url == f"{shops['trust']}/"


def test_who_comes_back_from_the_payment_page_may_buy_once_more(shops: Shops, checkout: Double, page: Any) -> None:
    page.goto(shops["trust"])
    buy(page).click()
    page.wait_for_url(f"{checkout.url}/pay")
    page.go_back()
    api.expect(buy(page)).to_be_enabled()
    buy(page).click()
    page.wait_for_url(f"{checkout.url}/pay")
    assert len({headers["idempotency-key"] for _, headers in checkout.orders}) == 2


@pytest.mark.parametrize(
    ("statuses", "state", "words"),
    [
        (["paid"], "paid", "Your order is paid."),
        (["fulfilled"], "paid", "Your order is paid."),
        (["checkout_open", "checkout_open", "paid"], "paid", "Your order is paid."),
        (["checkout_open"], "pending", "We are waiting for your payment."),
        (["expired"], "failed", "The payment did not go through."),
        (["failed"], "failed", "The payment did not go through."),
        (["refunded"], "refunded", "This order was refunded."),
        (["none"], "failed", "We can't find this order."),
    ],
)
def test_the_success_page_follows_the_order(
    statuses: list[str], state: str, words: str, shops: Shops, checkout: Double, page: Any
) -> None:
    checkout.statuses = list(statuses)
    page.goto(f"{shops['trust']}/success?order=o-123")
    api.expect(page.locator("h1")).to_contain_text(words)
    assert page.locator("[data-follow]").get_attribute("data-state") == state
    api.expect(page.locator("[data-order]")).to_have_text("Order o-123")


SAID = {
    Status.CREATED: ("pending", "We are waiting for your payment."),
    Status.CHECKOUT_OPEN: ("pending", "We are waiting for your payment."),
    Status.EXPIRED: ("failed", "The payment did not go through."),
    Status.FAILED: ("failed", "The payment did not go through."),
    Status.PAID: ("paid", "Thank you. Your order is paid."),
    Status.FULFILLED: ("paid", "Thank you. Your order is paid."),
    Status.PARTIALLY_REFUNDED: ("refunded", "A part of this order was refunded."),
    Status.DISPUTED: ("failed", "This payment is disputed."),
    Status.REFUNDED: ("refunded", "This order was refunded."),
}


@pytest.mark.parametrize("status", Status)
def test_the_success_page_has_words_for_every_status_of_the_checkouts(
    status: Status, shops: Shops, checkout: Double, page: Any
) -> None:
    checkout.statuses = [status.value]
    state, words = SAID[status]
    with page.expect_response("**/api/orders/o-123"):
        page.goto(f"{shops['trust']}/success?order=o-123")
    api.expect(page.locator("h1")).to_have_text(words)
    api.expect(page.locator("[data-follow]")).to_have_attribute("data-state", state)


@pytest.mark.parametrize("query", ["", "?order=", "?order=<script>", "?order=../../admin"])
def test_a_success_page_without_an_order_says_so(query: str, shops: Shops, page: Any) -> None:
    page.goto(f"{shops['trust']}/success{query}")
    api.expect(page.locator("h1")).to_contain_text("We can't find this order.")


SLIPPED_IN = """() => {
  const script = document.createElement("script");
  try { script.textContent = "window.stolen = true"; } catch { script.src = "data:text/javascript,stolen = true"; }
  document.body.append(script);
}"""


def test_the_policy_stops_what_somebody_slips_in(shops: Shops, checkout: Double, page: Any) -> None:
    elsewhere = "fetch('https://elsewhere.example/').then(() => 'sent', () => 'stopped')"
    headers = {"Access-Control-Allow-Origin": "*"}
    page.route("https://elsewhere.example/", lambda route: route.fulfill(body="taken", headers=headers))
    page.goto(f"{checkout.url}/pay")
    assert page.evaluate(elsewhere) == "sent", "nothing but a policy stops it"
    page.goto(shops["trust"])
    assert page.evaluate(elsewhere) == "stopped"
    with pytest.raises(api.Error, match="TrustedHTML"):
        page.evaluate("document.body.innerHTML = '<p>other</p>'")
    with pytest.raises(api.Error, match="TrustedScriptURL"):
        page.evaluate(SLIPPED_IN)
    assert page.evaluate("window.stolen") is None


def test_a_page_whose_script_belongs_to_another_version_recovers(shops: Shops, checkout: Double, page: Any) -> None:
    spoilt = []

    def other_version(route: Any) -> None:
        spoilt.append(route.request.url)
        if len(spoilt) == 1:
            route.fulfill(body="window.other = 1", content_type="text/javascript")
        else:
            route.continue_()

    page.route("**/assets/shop.*.js", other_version)
    page.goto(shops["trust"])
    api.expect(buy(page)).to_be_enabled()
    assert len(spoilt) == 2
    assert page.evaluate("window.other") is None, "what does not match its integrity never runs"


def test_a_page_that_can_not_recover_does_not_reload_for_ever(shops: Shops, page: Any) -> None:
    loads: list[str] = []
    page.on("load", lambda: loads.append(page.url))
    page.route("**/assets/shop.*.js", lambda route: route.fulfill(body="0", content_type="text/javascript"))
    page.goto(shops["trust"])
    page.wait_for_function("sessionStorage.getItem('flotilla:recover') === '3'")
    page.wait_for_load_state("networkidle")
    assert 1 <= len(loads) <= 4
    assert buy(page).is_disabled()


def test_a_buyer_stays_with_the_release_that_took_the_order(shops: Shops, checkout: Double, page: Any) -> None:
    """The checkout's cookie comes back from another origin's page: a canary's split sticks by it."""
    page.goto(shops["trust"])
    buy(page).click()
    page.wait_for_url(f"{checkout.url}/pay")
    page.goto(shops["trust"])
    buy(page).click()
    page.wait_for_url(f"{checkout.url}/pay")
    first, second = (headers.get("cookie") for _, headers in checkout.orders)
    assert (first, second) == (None, "checkout-release=canary")
