"""What a node says of itself, as a real API server tells it; here by a simulated one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.cluster import Cluster
from sandbox.node import node
from tests.waiting import wait


def test_a_node_is_ready_since_its_last_heartbeat(private_cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node, "NODE", "sandbox-a")
    wait(private_cluster.node.is_ready, "the node to be ready")
    assert private_cluster.node.is_ready(since=datetime(2026, 1, 1, tzinfo=UTC))
    assert not private_cluster.node.is_ready(since=datetime.now(UTC) + timedelta(hours=1))
