"""The run: which checks there are for a target, in which order, and their results as they come.

Everything at once but two things: latency is measured while nothing else runs, and browsers start when that is done.
"""

from __future__ import annotations

import asyncio
import platform
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

from verify import plan
from verify.catalog import CHECKS, check
from verify.causes import Evidence, explain
from verify.cluster import Snapshot, snapshot
from verify.plan import Job
from verify.results import UNBOUGHT, Outcome, Result, Run
from verify.rollouts import Rollouts, meet
from verify.score import NEEDED, outcome, score
from verify.target import Target
from verify.web import Web

AT_ONCE = 12
"""Checks under way at a time: two cores keep up with so many, and the rate limit of the checkout
(fleet/config_workloads.py, 50 a second) is not reached."""
QUIET = 2
"""Latency measurements at a time: more would measure us."""

NO_ADVICE = "no advice: not all was verified"
"""Instead of a gate's sentence, where what was left out earned nothing and lost nothing."""
STEPS = tuple(one.id for one in CHECKS if one.id.startswith("purchase."))
OnResult = Callable[[Result], None]


@dataclass(slots=True)
class Ledger:
    """The results so far, each told as it comes."""

    tell: OnResult
    results: list[Result] = field(default_factory=list)

    def add(self, result: Result) -> None:
        """Keep a result."""
        check(result.check)  # a result of no check would have no weight: better loud than lost
        self.results.append(result)
        self.tell(result)

    async def run(self, jobs: Iterable[Job], at_once: int) -> None:
        """Run jobs, so many at a time; one that breaks gives UNKNOWN for each of its checks."""
        free = asyncio.Semaphore(at_once)

        async def one(job: Job) -> None:
            async with free:
                started = time.monotonic()
                for result in await job.results():
                    self.add(replace(result, seconds=result.seconds or time.monotonic() - started))

        await asyncio.gather(*map(one, jobs))


async def verify(
    target: Target, *, buy: bool = True, needed: int | None = None, on_result: OnResult = lambda _: None
) -> Run:
    """Verify a target and give the whole run; ``on_result`` hears each result as it comes, causes not yet worked out.

    Raises OSError when the file with the authorities can't be read.
    """
    began, started = datetime.now(UTC), time.monotonic()
    ledger, seen = Ledger(on_result), None
    async with Web(target) as web:
        seen = await snapshot(target.cluster) if target.cluster else None
        rollouts = await meet(web)
        await ledger.run(plan.at_once(web, seen, rollouts), AT_ONCE)
        await ledger.run(plan.latencies(web), QUIET)
        if buy:
            await _purchases(target, rollouts, ledger)
        await ledger.run(plan.afterwards(web, seen), 1)
    left_out = tuple(_left_out(target, buy=buy))
    whole = _whole(target, ledger, seen, needed=needed, began=began, seconds=time.monotonic() - started)
    return without(whole, left_out) if left_out else whole


def without(run: Run, left_out: tuple[str, ...]) -> Run:
    """Give a run that left something out: its score advises nothing, and where nobody bought it is no pass."""
    score = replace(run.score, advice=NO_ADVICE)
    if UNBOUGHT not in left_out or run.outcome is not Outcome.PASS:
        return replace(run, score=score, left_out=left_out)
    return replace(run, score=score, left_out=left_out, outcome=Outcome.UNKNOWN, reason=f"left out: {UNBOUGHT}")


def _left_out(target: Target, *, buy: bool) -> Iterator[str]:
    """Give what the target has and the run did not look at; of two bare addresses nothing more is known."""
    if not buy:
        yield UNBOUGHT
    if target.spec is None:
        return
    if target.cluster is None:
        yield "the cluster"
    if lacking := len(target.spec.variants) - len(target.shops):
        yield f"{lacking} of {len(target.spec.variants)} shops"


async def _purchases(target: Target, rollouts: Rollouts, ledger: Ledger) -> None:
    """Buy from every shop; a step that nothing was told of, because buying broke off, could not be told."""

    async def bought() -> list[Result]:
        # Only a run that buys pays for the browser's driver, or needs it.
        from verify.purchase import buy  # noqa: PLC0415

        await buy(target, target.shops, ledger.add, rollouts=rollouts)
        return []

    broken = await Job(STEPS[:1], "", bought).results()
    told = {(result.check, result.subject) for result in ledger.results}
    message = broken[0].message if broken else "the purchase ended without a word of it"
    for shop in target.shops:
        for step in STEPS:
            if (step, shop.name) not in told:
                ledger.add(check(step).untold(shop.name, message))


def _whole(
    target: Target, ledger: Ledger, seen: Snapshot | None, *, needed: int | None, began: datetime, seconds: float
) -> Run:
    results = explain(Evidence(target, ledger.results, seen))
    found = score(results, NEEDED[target.purpose] if needed is None else needed)
    ended, reason = outcome(results, found)
    return Run(
        target=target.name,
        purpose=target.purpose,
        started=began,
        seconds=seconds,
        shops=tuple((shop.name, shop.url) for shop in target.shops),
        results=results,
        score=found,
        outcome=ended,
        reason=reason,
        environment=tuple(_environment(seen)),
    )


def _environment(seen: Snapshot | None) -> Iterator[tuple[str, str]]:
    """Give what took part and its version, as far as it is known."""
    try:
        yield "Flotilla", version("flotilla")
    except PackageNotFoundError:  # run from a checkout that nobody installed
        yield "Flotilla", "from source"
    nodes = seen.of("Node") if seen else ()
    if kubelets := sorted({node["status"]["nodeInfo"]["kubeletVersion"] for node in nodes}):
        yield "Kubernetes", ", ".join(kubelets)
    yield "Python", platform.python_version()
