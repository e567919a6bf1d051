"""The nodes of a sandbox: three that kwok plays, one in each zone, so that spreading pods over them means something."""

from __future__ import annotations

from typing import Any

ZONES = ("a", "b", "c")
CAPACITY = {"cpu": "64", "memory": "256Gi", "pods": "500", "ephemeral-storage": "1Ti"}
"""More than any fleet of ours asks for: the sandbox shows that a fleet works, not what it costs."""


def nodes() -> list[dict[str, Any]]:
    """Give the Node objects, annotated so that kwok plays their kubelet (kwok documentation, Nodes and Pods)."""
    return [node(f"sandbox-{zone}", f"zone-{zone}") for zone in ZONES]


def node(name: str, zone: str) -> dict[str, Any]:
    """Give one Node with the well-known labels (kubernetes.io, Well-Known Labels)."""
    labels = {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "topology.kubernetes.io/region": "sandbox",
        "topology.kubernetes.io/zone": zone,
        "type": "kwok",
    }
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels, "annotations": {"kwok.x-k8s.io/node": "fake"}},
        "status": {"capacity": CAPACITY, "allocatable": CAPACITY},
    }
