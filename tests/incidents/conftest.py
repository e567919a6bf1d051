"""The museum's fleet, brought up once on the real node; incidents happen to it one after another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.cluster import Cluster
from tests.incidents.fleet import Fleet
from tests.incidents.visit import Visits


@pytest.fixture(scope="module")
def museum(chromium: None, real_cluster: Cluster, own_cache: Path) -> Iterator[Fleet]:
    """Give the fleet as planned, in the tests' own cache for as long as it is there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(own_cache))
        fleet = Fleet(real_cluster)
        try:
            fleet.up()
            yield fleet
        finally:
            fleet.down()


@pytest.fixture(scope="module")
def visits(museum: Fleet) -> Iterator[Visits]:
    """Give what has been seen of the museum; written down at the end where that was asked for."""
    seen = Visits(museum)
    yield seen
    seen.end()
