"""What the double does for buyers, and the faults it makes: by the official SDK, its pages and its webhooks."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe

from tests.waiting import LIMIT_SECONDS, wait
from tests.workloads.program import Program
from tests.workloads.stripe_double.test_contract import _once, _params

SECRET = "whsec_of_the_test"


def _genuine(body: bytes, signature: str) -> bool:
    try:
        stripe.Webhook.construct_event(body, signature, SECRET)
    except stripe.SignatureVerificationError:
        return False
    return True


class Inbox:
    """A webhook endpoint that keeps what it gets and answers what it is told; ``slow`` is a type that it is slow at."""

    def __init__(self) -> None:
        self.got: list[tuple[bytes, str]] = []
        self.answer = 200
        self.slow = ""
        inbox = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if json.loads(body)["type"] == inbox.slow:
                    time.sleep(0.5)
                inbox.got.append((body, self.headers["Stripe-Signature"]))
                self.send_response(inbox.answer if _genuine(body, self.headers["Stripe-Signature"]) else 400)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/"

    def types(self, *, good: bool = True) -> list[str]:
        """Give the types of what came, with a right signature or a wrong one."""
        return [json.loads(body)["type"] for body, signature in list(self.got) if _genuine(body, signature) is good]

    def wait(self, count: int) -> None:
        wait(lambda: len(self.got) >= count, f"{count} webhooks")


class Double:
    def __init__(self, folder: Path) -> None:
        self.inbox = Inbox()
        # The second retry waits for a flush, however long a test takes to get there.
        environment = {"RETRY_SECONDS": "0.1,60,60,60", "STATE_FILE": str(folder / "state")}
        self.program = Program("stripe_double", environment, folder / "log")
        self.program.start()
        # An idle connection is given up long before the double does that (uvicorn, after 5 s).
        limits = httpx.Limits(keepalive_expiry=1)
        self.http = httpx.Client(base_url=self.program.url, trust_env=False, timeout=LIMIT_SECONDS, limits=limits)
        self.stripe = self.sdk(timeout_seconds=LIMIT_SECONDS)
        self.post("endpoints", url=self.inbox.url, secret=SECRET)

    def sdk(self, *, timeout_seconds: float) -> stripe.StripeClient:
        """Give the official SDK, which gives up after so long and tries nothing twice."""
        return stripe.StripeClient(
            "sk_test_any",
            base_addresses={"api": self.program.url},
            http_client=stripe.RequestsClient(timeout=timeout_seconds),
            max_network_retries=0,
        )

    def post(self, what: str, **body: Any) -> None:
        self.http.post(f"/_control/{what}", json=body).raise_for_status()

    def close(self) -> None:
        self.program.stop()
        self.http.close()
        self.inbox.server.shutdown()
        self.inbox.server.server_close()


@pytest.fixture
def double(tmp_path: Path) -> Iterator[Double]:
    made = Double(tmp_path)
    yield made
    made.close()


def _page(double: Double) -> tuple[stripe.checkout.Session, str]:
    session = double.stripe.v1.checkout.sessions.create(_params())
    assert session.url
    return session, session.url


def test_the_page_takes_a_card_without_javascript(double: Double) -> None:
    session, url = _page(double)
    page = double.http.get(url).text
    assert "38.00 USD" in page
    assert "<script" not in page
    form = {"decision": "pay", "card": "4242 4242 4242 4242"}
    answer = double.http.post(url, data=form)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"https://shop.example/success?session={session.id}",
    )
    expand: Any = {"expand": ["payment_intent"]}
    paid = double.stripe.v1.checkout.sessions.retrieve(session.id, expand)
    assert (paid.status, paid.payment_status, paid.payment_intent.status) == ("complete", "paid", "succeeded")  # type: ignore[union-attr]
    double.inbox.wait(4)
    assert set(double.inbox.types()) == {
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    }
    assert double.http.post(url, data=form).status_code == 400


@pytest.mark.parametrize("form", [{"decision": "decline"}, {"decision": "pay", "card": "4000 0000 0000 0002"}])
def test_a_declined_card_says_so_and_may_be_tried_again(double: Double, form: dict[str, str]) -> None:
    session, url = _page(double)
    assert "Your card was declined." in double.http.post(url, data=form).text
    assert double.stripe.v1.checkout.sessions.retrieve(session.id).status == "open"


def test_an_order_of_nothing_is_completed_without_a_card_and_without_a_payment(double: Double) -> None:
    price = {"currency": "usd", "unit_amount": 0, "product_data": {"name": "Test purchase"}}
    session = double.stripe.v1.checkout.sessions.create(_params(line_items=[{"quantity": 1, "price_data": price}]))
    assert (session.status, session.payment_status) == ("open", "no_payment_required")
    assert session.url
    page = double.http.get(session.url).text
    assert "Complete order" in page
    assert "Card number" not in page
    assert "Pay by bank debit" not in page
    declined = double.http.post(session.url, data={"decision": "decline"})
    assert declined.status_code == 400
    answer = double.http.post(session.url, data={"decision": "pay"})
    assert answer.headers["location"] == f"https://shop.example/success?session={session.id}"
    done = double.stripe.v1.checkout.sessions.retrieve(session.id)
    assert (done.status, done.payment_status, done.payment_intent) == ("complete", "no_payment_required", None)
    double.inbox.wait(1)
    assert double.inbox.types() == ["checkout.session.completed"]


def test_who_abandons_comes_back_to_the_shop(double: Double) -> None:
    _, url = _page(double)
    answer = double.http.post(url, data={"decision": "abandon"})
    assert (answer.status_code, answer.headers["location"]) == (303, "https://shop.example/cancel")


def _pay(double: Double) -> dict[str, Any]:
    session, _ = _page(double)
    return dict(double.http.post(f"/_control/sessions/{session.id}/pay").json())


def test_refunds_add_up_and_never_exceed_the_charge(double: Double) -> None:
    intent = _pay(double)["payment_intent"]
    assert double.stripe.v1.refunds.create({"payment_intent": intent, "amount": 1000}).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount"):
        double.stripe.v1.refunds.create({"payment_intent": intent, "amount": 2801})
    assert double.stripe.v1.refunds.create({"payment_intent": intent}).amount == 2800
    with pytest.raises(stripe.InvalidRequestError) as caught:
        double.stripe.v1.refunds.create({"payment_intent": intent})
    assert caught.value.code == "charge_already_refunded"


def test_an_endpoint_that_fails_is_tried_again_and_the_event_is_listed_as_undelivered(double: Double) -> None:
    double.inbox.answer = 500
    _pay(double)
    double.inbox.wait(8)
    undelivered: Any = {"types": ["checkout.session.completed"], "delivery_success": False}
    assert len(double.stripe.v1.events.list(undelivered).data) == 1
    double.inbox.answer = 200

    def is_delivered() -> bool:
        double.post("flush")
        return not double.stripe.v1.events.list(undelivered).data

    wait(is_delivered, "the event to be delivered")


def test_a_restart_forgets_nothing_and_delivers_what_was_not(double: Double) -> None:
    double.post("faults", fault="drop")
    session = _pay(double)
    double.program.stop()
    double.program.start()
    double.inbox.wait(4)
    assert double.stripe.v1.checkout.sessions.retrieve(session["id"]).payment_status == "paid"


@pytest.mark.parametrize(("fault", "good", "bad"), [("duplicate", 8, 0), ("bad_signature", 4, 4), ("delay", 4, 0)])
def test_faults_of_webhooks(double: Double, fault: str, good: int, bad: int) -> None:
    double.post("faults", fault=fault, seconds=0.1)
    _pay(double)
    double.inbox.wait(good + bad)
    assert (len(double.inbox.types()), len(double.inbox.types(good=False))) == (good, bad)


def test_reordered_an_event_comes_after_the_one_that_follows_it(double: Double) -> None:
    double.inbox.slow = "payment_intent.succeeded"
    double.post("faults", fault="reorder", types=["charge.succeeded"], next=1)
    _pay(double)
    double.inbox.wait(4)
    types = double.inbox.types()
    assert types.index("charge.succeeded") > types.index("payment_intent.succeeded")


def test_faults_of_the_api(double: Double) -> None:
    create = double.stripe.v1.checkout.sessions.create
    double.post("faults", fault="api_down", next=1)
    with pytest.raises(stripe.APIError):
        create(_params(), _once("down"))
    assert create(_params(), _once("down")).status == "open"

    double.post("faults", fault="api_error", next=1)
    for _ in range(2):
        with pytest.raises(stripe.APIError, match="unknown error"):
            create(_params(), _once("replayed for ever"))

    before = len(double.stripe.v1.checkout.sessions.list({"limit": 100}).data)
    double.post("faults", fault="api_timeout", next=1, seconds=2)
    with pytest.raises(stripe.APIConnectionError):
        double.sdk(timeout_seconds=1).v1.checkout.sessions.create(_params(), _once("late"))
    assert create(_params(), _once("late")).status == "open"
    assert len(double.stripe.v1.checkout.sessions.list({"limit": 100}).data) == before + 1


def test_a_fault_that_is_unknown_is_refused(double: Double) -> None:
    answer = double.http.post("/_control/faults", json={"fault": "gremlins"})
    assert (answer.status_code, "one of" in answer.text) == (400, True)


def test_the_panel_switches_faults_by_a_form(double: Double) -> None:
    form = {"fault": "drop", "next": "3", "rate": "1", "seconds": "1", "types": ""}
    assert double.http.post("/_control/faults", data=form).headers["location"] == "/"
    page = double.http.get("/").text
    assert "&#x27;fault&#x27;: &#x27;drop&#x27;" in page
    double.http.post("/_control/faults/clear")
    assert "<li>none</li>" in double.http.get("/").text
