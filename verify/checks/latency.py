"""How long answers take, measured while nothing else of the verification runs."""

from __future__ import annotations

import math
import uuid

import httpx

from verify.catalog import check
from verify.results import Result
from verify.target import CHECKOUT, Shop
from verify.web import Web, timed, why

MILLISECONDS = 500.0
"""systems.md C, D and E: P95 < 500 ms."""
SAMPLES = 20
"""The fewest of which the 95th percentile is not simply the slowest."""
_PAGE_SAMPLES = 5


async def page(web: Web, shop: Shop) -> Result:
    """Time a shop's first page."""
    return await _measured(web, "latency.page", shop.name, f"{shop.url}/", _PAGE_SAMPLES)


async def api(web: Web) -> Result:
    """Time a query of the checkout's API that reaches the database."""
    url = f"{web.target.checkout}/api/orders/{uuid.uuid4()}"
    return await _measured(web, "latency.api", CHECKOUT, url, SAMPLES)


async def _measured(web: Web, identity: str, subject: str, url: str, samples: int) -> Result:
    found = check(identity)
    taken: list[float] = []
    try:
        await web.get(url)  # opens the connection: what is measured is the answer, not the handshake
        for _ in range(samples):
            with timed() as seconds:
                answer = await web.get(url)
            if answer.status_code >= 500 or answer.status_code == 429:
                return found.untold(subject, f"{url} answers {answer.status_code}: that is no time to measure")
            taken.append(seconds[0] * 1000)
    except httpx.HTTPError as error:
        return found.untold(subject, f"{url} does not answer: {why(error)}")
    slow = percentile(taken, 95)
    problem = (
        f"P95 is {slow:.0f} ms of {samples}, expected less than {MILLISECONDS:.0f} ms" if slow >= MILLISECONDS else ""
    )
    cause = "too few replicas, too little CPU, or a slow database"
    return found.judged(subject, problem, f"P95 is {slow:.0f} ms of {samples}", cause=cause)


def percentile(values: list[float], rank: int) -> float:
    """Give the nearest-rank percentile of at least one value."""
    return sorted(values)[max(0, math.ceil(rank / 100 * len(values)) - 1)]
