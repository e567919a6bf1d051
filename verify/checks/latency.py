"""How long answers take, measured when no other check is under way."""

from __future__ import annotations

import math
import uuid
from collections.abc import Callable

import httpx

from verify.catalog import check
from verify.checks.health import is_refused
from verify.results import Result
from verify.target import CHECKOUT, Shop
from verify.web import Web, timed, why

MILLISECONDS = 500.0
"""systems.md C, D and E: P95 < 500 ms."""
SAMPLES = 20
"""The fewest of which the 95th percentile is not simply the slowest."""
RANK = 95
Wrong = Callable[[httpx.Response], str]


async def page(web: Web, shop: Shop) -> Result:
    """Time a shop's first page."""
    return await _measured(web, "latency.page", shop.name, f"{shop.url}/", _no_page)


async def api(web: Web) -> Result:
    """Time a query of the checkout's API that reaches the database."""
    url = f"{web.target.checkout}/api/orders/{uuid.uuid4()}"
    return await _measured(web, "latency.api", CHECKOUT, url, _no_answer)


def _no_page(answer: httpx.Response) -> str:
    return "" if answer.status_code == 200 else f"answers {answer.status_code}, expected 200"


def _no_answer(answer: httpx.Response) -> str:
    if is_refused(answer, 404, "unknown_order"):
        return ""
    return f"answers {answer.status_code}, expected 404 unknown_order"


async def _measured(web: Web, identity: str, subject: str, url: str, wrong: Wrong) -> Result:
    """Time an answer so often, or until so many were slow that the rest can't mend it."""
    found = check(identity)
    taken: list[float] = []
    try:
        await web.get(url)  # opens the connection: what is measured is the answer, not the handshake
        while len(taken) < SAMPLES and len(_slow(taken)) < _TOO_MANY:
            with timed() as seconds:
                answer = await web.get(url)
            if problem := wrong(answer):
                return found.untold(subject, f"{url} {problem}: that is no time to measure")
            taken.append(seconds[0] * 1000)
    except httpx.HTTPError as error:
        return found.untold(subject, f"{url} does not answer: {why(error)}")
    slow, problem = _slow(taken), ""
    if len(slow) >= _TOO_MANY:
        problem = f"P95 is at least {min(slow):.0f} ms of {SAMPLES}, expected less than {MILLISECONDS:.0f} ms"
    cause = "too few replicas, too little CPU, or a slow database"
    return found.judged(subject, problem, f"P95 is {percentile(taken, RANK):.0f} ms of {SAMPLES}", cause=cause)


_TOO_MANY = SAMPLES - math.ceil(RANK / 100 * SAMPLES) + 1
"""With so many slow answers the percentile is one of them."""


def _slow(taken: list[float]) -> list[float]:
    return [one for one in taken if one >= MILLISECONDS]


def percentile(values: list[float], rank: int) -> float:
    """Give the nearest-rank percentile of at least one value."""
    return sorted(values)[max(0, math.ceil(rank / 100 * len(values)) - 1)]
