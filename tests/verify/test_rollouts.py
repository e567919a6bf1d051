"""Where traffic is split, each release is met and checked, however few visitors are led to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

from tests.verify.asking import SHOP, WELL, at, but, checkout
from tests.verify.results import FAIL, PASS, UNKNOWN, result
from tests.verify.scripted import Answer, Script, scripted
from tests.verify.split import Split, split
from verify import plan
from verify.results import Result
from verify.rollouts import meet, visits, worst
from verify.target import Release, Shop, Target
from verify.web import Web

STABLE, CANARY = Release("stable", "1.4.2", 90), Release("canary", "1.5.0", 10)
COOKIE = "checkout-release"


def health(release: Release) -> Answer:
    return 200, {}, json.dumps(WELL | {"track": release.track, "version": release.version})


WELL_CANARY = at("/health", health(CANARY))


def results(releases: Mapping[str, Script], *, draw: Split | None = None) -> dict[str, Result]:
    """Give the results of the checkout's checks where traffic is split between two releases."""
    return {one.check: one for one in asked(split(draw or Split(COOKIE), releases), _of_the_checkout)}


async def _of_the_checkout(web: Web) -> list[Result]:
    rollouts = await meet(web)
    return [one for job in plan.checkout(web, rollouts) for one in await job.results()]


def asked(script: Script, question: Callable[[Web], Any], **other: Any) -> Any:
    async def ask(url: str) -> Any:
        shop = Shop(name="hero", url=SHOP)
        known: dict[str, Any] = {"shops": (shop,), "checkout_releases": frozenset({STABLE, CANARY})} | other
        target = Target(name="t", purpose="test", checkout=url, token="t", **known)
        async with Web(target) as web:
            return await question(web)

    with scripted(script) as server:
        return asyncio.run(ask(server.url))


def test_a_canary_that_one_visitor_in_ten_gets_is_met_by_name() -> None:
    found = asked(split(Split(COOKIE), {"stable": checkout, "canary": WELL_CANARY}), meet)
    assert {met.said for met in found["checkout"].met} == {STABLE, CANARY}
    assert (found["checkout"].visits, found["checkout"].missing) == (10, ())


def test_both_releases_are_told_where_both_are_well() -> None:
    found = results({"stable": checkout, "canary": WELL_CANARY})
    assert [one for one in found.values() if one.outcome is not PASS and one.check != "headers"] == []
    assert found["version"].message == "1.4.2 (stable): 1.4.2 (stable) answers; 1.5.0 (canary): 1.5.0 (canary) answers"
    assert found["live"].message == "/health/live answers 200", "what all say is said once"


@pytest.mark.parametrize(
    ("path", "answer", "failed"),
    [
        ("/api/orders/", (500, {}, "no"), "api.query"),
        ("/health/ready", (503, {}, "no migration"), "ready"),
        ("/webhooks/stripe", (200, {}, "{}"), "webhook"),
    ],
)
def test_what_only_the_canary_does_wrong_fails_and_is_named(path: str, answer: Answer, failed: str) -> None:
    ill = but(lambda _, asked, __: answer if asked.startswith(path) else WELL_CANARY("GET", asked, {}) if asked == "/health" else None)  # noqa: E501  # fmt: skip
    draw = Split(COOKIE)
    with scripted(split(draw, {"stable": checkout, "canary": ill})) as server:
        first = httpx.get(f"{server.url}/health/ready", trust_env=False, timeout=60)
    assert first.status_code == 200, "a check of status codes says that the checkout is fine"
    found = results({"stable": checkout, "canary": ill})
    assert [one.check for one in found.values() if one.outcome is FAIL and one.check != "headers"] == [failed]
    assert found[failed].message.startswith("1.5.0 (canary): ")


def test_a_canary_that_answers_nothing_of_its_own_is_met_all_the_same() -> None:
    found = results({"stable": checkout, "canary": lambda *_: (502, {}, "Bad Gateway")})
    assert found["route"].outcome is FAIL
    assert found["route"].message == "1.5.0 (canary) by elimination: /health/live answers 502: Bad Gateway"


