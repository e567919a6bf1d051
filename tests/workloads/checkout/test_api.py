from __future__ import annotations

import signal
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.waiting import wait
from tests.workloads.stage import KEY, ORIGIN, SECRET, Stage


def _refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_the_price_is_the_catalogue_s_whatever_the_browser_says(stage: Stage) -> None:
    answer = stage.click(quantity=3, price=1, amount=1, currency="eur")
    assert answer.status_code == 200, answer.text
    order = stage.client.get(f"{stage.checkout.url}/api/orders/{answer.json()['orderId']}").json()
    assert (order["amount"], order["currency"], order["status"]) == (5700, "usd", "checkout_open")
    session = stage.api(f"/v1/checkout/sessions/{answer.json()['url'].rsplit('/', 1)[1]}")
    assert (session["amount_total"], session["currency"]) == (5700, "usd")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"sku": "nothing"}, (404, "unknown_product")),
        ({"variant": "nobody"}, (404, "unknown_product")),
        ({"variant": "brutal", "sku": "flotilla-test"}, (403, "wrong_origin")),
        ({"quantity": 0}, (400, "bad_request")),
        ({"quantity": 100}, (400, "bad_request")),
        ({"quantity": "1"}, (400, "bad_request")),
        ({"quantity": True}, (400, "bad_request")),
        ({"sku": ""}, (400, "bad_request")),
    ],
)
def test_a_purchase_that_can_t_be_is_refused(stage: Stage, body: dict[str, Any], problem: tuple[int, str]) -> None:
    assert _refused(stage.click(**body)) == problem
    assert stage.rows("SELECT count(*) FROM orders") == [(0,)]


@pytest.mark.parametrize(
    ("headers", "problem"),
    [
        ({"Origin": "https://evil.test", "Content-Type": "application/json"}, (403, "foreign_origin")),
        ({"Content-Type": "application/json"}, (403, "foreign_origin")),
        ({"Origin": f"{ORIGIN}.evil.test", "Content-Type": "application/json"}, (403, "foreign_origin")),
        ({"Origin": "null", "Content-Type": "application/json"}, (403, "foreign_origin")),
        ({"Origin": ORIGIN, "Content-Type": "text/plain"}, (415, "not_json")),
        ({"Origin": ORIGIN, "Content-Type": "application/x-www-form-urlencoded"}, (415, "not_json")),
    ],
)
def test_another_site_can_t_make_a_browser_buy(stage: Stage, headers: dict[str, str], problem: tuple[int, str]) -> None:
    body = b'{"variant": "hero", "sku": "cape"}'
    assert _refused(stage.client.post(f"{stage.checkout.url}/api/checkout", content=body, headers=headers)) == problem


def test_only_our_origins_may_read_answers(stage: Stage) -> None:
    def allowed(origin: str) -> str | None:
        headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        answer = stage.client.options(f"{stage.checkout.url}/api/checkout", headers=headers)
        found: str | None = answer.headers.get("access-control-allow-origin")
        return found

    assert allowed(ORIGIN) == ORIGIN
    assert allowed("https://evil.test") is None


def test_a_key_that_comes_with_another_purchase_is_refused(stage: Stage) -> None:
    assert stage.click("the-same-key").is_success
    assert _refused(stage.click("the-same-key", quantity=2)) == (409, "key_reused")


def test_an_order_that_is_paid_is_not_opened_again(stage: Stage) -> None:
    answer = stage.click("the-same-key")
    stage.pay(answer.json()["url"].rsplit("/", 1)[1])
    stage.settle()
    assert _refused(stage.click("the-same-key")) == (409, "order_fulfilled")


def test_the_correlation_id_goes_from_the_click_to_order_logs_and_stripe(stage: Stage) -> None:
    mark = f"click-{uuid.uuid4().hex}"
    body = {"variant": "hero", "sku": "cape", "idempotencyKey": mark}
    headers = {"Origin": ORIGIN, "X-Correlation-Id": mark}
    answer = stage.client.post(f"{stage.checkout.url}/api/checkout", json=body, headers=headers)
    assert answer.headers["x-correlation-id"] == mark
    session = stage.pay(answer.json()["url"].rsplit("/", 1)[1])
    stage.settle()
    assert session["metadata"]["correlation_id"] == mark
    assert stage.api(f"/v1/payment_intents/{session['payment_intent']}")["metadata"]["correlation_id"] == mark
    assert stage.rows("SELECT correlation_id FROM orders") == [(mark,)]
    said = [line["message"] for line in stage.checkout.logs() if line.get("correlationId") == mark]
    assert {"request", "order moved"} <= set(said)


