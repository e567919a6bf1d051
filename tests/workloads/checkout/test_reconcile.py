"""What the reconciliation and the webhooks make of what doesn't fit, and how a person closes it."""

from __future__ import annotations

import signal
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from checkout import reconcile, settings
from checkout.database import Database
from checkout.payments import Payments, Rejected
from checkout.reconcile import Reconciliation
from tests.workloads.stage import FLEET, KEY, Stage
from tests.workloads.tally import record_totals

TOKEN = {"Authorization": f"Bearer {'t' * 20}"}


def _told(stage: Stage) -> dict[str, Any]:
    return dict(stage.client.get(f"{stage.checkout.url}/api/reconciliation", headers=TOKEN).json())


def _reviews(stage: Stage) -> list[str]:
    return [row[0] for row in stage.rows("SELECT kind FROM reviews WHERE resolved_at IS NULL ORDER BY kind")]


def _hold(stage: Stage) -> None:
    tally = stage.tally()
    record_totals(tally)
    assert tally.flawless, tally


class _Counting(Payments):
    """Asks Stripe, and counts what is asked one by one."""

    asked = 0

    def session(self, identity: str) -> dict[str, Any]:
        self.asked += 1
        return super().session(identity)


class _Late(Payments):
    """Finds each session that it would close at its end already."""

    def expire_session(self, identity: str) -> None:
        raise Rejected(f"{identity} is complete", kind="InvalidRequestError", code="InvalidRequestError")


@contextmanager
def _store(stage: Stage) -> Iterator[Database]:
    known = settings.database({**stage.server.environment, "DATABASE_NAME": stage.database})
    store = Database(known, "test", connections=1)
    store.open()
    try:
        yield store
    finally:
        store.close()


def _key(stage: Stage) -> settings.SecretFile:
    return settings.SecretFile(stage.folder / "key")


def test_a_part_refunded_before_its_payment_is_told_of_is_handed_out(stage: Stage) -> None:
    stage.fault("delay", types=["checkout.session.completed"], seconds=30)
    for session in stage.sell(20):
        stage.refund(stage.api(f"/v1/checkout/sessions/{session}")["payment_intent"], amount=900)
    stage.settle()
    assert stage.statuses() == {"partially_refunded": 20}
    assert stage.tally().lost == 0
    _hold(stage)


def test_what_is_owed_is_overdue_and_handed_out_once_though_a_part_was_refunded(stage: Stage) -> None:
    stage.sell(2)
    stage.settle()
    stage.rows("DELETE FROM fulfilments")
    stage.rows("UPDATE orders SET status = 'partially_refunded', updated_at = now() - interval '16 minutes'")
    assert _told(stage)["overdueOrders"]["count"] == 2
    assert stage.reconcile()["unfulfilled_order"] == 2
    assert _told(stage)["overdueOrders"]["count"] == 0
    assert stage.statuses() == {"partially_refunded": 2}
    _hold(stage)
    assert stage.reconcile()["unfulfilled_order"] == 0


def test_what_is_owed_is_handed_out_while_stripe_is_down(stage: Stage) -> None:
    stage.sell(1)
    stage.settle()
    stage.rows("DELETE FROM fulfilments")
    stage.rows("UPDATE orders SET status = 'paid', updated_at = now() - interval '1 minute'")
    stage.double.stop(signal.SIGKILL)
    assert stage.checkout.run("reconcile").returncode == 3
    assert (stage.statuses(), stage.rows("SELECT count(*) FROM fulfilments")) == ({"fulfilled": 1}, [(1,)])


def test_a_last_event_that_stripe_does_not_know_is_dropped(stage: Stage) -> None:
    stage.rows("INSERT INTO reconcile_cursor (event_id) VALUES ('evt_of_another_account')")
    stage.fault("swallow")
    stage.sell(3)
    assert stage.reconcile()["missed_event"] == 3
    _hold(stage)


