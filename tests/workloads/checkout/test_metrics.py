from __future__ import annotations

from typing import Any

import pytest
from prometheus_client import generate_latest

from checkout.breaker import Breaker
from checkout.database import Database, TooSlow, Unavailable
from checkout.metrics import Metrics, State
from tests.workloads.stage import Stage


class _Ill(Database):
    """Fails every look in one way."""

    def __init__(self, error: Unavailable) -> None:
        self._error = error

    def look(self, *_: Any, **__: Any) -> Any:
        raise self._error


@pytest.mark.parametrize(("error", "up"), [(TooSlow("statement took too long"), 1), (Unavailable("nobody there"), 0)])
def test_a_slow_postgres_is_not_a_dead_one(error: Unavailable, up: int) -> None:
    metrics = Metrics("stable", "1")
    State(metrics, _Ill(error), Breaker())
    text = generate_latest(metrics.registry).decode()
    assert f'checkout_database_up{{track="stable",version="1"}} {up}.0' in text
    assert "checkout_orders{" not in text


def test_a_scrape_reads_no_finished_order(stage: Stage) -> None:
    """What is finished grows for ever; a scrape must cost the same on the last day as on the first."""
    stage.sell(3)
    stage.settle()
    stage.buy()
    text = stage.client.get(f"{stage.checkout.url}/metrics").text
    assert 'checkout_orders{state="checkout_open",track="canary",version="1.5.0"} 1.0' in text
    assert 'checkout_orders{state="fulfilled"' not in text
    stage.rows("ANALYZE orders")
    text = stage.client.get(f"{stage.checkout.url}/metrics").text
    assert 'checkout_orders_estimate{track="canary",version="1.5.0"} 4.0' in text
    with stage.server.connect(stage.database) as connection:
        connection.execute("SET enable_seqscan = off")
        plan = connection.execute(
            "EXPLAIN SELECT status, count(*) FROM orders WHERE status IN ('created', 'checkout_open', 'paid')"
            " GROUP BY status"
        ).fetchall()
    assert any("orders_unfinished" in line for (line,) in plan), plan
