"""The whole run against real processes: two shops, the checkout, Postgres, the Stripe double, and a browser."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from tests.verify import results
from tests.verify.living import spec
from tests.verify.purchase.market import PATIENT, Market
from tests.verify.results import FAIL, PASS, UNKNOWN
from tests.workloads.postgres import Server
from verify import plan, purchase, web
from verify.catalog import CHECKS, check
from verify.checks import content, health, latency
from verify.plan import Job
from verify.results import UNBOUGHT, Outcome, Result, Run
from verify.run import NO_ADVICE, Ledger, _left_out, verify, without
from verify.target import Release, Target, from_fleet
from verify.web import Web

NO_PROXY = {("headers", "checkout")}
"""What only the proxy in front of the checkout adds; these processes stand alone."""
HERE = {"certificate", "https-redirect", "metrics-private"}
"""What can't be told of plain processes on this machine."""


@pytest.fixture(autouse=True)
def in_no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in a test is timed: the machine may be busy. How slow answers are judged is test_health.py's."""
    monkeypatch.setattr(web, "TIMEOUT_SECONDS", 60.0)
    monkeypatch.setattr(purchase, "buy", partial(purchase.buy, terms=PATIENT))
    monkeypatch.setattr(latency, "MILLISECONDS", math.inf)
    monkeypatch.setattr(health, "DATABASE_MILLISECONDS", math.inf)


