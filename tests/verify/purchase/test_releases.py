"""Where traffic is split somebody buys through each release, however few customers would be led to it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from tests.verify.purchase.front import VERSIONS, Front, front
from tests.verify.purchase.market import PATIENT, Market, Purchase
from verify.purchase import buy
from verify.purchase.releases import customers
from verify.results import Outcome
from verify.rollouts import Met, Rollout, Rollouts, meet
from verify.target import CHECKOUT, Release, Shop, Target
from verify.web import Web

PLANNED = frozenset({Release("stable", VERSIONS["stable"], 90), Release("canary", VERSIONS["canary"], 10)})


@contextmanager
def split(market: Market, *broken: str) -> Iterator[tuple[Target, Front]]:
    """Let the shop hero ask a checkout between whose releases traffic is split."""
    with front(market.checkout, broken) as server, market.showing(checkout=server.url):
        yield replace(market.with_shop(), checkout=server.url, checkout_releases=PLANNED), server


def bought(target: Target, *, everywhere: bool = True) -> Purchase:
    async def met() -> Purchase:
        async with Web(target) as web:
            rollouts = await meet(web) if everywhere else {}
        return Purchase(await buy(target, target.shops, lambda _: None, PATIENT, rollouts))

    return asyncio.run(met())


def test_each_release_of_the_checkout_is_bought_from(market: Market) -> None:
    with split(market) as (target, server):
        found = bought(target)
    assert found.ended(Outcome.PASS) == list(found.results), found.describe()
    assert Counter(server.sold) == {"stable": 1, "canary": 1}
    assert [status for _, status in market.orders()] == ["refunded", "refunded"]
    assert "(checkout 1.4.2 (stable))" in found["click"].message
    assert "(checkout 1.5.0 (canary))" in found["click"].message


def test_a_canary_that_can_t_sell_fails_though_most_customers_never_meet_it(market: Market) -> None:
    with split(market, "canary") as (target, server):
        assert bought(target, everywhere=False).ended(Outcome.FAIL) == [], "whoever answers is the stable release"
        assert server.sold == ["stable"]
        found = bought(target)
    assert found["click"].outcome is Outcome.FAIL, found.describe()
    assert found["click"].message.endswith("(checkout 1.5.0 (canary))")
    assert found["refund"].outcome is Outcome.UNKNOWN


def test_the_browser_s_own_preflights_are_answered_by_the_checkout(market: Market) -> None:
    with split(market) as (target, server):
        bought(target)
    assert server.asked.count(("OPTIONS", "/api/checkout")) == 2, "playwright's interception would answer them itself"


def rollout(subject: str, *tracks: str) -> Rollouts:
    met = tuple(Met(f"{subject}={track}", Release(track, "1")) for track in tracks)
    return {subject: Rollout(frozenset(one.said for one in met if one.said), met, 1)}


def test_customers_are_shared_out_among_releases() -> None:
    shops = [Shop(name=name, url=f"https://{name}.shops.test") for name in ("a", "b", "c")]
    assert [one.checkout for one in customers(shops, {})] == ["", "", ""]
    both = rollout(CHECKOUT, "stable", "canary")
    assert [(one.shop.name, one.checkout) for one in customers(shops, both)] == [
        ("a", "checkout=stable"), ("b", "checkout=canary"), ("c", "checkout=stable"),
    ]  # fmt: skip
    assert [(one.shop.name, one.through) for one in customers(shops[:1], both)] == [
        ("a", "checkout 1 (stable)"), ("a", "checkout 1 (canary)"),
    ]  # fmt: skip
    own = customers(shops[:2], {**both, **rollout("a", "stable", "canary")})
    assert [(one.shop.name, one.own, one.checkout) for one in own] == [
        ("a", "a=stable", "checkout=stable"), ("a", "a=canary", "checkout=canary"), ("b", "", "checkout=stable"),
    ]  # fmt: skip
