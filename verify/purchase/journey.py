"""A purchase from the shop's first page to the money back, step by step; each step is a check of its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Any

from playwright.async_api import Error as PlaywrightError

from verify import catalog
from verify.purchase import browsing, buying, ordering, paying
from verify.purchase.browser import one_line
from verify.purchase.camera import picture
from verify.purchase.visit import Finding, Visit
from verify.results import Outcome, Picture, Result
from verify.target import Shop


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its check's id, what it does, and the title of its picture if it shows something new.

    A step without one is shown only where it did not pass. A step that looks back is taken as soon as a shop's page was
    opened, whatever stopped the purchase since.
    """

    check: str
    take: Callable[[Visit], Awaitable[Finding]]
    shows: str = ""
    looks_back: bool = False


STEPS = (
    Step("purchase.page", browsing.open_shop, "The shop"),
    Step("purchase.product", browsing.open_product, "The test product"),
    Step("purchase.click", buying.click_buy, "After the click on Buy"),
    Step("purchase.payment", paying.pay),
    Step("purchase.success", ordering.read_success, "The success page"),
    # After all pages: a script may break at the click, and the success page has scripts of its own.
    Step("purchase.script", browsing.complain_of_scripts, looks_back=True),
    Step("purchase.assets", browsing.complain_of_assets, looks_back=True),
    Step("purchase.order", ordering.read_order),
    Step("purchase.correlation", ordering.read_correlation),
    Step("purchase.refund", ordering.give_back),
)


async def purchase(visit: Visit) -> AsyncIterator[Result]:
    """Take the steps in order, each result as it comes; what could not be reached is said, never left out."""
    visit.watch.attach(visit.page, visit.origin)
    deadline = time.monotonic() + visit.terms.whole
    stopped = ""
    try:
        for step in STEPS:
            if stopped and not (step.looks_back and stopped not in _OPENING):
                why = f"not reached: {stopped} did not pass"
                left = await ordering.settle(visit) if step is STEPS[-1] else ""
                yield unreached(step.check, visit.shop, f"{why}{left}", requires=(stopped,))
                continue
            started = time.monotonic()
            finding = await _taken(visit, step, deadline)
            seconds = time.monotonic() - started
            seen = step.shows or ("" if finding.outcome is Outcome.PASS else "Where it stopped")
            taken = await picture(visit.page, seen, small=step is not STEPS[0]) if seen else ()
            yield _result(step, visit, finding, seconds, taken)
            stopped = stopped or (step.check if finding.stops else "")
    finally:
        # Whatever cut the purchase short, nobody's money stays here.
        await ordering.settle(visit)


_OPENING = ("purchase.page", "purchase.product")
_CALLS = "purchase.click"
"""The step at which the checkout is called: where traffic is split, it says which release answered."""


def unreached(check: str, shop: Shop, why: str, **more: Any) -> Result:  # noqa: ANN401  (fields of Result)
    """Give the result of a step that was not taken."""
    return catalog.check(check).untold(shop.name, why, **more)


async def _taken(visit: Visit, step: Step, deadline: float) -> Finding:
    """Take a step; what breaks the browser or takes for ever is not told."""
    try:
        async with asyncio.timeout(max(deadline - time.monotonic(), 0)):
            return await step.take(visit)
    except TimeoutError:
        return Finding.untold(
            f"the purchase took longer than {visit.terms.whole:g} s", "look at the machine's load", stops=True
        )
    except PlaywrightError as error:
        return Finding.untold(f"the browser failed: {one_line(error)}", stops=True)
    except Exception as error:  # noqa: BLE001  (a step that breaks may not take along what becomes of its order)
        return Finding.untold(f"the step broke off: {type(error).__name__}: {one_line(error)}", stops=True)


def _result(step: Step, visit: Visit, finding: Finding, seconds: float, pictures: tuple[Picture, ...]) -> Result:
    check = catalog.check(step.check)
    tells = visit.through and (step.check == _CALLS or finding.outcome is not Outcome.PASS)
    message = finding.message + (f" ({visit.through})" if tells else "")
    make = {Outcome.PASS: check.passed, Outcome.FAIL: check.failed, Outcome.UNKNOWN: check.untold}[finding.outcome]
    return make(visit.shop.name, message, **asdict(finding.blame), seconds=seconds, pictures=pictures)
