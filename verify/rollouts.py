"""The releases between which traffic is split: each is met as a visitor meets it, and kept by the cookie it then gives.

Who comes without a cookie is drawn by the weights, and kept to that draw by a cookie (manifests/canary.py): one answer
tells of one release, whichever it was, and of a canary with a weight of 10 mostly nothing.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from http.cookies import CookieError, SimpleCookie

import httpx

from fleet import naming
from verify.catalog import check
from verify.checks.content import said_release
from verify.page import read
from verify.results import Outcome, Result
from verify.target import CHECKOUT, Release, Target, workload_of
from verify.web import BusyError, Web

_PATIENCE = 3
"""Visits without an answer after which no more are made: whatever is wrong, the checks say it."""
MISSED = 0.001
"""How likely it may be that no visit is led to the release with the least weight, though all is well."""
_WORST = ((Outcome.FAIL, False), (Outcome.UNKNOWN, False), (Outcome.UNKNOWN, True), (Outcome.PASS, False))
"""Outcomes, and whether they are so by nature in this place."""


@dataclass(frozen=True, slots=True)
class Met:
    """A release that answered: the cookie that leads to it again, and what it says it is; None where it doesn't say."""

    cookie: str
    said: Release | None


@dataclass(frozen=True, slots=True)
class Rollout:
    """The releases that the plan gives traffic to at one address, and those that were met in so many visits."""

    planned: frozenset[Release]
    met: tuple[Met, ...]
    visits: int

    @property
    def missing(self) -> tuple[str, ...]:
        """The planned releases on whose track none was met."""
        tracks = {met.said.track for met in self.met if met.said}
        return tuple(sorted(str(one) for one in self.planned if one.track not in tracks))

    def name(self, met: Met) -> str:
        """Give what a release that was met is called; one that doesn't say is the one that is missing, if one is."""
        if met.said is not None:
            return str(met.said)
        return f"{self.missing[0]} by elimination" if len(self.missing) == 1 else f"the release of {met.cookie}"


Rollouts = Mapping[str, Rollout]
"""By subject, for those whose traffic is split alone: of the others any answer is the one release's."""


async def meet(web: Web) -> dict[str, Rollout]:
    """Meet the releases of the checkout and of each shop, where the plan splits traffic; raises nothing."""
    split = list(_split(web.target))
    found = await asyncio.gather(*(_meet(web, one) for one in split))
    return {one.subject: rollout for one, rollout in zip(split, found, strict=True)}


def visits(planned: frozenset[Release]) -> int:
    """Give how many visitors without a cookie it takes to miss the least of the releases with probability MISSED."""
    least = min(99, *(release.weight for release in planned))
    return math.ceil(math.log(MISSED) / math.log1p(-least / 100))


async def at_each(
    web: Web, rollout: Rollout | None, work: Callable[[Web], Awaitable[Sequence[Result]]]
) -> list[Result]:
    """Make checks at each release that was met; each check has one result, the worst of them."""
    if rollout is None:
        return list(await work(web))
    if not rollout.met:
        results = list(await work(web))
    else:
        results = worst([(rollout.name(met), await work(web.pinned(met.cookie))) for met in rollout.met])
    return [_of_all(one, rollout) for one in results]


def worst(found: Sequence[tuple[str, Sequence[Result]]]) -> list[Result]:
    """Give one result for each check and subject of what was found under each name: the worst, saying where it was.

    A name that is empty is not said.
    """
    together: dict[tuple[str, str], list[tuple[str, Result]]] = {}
    for name, results in found:
        for one in results:
            together.setdefault((one.check, one.subject), []).append((name, one))
    return [_worst(alike) for alike in together.values()]


def _worst(alike: list[tuple[str, Result]]) -> Result:
    ended = [(result.outcome, result.elsewhere) for _, result in alike]
    those = [one for one, end in zip(alike, ended, strict=True) if end == min(ended, key=_WORST.index)]
    messages = {result.message for _, result in those}
    everywhere = len(those) == len(alike) and len(messages) == 1
    message = (
        messages.pop()
        if everywhere
        else "; ".join(f"{name}: {one.message}" if name else one.message for name, one in those)
    )
    return replace(those[0][1], message=message, seconds=sum(result.seconds for _, result in alike))


def _of_all(result: Result, rollout: Rollout) -> Result:
    """Take back that a version is right where a release was not met: of that one nothing is known."""
    if result.check != "version" or result.outcome is not Outcome.PASS or not rollout.missing:
        return result
    line = f"{', '.join(rollout.missing)}: not met in {rollout.visits} visits; {result.message}"
    return check("version").untold(result.subject, line, remedy="look at the TraefikService and its sticky cookie")


@dataclass(frozen=True, slots=True)
class _Split:
    """Where traffic is split: an address to meet the releases at, and one where each says what it is."""

    subject: str
    planned: frozenset[Release]
    visit: str
    about: str
    said: Callable[[httpx.Response], Release | None]


def _split(target: Target) -> Iterator[_Split]:
    if len(target.checkout_releases) > 1:
        url = target.checkout
        yield _Split(CHECKOUT, target.checkout_releases, f"{url}/health/live", f"{url}/health", _of_checkout)
    for shop in target.shops:
        if len(shop.releases) > 1:
            yield _Split(shop.name, shop.releases, f"{shop.url}/", f"{shop.url}/", _of_shop)


async def _meet(web: Web, split: _Split) -> Rollout:
    """Visit without a cookie until as many releases were met as are planned, or so often that one is not there."""
    name, most = naming.release_cookie(workload_of(split.subject)), visits(split.planned)
    met: dict[str, Met] = {}
    made = silent = 0
    while len(met) < len(split.planned) and made < most and silent < _PATIENCE:
        made += 1
        try:
            cookie = _cookie(await web.visit(split.visit), name)
            if cookie and cookie not in met:
                met[cookie] = Met(cookie, await _said(web.pinned(cookie), split))
        except (httpx.HTTPError, BusyError):
            silent += 1
    return Rollout(split.planned, tuple(met.values()), made)


async def _said(web: Web, split: _Split) -> Release | None:
    try:
        return split.said(await web.visit(split.about))
    except (httpx.HTTPError, BusyError):  # a release that answers nothing is met all the same: the checks of it fail
        return None


def _cookie(answer: httpx.Response, name: str) -> str:
    """Give the pair of the cookie with this name that an answer sets; empty where it sets none."""
    for line in answer.headers.get_list("set-cookie"):
        try:
            found = SimpleCookie(line).get(name)
        except CookieError:
            continue
        if found is not None:
            return f"{name}={found.value}"
    return ""


def _of_shop(answer: httpx.Response) -> Release | None:
    page = read(answer.text)
    return said_release(page) if "track" in page.markers else None


def _of_checkout(answer: httpx.Response) -> Release | None:
    try:
        report = answer.json()
        return Release(str(report["track"]), str(report["version"]))
    except (ValueError, KeyError, TypeError):
        return None
