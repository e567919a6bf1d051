"""How verify speaks to a fleet: as a new visitor each time, patient with a rate limit, and careful with its token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from fleet.errors import UsageError
from tests.verify.asking import ask, but
from tests.verify.results import UNKNOWN
from tests.verify.scripted import Answer
from verify import plan, web
from verify.target import from_urls
from verify.web import BusyError, Web


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "_PAUSE_SECONDS", 0)


def test_every_request_is_a_new_visitor_s() -> None:
    held: list[str | None] = []

    def note(_: str, __: str, given: Mapping[str, str]) -> Answer:
        held.append(given.get("cookie"))
        return 200, {"Set-Cookie": "checkout-release=1f; Path=/"}, ""

    async def twice(asked: Web) -> None:
        for one in (asked, asked, asked.pinned("checkout-release=1f"), asked):
            await one.ask("GET", "/health/live")
        await asked.pinned("checkout-release=1f").get(f"{asked.target.checkout}/")

    ask(note, twice)
    assert held == [None, None, "checkout-release=1f", None, "checkout-release=1f"]


def test_what_the_rate_limit_refuses_is_asked_again() -> None:
    refusals: list[Answer] = [(429, {}, "Too Many Requests")] * 2
    script = but(lambda *_: refusals.pop() if refusals else None)

    async def once(asked: Web) -> int:
        return (await asked.ask("GET", "/health/live")).status_code

    assert ask(script, once) == 200


def test_a_rate_limit_that_always_refuses_is_not_told() -> None:
    busy = but(lambda *_: (429, {}, "Too Many Requests"))

    async def once(asked: Web) -> Any:
        with pytest.raises(BusyError, match="the rate limit refused it 8 times"):
            await asked.ask("GET", "/health/live")
        return [one for job in plan.checkout(asked, {}) for one in await job.results()]

    found = ask(busy, once)
    assert {one.outcome for one in found} == {UNKNOWN}
    assert "rate limit" in found[0].message


def test_a_token_is_never_sent_in_clear() -> None:
    with pytest.raises(UsageError) as caught:
        from_urls("https://shop.example", "http://checkout.example", token="secret")
    assert (
        str(caught.value)
        == "--checkout http://checkout.example: the token would be sent in clear; name its https address"
    )


@pytest.mark.parametrize(
    ("checkout", "resolve", "token"),
    [
        ("https://checkout.example", {}, "secret"),
        ("http://checkout.example", {}, None),
        ("http://127.0.0.1:8080", {}, "secret"),
        ("http://checkout.localhost", {}, "secret"),
        ("http://checkout.example", {"checkout.example": "127.0.0.1"}, "secret"),
    ],
)
def test_a_token_that_stays_here_or_is_encrypted_may_be_sent(
    checkout: str, resolve: dict[str, str], token: str | None
) -> None:
    assert from_urls("https://shop.example", checkout, resolve=resolve, token=token).token == token
