"""Which endpoint an event still waits for, over faults, restarts and a reset: by the double's own count."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stripe_double.account import Account
from stripe_double.control import add_endpoint
from stripe_double.delivery import Courier
from stripe_double.faults import Faults
from stripe_double.store import Store
from tests.workloads.stripe_double.test_contract import _params
from tests.workloads.stripe_double.test_double import SECRET, Double, Inbox

COMPLETED = "checkout.session.completed"


@pytest.fixture
def double(tmp_path: Path) -> Iterator[Double]:
    made = Double(tmp_path)
    yield made
    made.close()


@pytest.fixture
def second(double: Double) -> Iterator[Inbox]:
    """Give a second endpoint, which wants one type of event and refuses it."""
    inbox = Inbox()
    inbox.answer = 500
    double.post("endpoints", url=inbox.url, secret=SECRET, events=[COMPLETED])
    yield inbox
    inbox.server.shutdown()
    inbox.server.server_close()


def _pay(double: Double) -> None:
    session = double.stripe.v1.checkout.sessions.create(_params())
    double.post(f"sessions/{session.id}/pay")


def _under_way(double: Double) -> int:
    return int(double.http.get("/_control/state").json()["underWay"])


def _settled(double: Double) -> None:
    deadline = time.monotonic() + 60
    while _under_way(double):
        assert time.monotonic() < deadline, "deliveries are still under way"
        double.post("flush")
        time.sleep(0.02)


def _undelivered(double: Double) -> list[tuple[str, int]]:
    asked: Any = {"delivery_success": False}
    return [(one.type, one.pending_webhooks) for one in double.stripe.v1.events.list(asked).data]


@pytest.mark.parametrize(("fault", "waiting"), [("reorder", 1), ("delay", 4)])
def test_a_reset_forgets_the_deliveries_too(double: Double, fault: str, waiting: int) -> None:
    types = [COMPLETED] if fault == "reorder" else []
    double.post("faults", fault=fault, types=types, seconds=3600)
    _pay(double)
    double.inbox.wait(4 - waiting)
    assert _under_way(double) >= waiting
    double.post("reset")
    assert _under_way(double) == 0
    _pay(double)
    _settled(double)
    assert len(double.inbox.got) == 4 - waiting + 4
    assert "Traceback" not in double.program.log.read_text()


def test_an_event_that_is_forgotten_while_it_is_delivered_is_no_error() -> None:
    inbox, store = Inbox(), Store()
    courier = Courier(store, Faults())
    account = Account(store, courier.announce)
    add_endpoint(account, inbox.url, SECRET)

    async def deliver() -> None:
        account.pay(account.create_session(_SESSION, "")["id"])
        store.clear()
        # Raises what a delivery raised.
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})
        await courier.close()

    asyncio.run(deliver())
    inbox.server.shutdown()
    inbox.server.server_close()
    assert len(inbox.got) == 4


_PRICE = {"currency": "usd", "unit_amount": 1900, "product_data": {"name": "Cape"}}
_SESSION = {"success_url": "https://shop.example", "line_items": [{"quantity": 1, "price_data": _PRICE}]}


def test_a_restart_delivers_to_those_alone_who_have_not_had_the_event(double: Double, second: Inbox) -> None:
    _pay(double)
    _settled(double)
    assert _undelivered(double) == [(COMPLETED, 1)]
    second.answer, second.got = 200, []
    double.program.stop()
    double.program.start()
    _settled(double)
    assert _undelivered(double) == []
    assert second.types() == [COMPLETED]
    assert len(double.inbox.got) == 4


def test_an_event_that_came_twice_to_one_endpoint_still_waits_for_the_other(double: Double, second: Inbox) -> None:
    double.post("faults", fault="duplicate")
    _pay(double)
    _settled(double)
    assert len(double.inbox.got) == 8
    assert second.got
    assert _undelivered(double) == [(COMPLETED, 1)]


def test_an_endpoint_that_is_gone_is_waited_for_no_more(double: Double, second: Inbox) -> None:
    _pay(double)
    _settled(double)
    (gone,) = [one for one in double.stripe.v1.webhook_endpoints.list().data if one.url == second.url]
    double.stripe.v1.webhook_endpoints.delete(gone.id)
    double.program.stop()
    double.program.start()
    assert _undelivered(double) == []
