"""What happens to a payment after it was made, as the official SDK reads it: refunds that fail, disputes that end."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stripe

from stripe_double.problems import Problem
from stripe_double.store import Store
from tests.workloads.stripe_double.test_contract import _once, _params
from tests.workloads.stripe_double.test_double import Double

KNOWN_EVENTS = typing.get_args(stripe.Event.__annotations__["type"])


@pytest.fixture
def double(tmp_path: Path) -> Iterator[Double]:
    made = Double(tmp_path)
    yield made
    made.close()


def _pay(double: Double) -> str:
    session = double.stripe.v1.checkout.sessions.create(_params())
    return str(double.http.post(f"/_control/sessions/{session.id}/pay").json()["payment_intent"])


def _events(double: Double, *kinds: str) -> list[stripe.Event]:
    """Give the events of these types, oldest first; the SDK must know each type."""
    assert set(kinds) <= set(KNOWN_EVENTS)
    asked: Any = {"types": list(kinds)}
    return list(reversed(double.stripe.v1.events.list(asked).data))


def _told(body: Any, of: type) -> dict[str, Any]:
    """Give what an object says; every field must be one that the SDK's class has."""
    said = dict(body.to_dict())
    assert set(said) <= set(of.__annotations__), set(said) - set(of.__annotations__)
    return said


def test_a_refund_that_succeeded_can_fail_later_and_the_money_is_back(double: Double) -> None:
    intent = _pay(double)
    part = double.stripe.v1.refunds.create({"payment_intent": intent, "amount": 1000, "metadata": {"order_id": "o"}})
    rest = double.stripe.v1.refunds.create({"payment_intent": intent})
    double.post(f"refunds/{rest.id}/fail")

    refund = double.stripe.v1.refunds.retrieve(rest.id)
    assert (refund.status, refund.failure_reason, refund.amount) == ("failed", "lost_or_stolen_card", 2800)
    assert double.stripe.v1.refunds.retrieve(part.id).status == "succeeded"
    assert rest.charge
    charge = double.stripe.v1.charges.retrieve(str(rest.charge))
    assert (charge.amount_refunded, charge.refunded) == (1000, False)

    updated, failed = _events(double, "refund.updated", "refund.failed")
    assert (updated.type, failed.type) == ("refund.updated", "refund.failed")
    for event in (updated, failed):
        told = _told(event.data.object, stripe.Refund)
        assert (told["id"], told["status"], told["payment_intent"]) == (rest.id, "failed", intent)
    double.inbox.wait(4 + 4 + 2)
    assert {"refund.updated", "refund.failed"} <= set(double.inbox.types())

    again = double.http.post(f"/_control/refunds/{rest.id}/fail")
    assert (again.status_code, "only one that succeeded can fail" in again.text) == (400, True)
    assert double.stripe.v1.refunds.create({"payment_intent": intent}).amount == 2800


def test_a_failed_refund_keeps_its_metadata(double: Double) -> None:
    made = double.stripe.v1.refunds.create({"payment_intent": _pay(double), "metadata": {"order_id": "o"}})
    double.post(f"refunds/{made.id}/fail")
    (failed,) = _events(double, "refund.failed")
    assert _told(failed.data.object, stripe.Refund)["metadata"] == {"order_id": "o"}


@pytest.mark.parametrize("outcome", ["won", "lost"])
def test_a_dispute_ends_once(double: Double, outcome: str) -> None:
    intent = _pay(double)
    opened = double.http.post(f"/_control/payments/{intent}/dispute").json()
    assert opened["status"] == "needs_response"
    double.post(f"disputes/{opened['id']}/{outcome}")

    (dispute,) = double.stripe.v1.disputes.list({"payment_intent": intent}).data
    assert (dispute.id, dispute.status, dispute.amount) == (opened["id"], outcome, 3800)
    created, closed = _events(double, "charge.dispute.created", "charge.dispute.closed")
    assert _told(created.data.object, stripe.Dispute)["status"] == "needs_response"
    told = _told(closed.data.object, stripe.Dispute)
    assert (told["id"], told["status"], told["payment_intent"]) == (opened["id"], outcome, intent)
    charge = double.stripe.v1.charges.retrieve(told["charge"])
    assert (charge.disputed, charge.amount_refunded) == (True, 0)

    again = double.http.post(f"/_control/disputes/{opened['id']}/won")
    assert (again.status_code, "only one that is open" in again.text) == (400, True)


def test_an_outcome_that_is_none_is_refused(double: Double) -> None:
    opened = double.http.post(f"/_control/payments/{_pay(double)}/dispute").json()
    assert double.http.post(f"/_control/disputes/{opened['id']}/forgiven").status_code == 404
    assert double.http.post("/_control/disputes/du_none/won").status_code == 404
    assert double.http.post("/_control/refunds/re_none/fail").status_code == 404


def test_an_event_names_the_api_call_that_caused_it_and_none_that_did_not(double: Double) -> None:
    params, once = _params(), _once("of-the-session")
    session = double.stripe.v1.checkout.sessions.create(params, once)
    assert session.url
    double.http.post(session.url, data={"decision": "pay"})
    (paid,) = _events(double, "checkout.session.completed")
    assert paid.request
    assert (paid.request.id, paid.request.idempotency_key) == (None, None)

    intent = double.stripe.v1.checkout.sessions.retrieve(session.id).payment_intent
    double.stripe.v1.refunds.create({"payment_intent": str(intent)}, _once("of-the-refund"))
    (refunded,) = _events(double, "charge.refunded")
    assert refunded.request
    assert str(refunded.request.id).startswith("req_")
    assert refunded.request.idempotency_key == "of-the-refund"


def test_a_key_is_forgotten_after_a_day() -> None:
    store, noon, day = Store(), 1_700_000_000, 24 * 3600
    assert store.begin("key", "first", noon) is None
    store.finish("key", 200, {"id": "cs_1"})
    assert store.begin("key", "first", noon + day - 1) == (200, {"id": "cs_1"})
    with pytest.raises(Problem, match="same parameters"):
        store.begin("key", "other", noon + day - 1)
    assert store.begin("key", "other", noon + day) is None
