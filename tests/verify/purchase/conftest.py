"""One market for the module, with nothing left of the test before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from tests.verify.purchase.market import Market
from tests.workloads.postgres import Server
from verify.purchase import browser, run

Prepare = Callable[[Any], Awaitable[None]]


@pytest.fixture(scope="module")
def opened(chromium: None, server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    """Give the market."""
    made = Market(server, tmp_path_factory.mktemp("market"))
    with made.open():
        yield made


@pytest.fixture
def market(opened: Market) -> Market:
    """Give the market as it was in the beginning."""
    opened.stage.begin()
    opened.stage.well()
    return opened


@pytest.fixture
def prepare(monkeypatch: pytest.MonkeyPatch) -> Callable[[Prepare], None]:
    """Give a way to do something to a customer's browser before it opens a page."""

    def install(do: Prepare) -> None:
        original = browser.new_context

        async def prepared(*args: Any, **kwargs: Any) -> Any:
            context = await original(*args, **kwargs)
            await do(context)
            return context

        monkeypatch.setattr(run, "new_context", prepared)

    return install
