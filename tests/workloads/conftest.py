"""One Postgres for the session; a stage of real processes for each test that asks for one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox import postgres
from sandbox.progress import Progress
from tests.workloads.postgres import Server
from tests.workloads.stage import Stage


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Give a real Postgres, fetched into the user's cache the first time."""
    running = Server(postgres.find(Progress()))
    try:
        running.create()
        yield running
    finally:
        running.destroy()


@pytest.fixture(scope="module")
def running(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Give a checkout and a double on a database of their own."""
    made = Stage(server, tmp_path_factory.mktemp("stage"))
    try:
        made.open()
        yield made
    finally:
        made.close()


@pytest.fixture
def stage(running: Stage) -> Stage:
    """Give the module's processes, with nothing left of the test before."""
    running.begin()
    return running