def test_a_test_purchase_is_marked_and_may_be_refunded_by_whoever_holds_the_token(stage: Stage) -> None:
    answer = stage.click(sku="flotilla-test")
    order, session = answer.json()["orderId"], answer.json()["url"].rsplit("/", 1)[1]
    assert stage.pay(session)["metadata"]["flotilla_test"] == "true"
    stage.settle()
    url = f"{stage.checkout.url}/api/test-orders/{order}/refund"
    assert _refused(stage.client.post(url)) == (401, "unauthorized")
    token = {"Authorization": f"Bearer {'t' * 20}"}
    assert stage.client.post(url, headers=token).status_code == 202
    stage.settle()
    shown = stage.client.get(f"{stage.checkout.url}/api/orders/{order}").json()
    assert (shown["status"], shown["test"]) == ("refunded", True)
    assert stage.client.post(url, headers=token).status_code == 202


def test_a_real_order_is_not_refunded_that_way(stage: Stage) -> None:
    order = stage.click().json()["orderId"]
    url = f"{stage.checkout.url}/api/test-orders/{order}/refund"
    assert _refused(stage.client.post(url, headers={"Authorization": f"Bearer {'t' * 20}"})) == (403, "no_test_order")


TOKEN = {"Authorization": f"Bearer {'t' * 20}"}


def test_who_holds_the_token_sees_all_of_a_test_purchase(stage: Stage) -> None:
    answer = stage.click(sku="flotilla-test")
    order, session = answer.json()["orderId"], answer.json()["url"].rsplit("/", 1)[1]
    intent = stage.pay(session)["payment_intent"]
    stage.settle()
    url = f"{stage.checkout.url}/api/test-orders/{order}"
    assert _refused(stage.client.get(url)) == (401, "unauthorized")
    assert _refused(stage.client.get(url, headers={"Authorization": "Bearer guessed"})) == (401, "unauthorized")
    shown = stage.client.get(url, headers=TOKEN).json()
    assert (shown["orderId"], shown["status"], shown["variant"], shown["sku"]) == (
        order,
        "fulfilled",
        "hero",
        "flotilla-test",
    )
    assert (shown["amount"], shown["currency"], shown["test"]) == (100, "usd", True)
    assert (shown["sessionId"], shown["paymentIntent"]) == (session, intent)
    assert shown["correlationId"] == answer.headers["x-correlation-id"]
    assert [(event["type"], event["outcome"]) for event in shown["events"]] == [
        ("checkout.session.completed", "applied")
    ]


def test_a_customer_s_order_is_shown_to_nobody(stage: Stage) -> None:
    order = stage.click().json()["orderId"]
    url = f"{stage.checkout.url}/api/test-orders/{order}"
    assert _refused(stage.client.get(url, headers=TOKEN)) == (403, "no_test_order")


def test_a_test_purchase_of_nothing_needs_no_payment_and_is_taken_back(stage: Stage) -> None:
    asked = {"variant": "brutal", "sku": "flotilla-test"}
    headers = {"Origin": "https://brutal.shops.test"}
    opened = stage.client.post(f"{stage.checkout.url}/api/checkout", json=asked, headers=headers).json()
    url = f"{stage.checkout.url}/api/test-orders/{opened['orderId']}"
    before = stage.client.get(url, headers=TOKEN).json()
    assert (before["status"], before["amount"]) == ("checkout_open", 0)
    session = stage.pay(opened["url"].rsplit("/", 1)[1])
    assert (session["payment_status"], session["payment_intent"]) == ("no_payment_required", None)
    stage.settle()
    assert stage.client.get(url, headers=TOKEN).json()["status"] == "fulfilled"
    assert stage.client.post(f"{url}/refund", headers=TOKEN).status_code == 202
    assert stage.client.get(url, headers=TOKEN).json()["status"] == "refunded"
    assert stage.reconcile()["review"] == 0


