"""What the tests of the operator's verbs share: the recorded event logs of the real engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ops.events import Event

Recorded = Callable[[str], list[Event]]


@pytest.fixture(scope="session")
def recorded() -> Recorded:
    """Give the reader of a log that tests/engine recorded (FLOTILLA_RECORD=1)."""

    def read(name: str) -> list[Event]:
        path = Path(__file__).parent / "events" / f"{name}.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()]

    return read
