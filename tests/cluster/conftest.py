"""A private control plane for tests that need a real API server: its own name, ports and folder, gone at the end."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from fleet.errors import PlaceError
from sandbox import builder
from sandbox.cluster import Cluster
from sandbox.kubectl import Kubectl
from sandbox.progress import Progress


@pytest.fixture(scope="session")
def private_cluster() -> Iterator[Cluster]:
    """Give a running cluster of this test process alone; the fixture of every test against a real API server."""
    try:
        builder.build(Progress())
    except PlaceError as error:
        pytest.skip(f"cluster: not run, {error}")
    cluster = Cluster(f"tests-{os.getpid()}")
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture(scope="session")
def private_kubectl(private_cluster: Cluster) -> Kubectl:
    """Give kubectl for the private cluster."""
    return private_cluster.kubectl