def test_what_has_not_settled_in_time_is_told(stage: Stage) -> None:
    def told() -> dict[str, Any]:
        found: dict[str, Any] = stage.client.get(f"{stage.checkout.url}/api/reconciliation", headers=TOKEN).json()
        return found

    paid, open_, gone = (stage.click().json()["orderId"] for _ in range(3))
    assert told() == {
        "lastRun": None,
        "reviews": {"count": 0, "oldest": []},
        "overdueOrders": {"count": 0, "oldest": []},
        "overdueEvents": {"count": 0, "oldest": []},
    }
    stage.rows("UPDATE orders SET status = 'paid', updated_at = now() - interval '16 minutes' WHERE id = %s", paid)
    stage.rows("UPDATE orders SET updated_at = now() - interval '16 minutes' WHERE id = %s", open_)
    stage.rows("UPDATE orders SET expires_at = now() - interval '16 minutes' WHERE id = %s", gone)
    overdue = told()["overdueOrders"]
    assert (overdue["count"], {one["id"] for one in overdue["oldest"]}) == (2, {paid, gone})
    stage.rows(
        "INSERT INTO stripe_events (event_id, type, created, payload, outcome, processed_at)"
        " VALUES ('evt_1', 'charge.refunded', now(), '{}', 'unmatched', now() - interval '16 minutes')"
    )
    stage.rows("INSERT INTO reviews (kind, object_id, detail) VALUES ('amount', 'cs_1', 'paid 1 for an order of 2')")
    shown = told()
    assert [one["id"] for one in shown["overdueEvents"]["oldest"]] == ["evt_1"]
    assert [(one["kind"], one["object_id"]) for one in shown["reviews"]["oldest"]] == [("amount", "cs_1")]


def test_who_asks_says_when_a_thing_is_overdue(stage: Stage) -> None:
    """A lost webhook is made up for at the next run; the stack says when that is, and the checkout does not know it."""
    url = f"{stage.checkout.url}/api/reconciliation"
    stage.rows(
        "UPDATE orders SET expires_at = now() - interval '1 hour' WHERE id = %s", stage.click().json()["orderId"]
    )
    stage.rows(
        "INSERT INTO stripe_events (event_id, type, created, payload, outcome, processed_at)"
        " VALUES ('evt_1', 'charge.refunded', now(), '{}', 'unmatched', now() - interval '1 hour')"
    )
    for asked, count in (({}, 1), ({"overdueSeconds": "3500"}, 1), ({"overdueSeconds": "7440"}, 0)):
        told = stage.client.get(url, headers=TOKEN, params=asked).json()
        assert (told["overdueOrders"]["count"], told["overdueEvents"]["count"]) == (count, count), asked
    for wrong in ("", "0", "-5", "1e3", "\u0663", "9" * 10, "1.5"):
        answer = stage.client.get(url, headers=TOKEN, params={"overdueSeconds": wrong})
        assert _refused(answer) == (400, "bad_request"), wrong
    assert _refused(stage.client.get(url, params={"overdueSeconds": "x"})) == (401, "unauthorized")


def test_the_last_reconciliation_is_told_to_who_holds_the_token(stage: Stage) -> None:
    url = f"{stage.checkout.url}/api/reconciliation"
    stage.reconcile()
    assert _refused(stage.client.get(url)) == (401, "unauthorized")
    run = stage.client.get(url, headers=TOKEN).json()["lastRun"]
    assert 0 <= run["ageSeconds"] < 60
    assert set(run["findings"].values()) == {0}


def test_strangers_who_come_through_the_proxy_see_no_metrics(stage: Stage) -> None:
    url = f"{stage.checkout.url}/metrics"
    assert stage.client.get(url).is_success
    assert _refused(stage.client.get(url, headers={"X-Forwarded-For": "192.0.2.1"})) == (404, "not_found")


def test_states_beside_the_straight_way(stage: Stage) -> None:
    """Expiry, a bank debit that succeeds or fails, a part refunded, a dispute that overtakes its payment."""
    expired, debit, failed, part, disputed = (stage.buy() for _ in range(5))
    stage.pay(expired, "expire")
    stage.pay(debit, "pay_later")
    stage.pay(failed, "pay_later")
    stage.settle()
    assert stage.statuses() == {"expired": 1, "checkout_open": 4}
    stage.pay(debit, "settle")
    stage.pay(failed, "fail")
    stage.refund(stage.pay(part)["payment_intent"], amount=900)
    stage.fault("drop", types=["checkout.session.completed"])
    intent = stage.pay(disputed)["payment_intent"]
    stage.control(f"payments/{intent}/dispute")
    stage.settle()
    assert stage.rows("SELECT kind FROM reviews") == [("unmatched",)]
    assert stage.reconcile()["review"] == 0
    assert stage.statuses() == {"expired": 1, "fulfilled": 1, "failed": 1, "partially_refunded": 1, "disputed": 1}


