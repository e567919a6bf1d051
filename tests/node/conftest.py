"""What the tests of a real node share; the node itself is in tests/node/cluster.py, since others need it too."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.cluster import Cluster
from tests.node.fleet import fleet_in_place, running_fleet
from tests.node.served import Served

__all__ = ["fleet_in_place", "running_fleet"]


@pytest.fixture(autouse=True)
def _in_own_cache(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every test here work in that cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(own_cache))
    monkeypatch.delenv("KUBECONFIG", raising=False)


@pytest.fixture
def served(real_cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[Served]:
    """Give a Deployment, not applied yet, that is removed after the test."""
    name = f"s{zlib.crc32(request.node.name.encode())}"
    one = Served(real_cluster, name)
    yield one
    one.remove()
