"""Every fault there is, injected into real processes: what it does without the protection, and that nothing is lost.

Each test shows the failure first. The numbers of all of them stand at the end of the run.
"""

from __future__ import annotations

import signal
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import httpx
import pytest

from tests.waiting import wait
from tests.workloads.postgres import Server
from tests.workloads.stage import Stage
from tests.workloads.tally import Tally, record_totals
from tests.workloads.without import POINTS

ORDERS = 150
LONG = 600
"""Seconds that no sale takes: what is delayed by them comes when the stage settles."""


def hold(tally: Tally, *, orders: int = ORDERS) -> None:
    """Say that every payment became one fulfilment."""
    record_totals(tally)
    assert tally.flawless, tally
    assert tally.paid >= orders


@pytest.mark.parametrize("fault", ["drop", "swallow"])
def test_dropped_webhooks_lose_orders_until_the_reconciliation_runs(stage: Stage, fault: str) -> None:
    stage.fault(fault, rate=0.4)
    stage.sell(ORDERS)
    stage.settle()
    lost = stage.tally().lost
    assert lost > 0
    found = stage.reconcile()
    assert found["missed_event"] == lost
    hold(stage.tally())
    assert stage.reconcile()["missed_event"] == 0


def test_an_event_that_stripe_no_longer_lists_is_made_good_from_the_object(stage: Stage) -> None:
    stage.fault("swallow")
    stage.sell(20)
    stage.rows("INSERT INTO stripe_events (event_id, type, created, payload) VALUES ('evt_old', 'x', now(), '{}')")
    events = stage.api("/v1/events", limit=100)["data"]
    for event in events:
        stage.rows(
            "INSERT INTO stripe_events (event_id, type, created, payload) VALUES (%s, 'x', now(), '{}')", event["id"]
        )
    assert stage.tally().lost == 20
    assert stage.reconcile()["repaired_order"] == 20
    hold(stage.tally(), orders=20)


def test_delayed_webhooks_are_only_late(stage: Stage) -> None:
    stage.fault("delay", seconds=LONG)
    stage.sell(ORDERS)
    assert stage.tally().lost == ORDERS
    stage.settle()
    hold(stage.tally())


@contextmanager
def _handed_out_at_will(stage: Stage) -> Iterator[None]:
    """Let an order be handed out twice, as the database itself never does."""
    stage.rows("ALTER TABLE fulfilments DROP CONSTRAINT fulfilments_pkey")
    try:
        yield
    finally:
        stage.begin()
        stage.rows("ALTER TABLE fulfilments ADD PRIMARY KEY (order_id)")


def test_doubled_webhooks_hand_out_once(stage: Stage) -> None:
    with _handed_out_at_will(stage), stage.without("dedup"):
        stage.fault("duplicate")
        session, *_ = stage.sell(20)
        stage.settle()
        # Two that arrive at once may take turns in a way that does no harm; one that comes later can't.
        stage.tell("checkout.session.completed", stage.api(f"/v1/checkout/sessions/{session}"))
        assert stage.tally().doubled > 0
    stage.fault("duplicate")
    stage.sell(ORDERS)
    stage.settle()
    hold(stage.tally())


def _refund_all(stage: Stage, sessions: list[str]) -> int:
    """Refund what was sold; gives how many orders then say something else."""
    for session in sessions:
        stage.refund(stage.api(f"/v1/checkout/sessions/{session}")["payment_intent"])
    stage.settle()
    return sum(count for status, count in stage.statuses().items() if status != "refunded")


def test_reordered_webhooks_never_take_an_order_back(stage: Stage) -> None:
    with stage.without("any_order"):
        stage.fault("delay", types=["checkout.session.completed"], seconds=LONG)
        assert _refund_all(stage, stage.sell(20)) > 0
    stage.begin()
    stage.fault("delay", types=["checkout.session.completed"], seconds=LONG)
    assert _refund_all(stage, stage.sell(ORDERS)) == 0
    hold(stage.tally())
    stage.begin()
    stage.fault("reorder")
    stage.sell(ORDERS)
    stage.settle()
    hold(stage.tally())


def test_a_wrongly_signed_webhook_is_refused_and_comes_again(stage: Stage) -> None:
    session = stage.buy()
    with stage.without("signature"):
        assert stage.forge(session).is_success
        assert stage.tally().wrong == 1
    stage.begin()
    session = stage.buy()
    assert stage.forge(session).status_code == 400
    assert stage.tally().wrong == 0
    stage.fault("bad_signature")
    stage.sell(ORDERS)
    stage.settle()
    hold(stage.tally())


def test_while_stripe_is_down_buyers_wait_and_buy_once(stage: Stage) -> None:
    stage.double.stop(signal.SIGKILL)
    assert stage.click().status_code == 503
    stage.double.start()
    stage.fault("api_down", rate=0.3)
    stage.sell(ORDERS)
    stage.well()
    stage.settle()
    hold(stage.tally())
    assert set(stage.sessions_per_order().values()) == {1}


def test_an_answer_after_the_timeout_makes_no_second_checkout(stage: Stage) -> None:
    with stage.impatient():
        with stage.without("stored_key"):
            stage.fault("api_timeout", seconds=1.5, next=12)
            stage.sell(4, at_once=4)
            assert max(stage.sessions_per_order().values()) > 1
        stage.begin()
        stage.fault("api_timeout", seconds=1.5, rate=0.1)
        stage.sell(ORDERS, at_once=16)
        stage.well()
        stage.settle()
        hold(stage.tally())
        assert set(stage.sessions_per_order().values()) == {1}


