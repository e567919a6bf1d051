"""Autoscalers for tests of rules."""

from __future__ import annotations

from typing import Any


def hpa(version: str = "v2", **spec: Any) -> Any:
    """Give an autoscaler of the checkout, with other fields than its own where they are given."""
    ref = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "checkout"}
    metadata = {"name": "checkout", "namespace": "shop"}
    spec = {"scaleTargetRef": ref, "minReplicas": 2, "maxReplicas": 6, **spec}
    return {
        "apiVersion": f"autoscaling/{version}",
        "kind": "HorizontalPodAutoscaler",
        "metadata": metadata,
        "spec": spec,
    }