def test_an_old_version_on_the_canary_s_track_is_found() -> None:
    found = results({"stable": checkout, "canary": at("/health", health(Release("canary", "1.4.9")))})
    assert found["version"].outcome is FAIL
    assert "1.4.9 (canary) answers, expected 1.4.2 (stable), 1.5.0 (canary)" in found["version"].message


def test_a_release_that_nobody_is_led_to_is_not_told() -> None:
    found = results({"stable": checkout}, draw=Split(COOKIE, ("stable",)))
    assert found["version"].outcome is UNKNOWN
    assert found["version"].message.startswith(
        f"1.5.0 (canary): not met in {visits(frozenset({STABLE, CANARY}))} visits"
    )
    assert found["ready"].outcome is PASS


def test_a_split_that_keeps_nobody_is_not_told() -> None:
    found = {one.check: one for one in asked(checkout, _of_the_checkout)}
    assert found["version"].outcome is UNKNOWN
    assert found["version"].message.startswith("1.4.2 (stable), 1.5.0 (canary): not met")
    assert found["version"].remedy == "look at the TraefikService and its sticky cookie"


def test_two_members_that_lead_to_one_release_do_not_stand_for_two() -> None:
    found = results({"stable": checkout, "canary": checkout})
    assert found["version"].outcome is UNKNOWN
    assert found["version"].message.startswith("1.5.0 (canary): not met")


def test_one_release_is_not_visited_before() -> None:
    seen: list[str] = []
    script = but(lambda _, path, __: seen.append(path))
    assert asked(script, meet, checkout_releases=frozenset({Release("stable", "1.4.2")})) == {}
    assert seen == []


def test_a_checkout_that_does_not_answer_is_met_nowhere() -> None:
    async def ask() -> Any:
        target = Target(name="t", purpose="test", shops=(), checkout="http://127.0.0.1:1",
                        checkout_releases=frozenset({STABLE, CANARY}))  # fmt: skip
        async with Web(target) as web:
            return (await meet(web))["checkout"]

    found = asyncio.run(ask())
    assert (found.met, found.visits) == ((), 3), "nobody waits for what does not answer"


def test_a_shop_s_canary_that_shows_another_shop_is_found() -> None:
    def page(track: str, variant: str) -> Script:
        markers = {"variant": variant, "theme": variant, "track": track, "version": "2.3.0"}
        metas = "".join(f'<meta name="flotilla:{name}" content="{value}">' for name, value in markers.items())
        return lambda *_: (200, {}, f"{metas}<p>{'words ' * 50}</p><form data-buy data-sku=a data-price=1>")

    async def of_the_shop(web: Web) -> list[Result]:
        shop = Shop(name="hero", url=web.target.checkout, theme="hero", releases=frozenset(
            {Release("stable", "2.3.0", 90), Release("canary", "2.3.0", 10)}))  # fmt: skip
        made = Web(Target(name="t", purpose="test", shops=(shop,), checkout=web.target.checkout))
        made.http = web.http
        rollouts = await meet(made)
        return [one for job in plan.shops(made, None, rollouts) for one in await job.results()]

    script = split(
        Split("storefront-hero-release"), {"stable": page("stable", "hero"), "canary": page("canary", "brutal")}
    )
    found = {one.check: one for one in asked(script, of_the_shop)}
    assert found["route"].outcome is PASS, "a check of status codes says that the shop is fine"
    assert found["marker"].outcome is FAIL
    assert found["marker"].message.startswith("2.3.0 (canary): theme is brutal, expected hero")
    assert found["version"].outcome is PASS


def test_the_least_weight_says_how_many_visits_are_enough() -> None:
    assert visits(frozenset({Release("stable", "1", 99), Release("canary", "2", 1)})) == 688
    assert visits(frozenset({Release("stable", "1", 50), Release("canary", "2", 50)})) == 10


def test_of_several_results_the_worst_is_told() -> None:

    both = [("a", [result("dns", PASS), result("body", PASS)]), ("b", [result("dns", UNKNOWN), result("body", FAIL)])]
    assert [(one.check, one.outcome, one.message) for one in worst(both)] == [
        ("dns", UNKNOWN, "b: seen"),
        ("body", FAIL, "b: seen"),
    ]
    apart = [("a", [result("dns", UNKNOWN, elsewhere=True)]), ("b", [result("dns", UNKNOWN)])]
    assert [one.elsewhere for one in worst(apart)] == [False]
