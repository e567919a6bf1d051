"""A stage of real processes for each test that asks for one."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.workloads.postgres import Server
from tests.workloads.stage import Stage
from tests.workloads.tally import TOTALS


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how many orders went through the faults, and how many of them were lost or doubled."""
    if not os.environ.get("STRIPE_TEST_KEY"):
        terminalreporter.write_line("Stripe's test mode: not run, no STRIPE_TEST_KEY")
    if TOTALS:
        numbers = ", ".join(f"{count} {what}" for what, count in TOTALS.items())
        terminalreporter.write_line(f"orders through injected faults: {numbers}")


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
