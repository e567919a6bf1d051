"""A sandbox with a real node for all tests that need real pods: root only, one a machine, gone at the end.

It is the default sandbox of a cache of its own, so that ``flotilla sandbox`` speaks to it and never to the user's.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet.errors import PlaceError
from sandbox import builder, debian, places
from sandbox.cluster import Cluster
from sandbox.images import recipes
from sandbox.kubectl import as_list
from sandbox.node import machine
from sandbox.node.node import PACKAGES
from sandbox.progress import Progress
from sandbox.tools import NODE_TOOLS, TOOLS
from tests import abandoned
from tests.node.served import IMAGE, NEWER, STANDIN, surroundings
from tests.node.traces import Traces, traces
from tests.promised import skipping

SHARED = ("tools", "crds", "debian", "images", "go", "postgres")
"""Of the user's cache: what takes long to make and is the same for everybody."""
CHOICE = "FLOTILLA_NODE_TESTS"
"""The variable by which a developer leaves these tests out (CONTRIBUTING.md)."""


@pytest.fixture(scope="session")
def own_cache() -> Iterator[Path]:
    """Give a cache that shares with the user's what was built; skip where no real node can be, or none is wanted."""
    if os.environ.get(CHOICE) == "skip":
        pytest.skip(f"node: not run, {CHOICE}=skip")
    if (obstacle := machine.obstacle()) is not None:
        pytest.skip(f"node: not run, {obstacle}")
    cache = abandoned.own_cache("node")
    (cache / "flotilla").mkdir()
    for shared in SHARED:
        (places.cache() / shared).mkdir(parents=True, exist_ok=True)
        (cache / "flotilla" / shared).symlink_to(places.cache() / shared)
    yield cache
    shutil.rmtree(cache)


@pytest.fixture(scope="session")
def before(own_cache: Path) -> Traces:
    """Give what the machine had before the node of these tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(own_cache))
        with skipping("node"):
            tools = debian.unpacked(PACKAGES, Progress())
        return traces(own_cache, tools)


@pytest.fixture(scope="session")
def real_cluster(own_cache: Path, before: Traces) -> Iterator[Cluster]:
    """Give a running cluster whose node is this machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(own_cache))
        cluster = Cluster(real=True)
        with skipping("node"):
            admit(cluster)
            builder.build(Progress(), (*TOOLS, *NODE_TOOLS))
        try:
            begin(cluster)
            patch.undo()
            yield cluster
        finally:
            patch.setenv("XDG_CACHE_HOME", str(own_cache))
            cluster.stop()


def admit(cluster: Cluster) -> None:
    """Raise PlaceError when somebody else has the machine: most often the demo of who runs the tests."""
    try:
        cluster.node.admit()
    except PlaceError as error:
        raise PlaceError(
            f"{error}; before the tests `make demo-down`, or leave these out with {CHOICE}=skip"
        ) from error


def begin(cluster: Cluster) -> None:
    """Start the cluster with the stand-in's images and a namespace for them."""
    cluster.start()
    image = recipes.service(STANDIN)
    cluster.node.publish({IMAGE: image, NEWER: image})
    cluster.kubectl.run("apply", "--server-side", "-f", "-", stdin=as_list(surroundings()))