def test_a_failure_of_stripe_that_it_repeats_for_ever_is_left_behind_by_a_new_key(stage: Stage) -> None:
    stage.fault("api_error_after_commit", rate=0.3)
    stage.sell(60)
    stage.well()
    stage.settle()
    assert max(stage.sessions_per_order(status="open").values()) > 0
    assert stage.reconcile()["superseded_session"] > 0
    assert stage.sessions_per_order(status="open") == {}
    hold(stage.tally(), orders=60)


def test_an_event_marked_before_its_effect_is_lost_and_ours_is_not(stage: Stage) -> None:
    session = stage.buy()
    with stage.without("one_transaction"):
        stage.pay(session)
        stage.checkout.wait()
    stage.settle()
    assert stage.tally().lost == 1
    stage.begin()
    session = stage.buy()
    with stage.dying("between an event's claim and its effect"):
        stage.pay(session)
        stage.checkout.wait()
    stage.checkout.start()
    stage.settle()
    hold(stage.tally(), orders=1)


@pytest.mark.parametrize("point", POINTS)
def test_a_checkout_killed_at(stage: Stage, point: str) -> None:
    sessions = []
    with stage.dying(point):
        with suppress(httpx.HTTPError):
            answer = stage.click("the-one-click")
            sessions = [str(answer.json()["url"]).rsplit("/", 1)[1]]
            stage.pay(sessions[0])
        stage.checkout.wait()
    assert stage.tally().lost == len(sessions)
    stage.checkout.start()
    if not sessions:
        stage.pay(str(stage.click("the-one-click").json()["url"]).rsplit("/", 1)[1])
    stage.settle()
    assert stage.rows("SELECT count(*) FROM orders") == [(1,)]
    assert set(stage.sessions_per_order().values()) == {1}
    hold(stage.tally(), orders=1)


def _while_selling(stage: Stage, disturb: list[float], act: str) -> int:
    """Sell while something is killed, and started again, after each of these pauses; gives the failed requests seen."""
    sold: list[list[str]] = []
    selling = threading.Thread(target=lambda: sold.append(stage.sell(ORDERS)))
    selling.start()
    for pause in disturb:
        time.sleep(pause)
        if act == "checkout":
            stage.checkout.stop(signal.SIGKILL)
            with pytest.raises(httpx.HTTPError):
                stage.click()
            stage.checkout.start()
        else:
            stage.server.kill()
            assert stage.client.get(f"{stage.checkout.url}/health/ready").status_code == 503
            stage.server.start()
    selling.join()
    assert len(sold[0]) == ORDERS
    stage.settle()
    return len(disturb)


@pytest.mark.parametrize("act", ["checkout", "postgres"])
def test_whatever_is_killed_while_shops_sell_nothing_is_lost(stage: Stage, act: str) -> None:
    _while_selling(stage, [0.5, 0.9, 0.4, 1.3], act)
    stage.reconcile()
    hold(stage.tally())
    assert set(stage.sessions_per_order().values()) == {1}


def test_everything_at_once(stage: Stage) -> None:
    for fault in ("drop", "swallow", "duplicate", "reorder", "bad_signature", "api_down"):
        stage.fault(fault, rate=0.1)
    stage.fault("delay", rate=0.2, seconds=2)
    stage.fault("api_timeout", rate=0.03, seconds=1.5)
    selling = threading.Thread(target=stage.sell, args=(2 * ORDERS,))
    with stage.impatient():
        selling.start()
        time.sleep(1.5)
        stage.checkout.stop(signal.SIGKILL)
        stage.server.kill()
        stage.server.start()
        stage.checkout.start()
        selling.join()
    stage.well()
    stage.settle()
    assert stage.tally().lost > 0
    stage.reconcile()
    hold(stage.tally(), orders=2 * ORDERS)


def test_clicking_twice_buys_once(stage: Stage) -> None:
    def click(key: str) -> httpx.Response:
        return stage.click(key)

    with ThreadPoolExecutor(8) as pool:
        apart = list(pool.map(click, [uuid.uuid4().hex for _ in range(4)]))
        assert len({answer.json()["orderId"] for answer in apart}) == 4
        for _ in range(25):
            answers = list(pool.map(click, [uuid.uuid4().hex] * 4))
            assert len({(answer.json()["orderId"], answer.json()["url"]) for answer in answers}) == 1
    assert set(stage.sessions_per_order().values()) == {1}


class Load:
    """Buyers who click without a pause, and what they were answered."""

    def __init__(self) -> None:
        self.answers: list[int] = []

    def await_more(self, count: int = 8) -> None:
        """Wait until so many more clicks were answered."""
        wanted = len(self.answers) + count
        wait(lambda: len(self.answers) >= wanted, f"{count} clicks to be answered")


@contextmanager
def _load(stage: Stage, buyers: int = 4) -> Iterator[Load]:
    load, done = Load(), threading.Event()

    def click() -> None:
        while not done.is_set():
            load.answers.append(stage.click().status_code)

    with ThreadPoolExecutor(buyers) as pool:
        clicking = [pool.submit(click) for _ in range(buyers)]
        try:
            yield load
        finally:
            done.set()
        for one in clicking:
            one.result()


@contextmanager
def _its_password_after_all(server: Server) -> Iterator[None]:
    """Put the password back that the server, which others use too, had before."""
    old = server.password
    try:
        yield
    finally:
        server.set_password(old, write=True)


def test_the_password_rotates_under_load_without_a_failed_request(stage: Stage) -> None:
    with _its_password_after_all(stage.server):
        stage.server.set_password("second-password", write=False)
        stage.server.disconnect(stage.database)
        assert stage.click().status_code == 503
        stage.server.password_file.write_text("second-password")
        assert stage.click().is_success
        with _load(stage) as load:
            for number in range(4):
                load.await_more()
                stage.server.set_password(f"password-{number}", write=True)
                stage.server.disconnect(stage.database)
            load.await_more()
        assert set(load.answers) == {200}