def test_a_wrong_amount_is_for_a_person_and_hands_out_nothing(stage: Stage) -> None:
    session = stage.buy()
    stage.rows("UPDATE orders SET amount = amount + 1")
    stage.pay(session)
    stage.settle()
    assert stage.statuses() == {"checkout_open": 1}
    assert stage.rows("SELECT kind, detail FROM reviews") == [("amount", "paid 1900 usd for an order of 1901 usd")]
    assert stage.reconcile()["review"] == 1
    assert stage.checkout.run("reconcile").returncode == 1


def test_a_payment_without_an_order_is_found(stage: Stage) -> None:
    session = stage.buy()
    stage.rows("TRUNCATE orders CASCADE")
    stage.pay(session)
    stage.settle()
    found = stage.reconcile()
    assert (found["session_without_order"], stage.rows("SELECT count(*) FROM orders")) == (1, [(0,)])
    assert found["review"] == 1


def test_several_webhook_secrets_are_good_while_one_is_rotated(stage: Stage) -> None:
    secrets, url = stage.folder / "secret", f"{stage.checkout.url}/webhooks/stripe"
    try:
        stage.control("endpoints", url=url, secret="whsec_second")
        stage.pay(stage.buy())
        assert stage.statuses() == {"checkout_open": 1}
        secrets.write_text("whsec_second\nwhsec_first\n")
        stage.settle()
        assert stage.statuses() == {"fulfilled": 1}
    finally:
        secrets.write_text(SECRET)
        stage.listen()


def test_health_tells_each_neighbour_and_a_wrong_key_from_a_dead_stripe(stage: Stage) -> None:
    def health() -> dict[str, Any]:
        stage.checkout.stop()
        stage.checkout.start()
        return dict(stage.client.get(f"{stage.checkout.url}/health").json())

    started = time.monotonic()
    well = health()
    assert (well["ok"], well["track"], well["version"]) == (True, "canary", "1.5.0")
    assert 0 < well["database"]["latencyMs"] < (time.monotonic() - started) * 1000
    try:
        (stage.folder / "key").write_text("sk_live_wrong")
        assert "AuthenticationError" in health()["stripe"]["error"]
    finally:
        (stage.folder / "key").write_text(KEY)
    stage.double.stop(signal.SIGKILL)
    assert "APIConnectionError" in health()["stripe"]["error"]
    assert stage.client.get(f"{stage.checkout.url}/health/ready").status_code == 200


def test_health_tells_that_nobody_asks_stripe_any_more(stage: Stage) -> None:
    def circuit() -> str:
        return str(stage.client.get(f"{stage.checkout.url}/health").json()["stripe"]["circuit"])

    stage.checkout.stop()
    stage.checkout.start()
    assert circuit() == "closed"
    stage.double.stop(signal.SIGKILL)
    seen: list[str] = []
    try:
        while len(seen) < 5 and "open" not in seen:
            assert stage.click().status_code == 503
            seen.append(circuit())
    finally:
        stage.checkout.stop()  # with what it remembers of Stripe
    assert seen[-1] == "open", seen


def test_reconcile_that_reaches_nobody_can_t_tell(stage: Stage) -> None:
    stage.double.stop(signal.SIGKILL)
    done = stage.checkout.run("reconcile")
    assert (done.returncode, "could not tell" in done.stderr) == (3, True)


def test_metrics_carry_track_and_version(stage: Stage) -> None:
    stage.click()
    assert stage.client.request("FROBNICATE", f"{stage.checkout.url}/api/checkout").status_code == 405
    text = stage.client.get(f"{stage.checkout.url}/metrics").text
    for line in (
        'http_requests_total{code="200",method="POST",route="/api/checkout",track="canary",version="1.5.0"}',
        'http_requests_total{code="405",method="other",route="/api/checkout",track="canary",version="1.5.0"} 1.0',
        'http_request_duration_seconds_bucket{le="0.5",route="/api/checkout",track="canary",version="1.5.0"}',
        'checkout_orders{state="checkout_open",track="canary",version="1.5.0"} 1.0',
    ):
        assert line in text


def test_a_request_under_way_is_answered_after_sigterm(stage: Stage) -> None:
    stage.fault("api_timeout", seconds=3, next=1)
    with ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(stage.click)
        wait(lambda: under_way.done() or stage.rows("SELECT 1 FROM orders"), "the order")
        assert stage.checkout.stop(signal.SIGTERM) == 0
        assert under_way.result().status_code == 200