def test_a_session_that_stripe_does_not_know_is_for_a_person_and_stops_nothing(stage: Stage) -> None:
    lost, other = (stage.click().json()["orderId"] for _ in range(2))
    for order, session in ((lost, "cs_unknown"), (other, "cs_also_unknown")):
        stage.rows(
            "UPDATE orders SET session_id = %s, created_at = now() - interval '1 minute' WHERE id = %s", session, order
        )
    done = stage.checkout.run("reconcile")
    assert done.returncode == 1, done.stderr
    assert _reviews(stage) == ["session_missing", "session_missing"]
    assert stage.checkout.run("resolve", "session_missing", "cs_unknown").returncode == 0
    assert stage.rows("SELECT status FROM orders WHERE id = %s", lost) == [("expired",)]
    assert stage.rows("SELECT status FROM orders WHERE id = %s", other) == [("checkout_open",)]


def test_a_session_that_ended_since_it_was_listed_stops_nothing(stage: Stage) -> None:
    order = stage.click().json()["orderId"]
    stage.rows("UPDATE orders SET session_id = 'cs_newer', status = 'expired' WHERE id = %s", order)
    with _store(stage) as store:
        found = Reconciliation(store, _Late(_key(stage), stage.double.url, 5), -5, FLEET).run()
    assert found["superseded_session"] == 0


