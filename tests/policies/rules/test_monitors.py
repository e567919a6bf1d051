"""A monitor selects something."""

from __future__ import annotations

from typing import Any

from policies.world import World


def test_a_monitor_that_selects_nothing_scrapes_nothing(found: Any, stack: Any) -> None:
    def monitor(kind: str, **labels: str) -> dict[str, Any]:
        spec = {"selector": {"matchLabels": labels}, "endpoints": [], "podMetricsEndpoints": []}
        metadata = {"name": "m", "namespace": "shop"}
        return {"apiVersion": "monitoring.coreos.com/v1", "kind": kind, "metadata": metadata, "spec": spec}

    next(one for one in stack if one["kind"] == "Service")["metadata"]["labels"] = {"app": "checkout"}
    for kind in ("ServiceMonitor", "PodMonitor"):
        assert found([*stack, monitor(kind, app="checkout")]) == set()
        assert found([*stack, monitor(kind, app="check-out")]) == {("FLT-REF-023", f"{kind} shop/m")}
        assert found([*stack, monitor(kind, app="check-out")], world=World.OPEN) == set()
        assert found([monitor(kind, app="check-out")]) == set()