@pytest.fixture(scope="module")
def opened(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    made = Market(server, tmp_path_factory.mktemp("market"))
    with made.open():
        yield made


@pytest.fixture
def market(opened: Market) -> Market:
    opened.begin()
    return opened


def run(market: Market, *, buy: bool = False, **other: Any) -> Run:
    return asyncio.run(verify(replace(target_of(market), **other), buy=buy))


def target_of(market: Market) -> Target:
    """Give the market as a plan would know it that had named the versions which its processes say they are."""
    shops = tuple(replace(shop, releases=frozenset({Release("stable", "0.0.0")})) for shop in market.target.shops)
    return replace(market.target, shops=shops, checkout_releases=frozenset({Release("canary", "1.5.0")}))


def ended(found: Run, outcome: Outcome) -> set[tuple[str, str]]:
    return {(one.check, one.subject) for one in found.results if one.outcome is outcome and not one.elsewhere}


def of(found: Run, check: str, subject: str) -> Result:
    (one,) = [one for one in found.results if (one.check, one.subject) == (check, subject)]
    return one


def test_a_place_that_is_well_passes_and_what_can_t_be_told_there_is_said(market: Market) -> None:
    market.stage.reconcile()
    found = run(market)
    assert ended(found, FAIL) == NO_PROXY
    assert ended(found, UNKNOWN) == set()
    assert {one.check for one in found.results if one.elsewhere} == HERE
    assert (found.outcome, found.reason) == (UNKNOWN, f"left out: {UNBOUGHT}"), "nobody has bought: that is no pass"
    assert found.score.points >= 95
    assert (found.left_out, found.score.advice) == ((UNBOUGHT,), NO_ADVICE)
    assert [name for name, _ in found.shops] == ["hero", "brutal"]


def test_a_whole_run_buys_from_every_shop_and_finds_everything_settled(chromium: None, market: Market) -> None:
    market.stage.reconcile()
    found = run(market, buy=True)
    bought = {one.check for one in found.results if one.check.startswith("purchase.") and one.outcome is PASS}
    assert len(bought) == 10, [one for one in found.results if one.outcome is not PASS]
    assert of(found, "reconciliation", "checkout").outcome is PASS
    assert found.outcome is PASS, found.reason
    assert found.left_out == ()
    assert sorted(market.orders()) == [("brutal", "refunded"), ("hero", "refunded")]


def test_the_wrong_stripe_key_is_named_by_its_secret(market: Market) -> None:
    key = market.folder / "key"
    good = key.read_text()
    key.write_text("sk_test_of_another_account")
    market.restart()
    try:
        found = run(market)
    finally:
        key.write_text(good)
        market.restart()
    assert found.outcome is FAIL
    ill = of(found, "health", "checkout")
    assert "AuthenticationError" in ill.message
    assert ill.resource == "Secret/stripe"
    assert of(found, "route", "hero").outcome is PASS, "a check of status codes says that the shop is fine"


def test_an_origin_that_the_checkout_does_not_know_is_named(market: Market) -> None:
    with market.otherwise(only=("brutal",)):
        found = run(market)
    assert of(found, "cors.allowed", "hero").outcome is FAIL
    assert of(found, "cors.allowed", "hero").resource == "Middleware/checkout-cors"
    assert of(found, "cors.allowed", "brutal").outcome is PASS


def test_a_checkout_that_is_down_fails_the_run_and_explains_the_rest(market: Market) -> None:
    market.stage.checkout.stop()
    try:
        found = run(market)
    finally:
        market.stage.checkout.start()
    assert found.outcome is FAIL
    assert of(found, "route", "checkout").outcome is FAIL
    assert of(found, "csrf", "checkout").outcome is UNKNOWN
    assert of(found, "csrf", "checkout").cause.startswith("follows from route of checkout: ")
    assert of(found, "marker", "hero").outcome is PASS


def test_two_shops_that_are_swapped_are_found_by_their_markers(market: Market) -> None:
    hero, brutal = target_of(market).shops
    found = run(market, shops=(replace(hero, url=brutal.url), replace(brutal, url=hero.url)))
    assert of(found, "route", "hero").outcome is PASS, "a check of status codes says that the shop is fine"
    assert of(found, "marker", "hero").message.startswith("theme is brutal, expected hero; variant is brutal")
    assert found.outcome is FAIL


def test_a_customer_s_order_that_was_paid_and_not_handed_out_is_found(market: Market) -> None:
    market.stage.reconcile()
    assert of(run(market), "reconciliation", "checkout").outcome is PASS
    market.stage.rows(
        "INSERT INTO orders (id, client_key, variant, sku, product, quantity, amount, currency, origin, correlation_id,"
        " test, stripe_key, expires_at, status, updated_at) VALUES (gen_random_uuid(), 'k', 'hero', 'field-38', 'F',"
        " 1, 1, 'eur', 'o', 'c', false, 's', now(), 'paid', now() - interval '1 hour')"
    )
    found = of(run(market), "reconciliation", "checkout")
    assert found.outcome is FAIL
    assert "1 orders are overdue" in found.message


def test_a_check_that_breaks_is_untold_with_its_reason_and_loses_no_other() -> None:
    heard: list[Result] = []

    async def breaks() -> Result:
        raise ZeroDivisionError("by nothing")

    async def works() -> Result:
        return check("dns").passed("hero", "known")

    jobs = [Job(("marker", "body"), "hero", breaks), Job(("dns",), "hero", works)]
    ledger = Ledger(heard.append)
    asyncio.run(ledger.run(jobs, at_once=1))
    assert {(one.check, one.outcome) for one in heard} == {("marker", UNKNOWN), ("body", UNKNOWN), ("dns", PASS)}
    assert heard[0].message == "the check broke off: ZeroDivisionError: by nothing"
    assert heard == ledger.results


def test_never_more_checks_are_under_way_than_allowed() -> None:
    under_way = most = 0

    async def one() -> Result:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1
        return check("dns").passed("hero", "known")

    asyncio.run(Ledger(lambda _: None).run([Job(("dns",), "hero", one)] * 20, at_once=3))
    assert most == 3


def test_a_purchase_that_breaks_is_untold_for_every_shop(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    async def breaks(*_: Any, **__: Any) -> list[Result]:
        raise RuntimeError("the browser is gone")

    monkeypatch.setattr(purchase, "buy", breaks)
    found = run(market, buy=True)
    for shop in ("hero", "brutal"):
        for step in (one.id for one in CHECKS if one.id.startswith("purchase.")):
            assert of(found, step, shop).message == "the check broke off: RuntimeError: the browser is gone"
    assert found.outcome is UNKNOWN, "what could not be told is never a pass"


def test_a_purchase_that_breaks_in_the_middle_leaves_no_step_out(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step without a result would have no weight: what was never bought would cost nothing."""

    async def breaks(_target: Any, shops: Any, tell: Any, **_: Any) -> list[Result]:
        tell(check("purchase.page").passed(shops[0].name, "it is there"))
        raise RuntimeError("the browser is gone")

    monkeypatch.setattr(purchase, "buy", breaks)
    found = run(market, buy=True)
    told = {(one.check, one.subject): one.outcome for one in found.results if one.check.startswith("purchase.")}
    assert len(told) == 20
    assert [key for key, outcome in told.items() if outcome is not UNKNOWN] == [("purchase.page", "hero")]
    assert found.outcome is UNKNOWN


def test_a_run_that_left_something_out_says_so_and_advises_nothing() -> None:
    well = results.run(results.result("route", PASS))
    part = without(well, ("the cluster", "13 of 14 shops"))
    assert (part.outcome, part.reason, part.score.advice) == (PASS, "", NO_ADVICE)
    assert without(well, (UNBOUGHT,)).outcome is UNKNOWN
    failed = without(results.run(results.result("route", FAIL)), (UNBOUGHT,))
    assert (failed.outcome, failed.left_out) == (FAIL, (UNBOUGHT,))
    assert failed.reason.startswith("1 mandatory check failed")


def test_of_a_stack_what_was_not_looked_at_is_known() -> None:
    target = from_fleet(spec(), only=("hero",))
    assert list(_left_out(target, buy=True)) == ["the cluster", "13 of 14 shops"]
    assert list(_left_out(from_fleet(spec()), buy=False)) == [UNBOUGHT, "the cluster"]


def test_a_page_s_own_checks_are_not_lost_when_another_breaks(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    async def breaks(*_: Any) -> Result:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(content, "prices", breaks)
    found = run(market)
    assert of(found, "prices", "hero").message == "the check broke off: ZeroDivisionError: by nothing"
    assert {of(found, one, "hero").outcome for one in plan.OF_A_SHOP if one != "prices"} == {PASS}


def test_every_job_says_before_which_checks_it_makes(market: Market) -> None:
    """What breaks is known by that alone."""

    async def made(target: Target) -> None:
        async with Web(target) as web:
            for job in (*plan.names(web), *plan.shops(web, None, {}), *plan.checkout(web, {}), *plan.afterwards(web)):
                results = await job.work()
                found = [results] if isinstance(results, Result) else results
                assert {one.check for one in found} == set(job.checks)
                assert {one.subject for one in found} - {"database"} <= {job.subject}

    asyncio.run(made(market.target))