def test_only_what_was_not_listed_is_asked_for_one_by_one(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        stage.buy()
    stripe = _Counting(_key(stage), stage.double.url, 5)
    with _store(stage) as store:
        Reconciliation(store, stripe, -5, FLEET).run()
        assert stripe.asked == 0
        monkeypatch.setattr(reconcile, "_SESSION_WINDOW_SECONDS", -60)
        Reconciliation(store, stripe, -5, FLEET).run()
    assert stripe.asked == 5


def _session(**other: Any) -> dict[str, Any]:
    order = str(uuid.uuid4())
    made: dict[str, Any] = {
        "id": f"cs_{uuid.uuid4().hex}",
        "object": "checkout.session",
        "status": "complete",
        "payment_status": "paid",
        "payment_intent": None,
        "amount_total": 1900,
        "currency": "usd",
        "client_reference_id": order,
        "metadata": {"order_id": order, "fleet": FLEET},
    }
    return made | other


def test_every_object_at_stripe_says_whose_it_is(stage: Stage) -> None:
    session = stage.buy()
    intent = stage.pay(session)["payment_intent"]
    assert stage.api(f"/v1/checkout/sessions/{session}")["metadata"]["fleet"] == FLEET
    assert stage.api(f"/v1/payment_intents/{intent}")["metadata"]["fleet"] == FLEET


def test_what_is_another_fleet_s_or_was_never_paid_is_for_nobody(stage: Stage) -> None:
    other = {"order_id": str(uuid.uuid4()), "fleet": "checkout.other.test"}
    assert stage.tell("checkout.session.completed", _session(metadata=other)) == "ignored"
    assert stage.tell("checkout.session.expired", _session(status="expired", payment_status="unpaid")) == "ignored"
    assert _reviews(stage) == []
    assert stage.tell("checkout.session.completed", _session()) == "unmatched"
    assert stage.tell("checkout.session.completed", _session(metadata={})) == "unmatched"
    assert _reviews(stage) == ["unmatched", "unmatched"]


def test_a_dispute_about_another_fleet_s_payment_is_for_nobody(stage: Stage) -> None:
    asked = {
        "mode": "payment",
        "success_url": "https://other.test/",
        "line_items[0][quantity]": "1",
        "line_items[0][price_data][currency]": "usd",
        "line_items[0][price_data][unit_amount]": "500",
        "line_items[0][price_data][product_data][name]": "Hat",
        "metadata[fleet]": "checkout.other.test",
        "payment_intent_data[metadata][fleet]": "checkout.other.test",
        "payment_intent_data[metadata][order_id]": str(uuid.uuid4()),
    }
    headers = {"Authorization": f"Bearer {KEY}"}
    made = stage.client.post(f"{stage.double.url}/v1/checkout/sessions", data=asked, headers=headers).json()
    intent = stage.pay(made["id"])["payment_intent"]
    stage.control(f"payments/{intent}/dispute")
    stage.settle()
    assert _reviews(stage) == ["unmatched"]
    assert (stage.reconcile()["review"], _reviews(stage)) == (0, [])


def test_what_was_abandoned_since_a_dump_is_for_nobody(stage: Stage) -> None:
    for _ in range(3):
        stage.pay(stage.buy(), "expire")
    stage.buy()
    stage.settle()
    stage.rows("TRUNCATE orders, stripe_events CASCADE")
    assert stage.checkout.run("reconcile").returncode == 0
    assert _reviews(stage) == []


def test_a_person_closes_a_review_for_good(stage: Stage) -> None:
    session = stage.buy()
    stage.rows("TRUNCATE orders CASCADE")
    stage.pay(session)
    stage.settle()
    stage.rows("UPDATE stripe_events SET processed_at = now() - interval '16 minutes'")
    assert stage.reconcile()["session_without_order"] == 1
    stage.rows("UPDATE stripe_events SET processed_at = now() - interval '16 minutes'")
    assert _told(stage)["overdueEvents"]["count"] == 1
    assert stage.checkout.run("resolve", "unmatched", session).returncode == 0
    again = stage.checkout.run("resolve", "unmatched", session)
    assert (again.returncode, "no open review unmatched" in again.stderr) == (2, True)
    found = stage.reconcile()
    assert (found["session_without_order"], found["review"]) == (0, 0)
    told = _told(stage)
    assert (told["reviews"]["count"], told["overdueEvents"]["count"]) == (0, 0)


def test_resolve_wants_a_kind_and_an_object(stage: Stage) -> None:
    done = stage.checkout.run("resolve", "amount")
    assert (done.returncode, done.stderr) == (2, "checkout: resolve takes KIND OBJECT, given ['amount']\n")


def test_a_bank_debit_that_is_under_way_is_not_overdue(stage: Stage) -> None:
    stage.pay(stage.buy(), "pay_later")
    stage.settle()
    stage.buy()
    stage.rows("UPDATE orders SET expires_at = now() - interval '16 minutes'")
    assert stage.rows("SELECT status, session_complete FROM orders ORDER BY created_at") == [
        ("checkout_open", True),
        ("checkout_open", False),
    ]
    assert _told(stage)["overdueOrders"]["count"] == 1


def test_the_end_of_a_dispute_and_a_refund_that_failed_are_for_a_person(stage: Stage) -> None:
    session = stage.buy()
    intent = stage.pay(session)["payment_intent"]
    stage.settle()
    stage.control(f"payments/{intent}/dispute")
    stage.settle()
    dispute = {"id": "du_1", "object": "dispute", "status": "won", "payment_intent": intent, "metadata": {}}
    refund = {"id": "re_1", "object": "refund", "amount": 5, "currency": "usd", "payment_intent": intent}
    assert stage.tell("charge.dispute.closed", dispute) == "review"
    assert stage.tell("refund.failed", refund) == "review"
    assert stage.rows("SELECT kind, object_id, detail FROM reviews ORDER BY kind") == [
        ("dispute_closed", "du_1", "the dispute ended: won; disputed, handed out"),
        ("refund_failed", "re_1", "5 usd did not reach the buyer; disputed, handed out"),
    ]
    assert stage.statuses() == {"disputed": 1}


def test_a_buyer_s_name_is_forgotten_once_nothing_waits_for_the_event(stage: Stage) -> None:
    stage.sell(2)
    stage.settle()
    stage.tell("checkout.session.completed", _session())
    stage.rows("UPDATE stripe_events SET processed_at = now() - interval '31 days'")
    stage.rows(
        "UPDATE stripe_events SET processed_at = now() - interval '29 days'"
        " WHERE event_id = (SELECT min(event_id) FROM stripe_events WHERE outcome = 'applied')"
    )
    stage.checkout.run("reconcile")
    kept = stage.rows("SELECT outcome, payload <> '{}' FROM stripe_events ORDER BY outcome, payload <> '{}'")
    assert kept == [("applied", False), ("applied", True), ("unmatched", True)]
