"""Whether a node is ready: what its kubelet says of it, and not what one said that was killed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fleet.errors import PlaceError
from sandbox.control_plane import ControlPlane
from sandbox.kubectl import Kubectl
from sandbox.node.node import Node
from sandbox.progress import Progress

HEARD = datetime(2026, 11, 26, 12, 0, 1, tzinfo=UTC)
LATER, EARLIER = HEARD + timedelta(seconds=0.9), HEARD - timedelta(seconds=0.1)


@pytest.fixture
def node(tmp_path: Path, progress: Progress) -> Node:
    """Give a node that was never started."""
    return Node(control_plane=ControlPlane(name="mine", folder=tmp_path), progress=progress)


@pytest.mark.parametrize(
    ("status", "since", "ready"),
    [
        ("True", None, True),
        ("False", None, False),
        ("Unknown", None, False),
        ("True", EARLIER, True),
        ("False", EARLIER, False),
        ("True", LATER, False),
    ],
)
def test_a_node_is_ready_when_the_kubelet_that_runs_has_said_so(
    node: Node, monkeypatch: pytest.MonkeyPatch, status: str, since: datetime | None, *, ready: bool
) -> None:
    monkeypatch.setattr(Kubectl, "run", lambda *_, **__: f"{status} 2026-11-26T12:00:01Z")
    assert node.is_ready(since=since) is ready


def test_one_that_is_not_there_or_can_not_be_asked_for_is_not_ready(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Kubectl, "run", lambda *_, **__: "")
    assert not node.is_ready()

    def unreachable(*_: object, **__: object) -> str:
        raise PlaceError("no answer")

    monkeypatch.setattr(Kubectl, "run", unreachable)
    assert not node.is_ready()
