"""What kwokctl is told: the binary and port of each component, and flags that it would set otherwise or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sandbox import ports
from sandbox.node.addresses import SERVICES
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
    # A real node has a kubelet of its own.
    "kwok-controller": {"manage-all-nodes": "false"},
}
"""Flags that kwokctl sets otherwise."""
REPLACED_BY_A_REAL_NODE = {
    # By kwokctl's own, a kubelet that died is seen after an hour. A simulated node reports every 50 s: with these it
    # would count as lost, and its pods would never be ready again, for kwok does not repeat what it once said of them.
    "kube-controller-manager": {"node-monitor-period": "5s", "node-monitor-grace-period": "40s"},
}
"""Further ones where the node is real."""
ADDED = {
    # There is one of each: one that is started anew need not wait until its predecessor's lease has run out.
    "kube-scheduler": {"leader-elect": "false"},
    "kube-controller-manager": {
        "leader-elect": "false",
        # An autoscaler's minimum shall not take its usual 15 seconds.
        "horizontal-pod-autoscaler-sync-period": "2s",
    },
    "kwok-controller": {"manage-nodes-with-annotation-selector": "kwok.x-k8s.io/node=fake"},
    "kube-apiserver": {
        "service-cluster-ip-range": SERVICES,
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


def configuration(chosen: Mapping[str, int], pki: Path, *, real: bool) -> dict[str, object]:
    """Give kwokctl's configuration (kwok API reference, KwokctlConfiguration) for ``real`` or simulated nodes.

    Everything listens on loopback alone: a sandbox's administrator has no business on a network.
    """
    replaced = REPLACED | (REPLACED_BY_A_REAL_NODE if real else {})
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
            {
                "name": component,
                "extraArgs": [
                    *patches(replaced.get(component, {}), pki, override=True),
                    *patches(ADDED.get(component, {}), pki, override=False),
                ],
            }
            for component in sorted(replaced.keys() | ADDED.keys())
        ],
    }


def patches(flags: Mapping[str, str], pki: Path, *, override: bool) -> list[dict[str, object]]:
    """Give flags as kwokctl wants them."""
    more = {"override": True} if override else {}
    return [{"key": key, "value": value.format(pki=pki), **more} for key, value in flags.items()]
