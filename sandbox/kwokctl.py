"""What kwokctl is told: the binary and port of each component, and flags that it would set otherwise or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sandbox import ports
from sandbox.tools import APISERVER, CONTROLLER_MANAGER, ETCD, KWOK, SCHEDULER

COMPONENTS = {
    "etcd": ETCD,
    "kubeApiserver": APISERVER,
    "kubeControllerManager": CONTROLLER_MANAGER,
    "kubeScheduler": SCHEDULER,
    "kwokController": KWOK,
}
"""The tool of each component, under the name kwokctl's options give it."""
PORTS = (*COMPONENTS, "etcdPeer")
REPLACED = {
    "kube-controller-manager": {"node-monitor-period": "5s", "node-monitor-grace-period": "40s"},
    # A real node has a kubelet of its own.
    "kwok-controller": {"manage-all-nodes": "false"},
}
"""Flags that kwokctl sets otherwise."""
ADDED = {
    "kube-controller-manager": {
        # An autoscaler's minimum shall not take its usual 15 seconds.
        "horizontal-pod-autoscaler-sync-period": "2s",
    },
    "kwok-controller": {"manage-nodes-with-annotation-selector": "kwok.x-k8s.io/node=fake"},
    "kube-apiserver": {
        "service-cluster-ip-range": "10.96.0.0/16",
        "kubelet-client-certificate": "{pki}/admin.crt",
        "kubelet-client-key": "{pki}/admin.key",
        "kubelet-preferred-address-types": "InternalIP",
        # The aggregation layer, for metrics-server (Kubernetes documentation, Configure the Aggregation Layer).
        "proxy-client-cert-file": "{pki}/admin.crt",
        "proxy-client-key-file": "{pki}/admin.key",
        "requestheader-client-ca-file": "{pki}/ca.crt",
        "requestheader-allowed-names": "kwok-admin",
        "requestheader-username-headers": "X-Remote-User",
        "requestheader-group-headers": "X-Remote-Group",
        "requestheader-extra-headers-prefix": "X-Remote-Extra-",
        "enable-aggregator-routing": "true",
    },
}
"""Flags that kwokctl does not set; ``override`` would silently drop them."""


def configuration(chosen: Mapping[str, int], pki: Path) -> dict[str, object]:
    """Give kwokctl's configuration (kwok API reference, KwokctlConfiguration).

    Everything listens on loopback alone: a sandbox's administrator has no business on a network.
    """
    return {
        "kind": "KwokctlConfiguration",
        "apiVersion": "config.kwok.x-k8s.io/v1alpha1",
        "options": {
            "runtime": "binary",
            "bindAddress": ports.LOOPBACK,
            "disableQPSLimits": True,
            **{f"{name}Binary": str(tool.path) for name, tool in COMPONENTS.items()},
            **{f"{name}Port": chosen[name] for name in PORTS},
        },
        "componentsPatches": [
            {"name": component, "extraArgs": [*patches(REPLACED, component, pki), *patches(ADDED, component, pki)]}
            for component in sorted(REPLACED.keys() | ADDED.keys())
        ],
    }


def patches(flags: Mapping[str, Mapping[str, str]], component: str, pki: Path) -> list[dict[str, object]]:
    """Give the flags of one component as kwokctl wants them."""
    override = {"override": True} if flags is REPLACED else {}
    chosen = flags.get(component, {})
    return [{"key": key, "value": value.format(pki=pki), **override} for key, value in chosen.items()]
