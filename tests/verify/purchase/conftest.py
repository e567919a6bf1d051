"""One market for the module, with nothing left of the test before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.verify.purchase.market import Market
from tests.workloads.postgres import Server
from verify.purchase import browser, camera, journey, run
from verify.purchase.journey import Step
from verify.purchase.visit import Finding, Visit

Prepare = Callable[[Any], Awaitable[None]]
Meanwhile = Callable[[Visit], Awaitable[None]]


@pytest.fixture(scope="module")
def opened(chromium: None, server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    """Give the market."""
    made = Market(server, tmp_path_factory.mktemp("market"))
    with made.open():
        yield made


@pytest.fixture
def market(opened: Market, monkeypatch: pytest.MonkeyPatch) -> Market:
    """Give the market as it was in the beginning, and a camera that waits for a busy machine too."""
    monkeypatch.setattr(camera, "_PATIENCE_SECONDS", 60.0)
    opened.begin()
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


@pytest.fixture
def before(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Meanwhile], None]:
    """Give a way to do something when a purchase has come to a step, however long it took until then."""

    def put(name: str, do: Meanwhile) -> None:
        def preceded(step: Step) -> Step:
            async def take(visit: Visit) -> Finding:
                await do(visit)
                return await step.take(visit)

            return replace(step, take=take)

        steps = tuple(preceded(one) if one.check == f"purchase.{name}" else one for one in journey.STEPS)
        monkeypatch.setattr(journey, "STEPS", steps)

    return put
