"""metrics-server on the node's address, behind the API server's own aggregation: `kubectl top` and autoscalers work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sandbox.node.addresses import ADDRESS
from sandbox.node.addresses import METRICS_SERVER as PORT
from sandbox.node.daemons import Daemon
from sandbox.tools import METRICS_SERVER

NAME = "metrics-server"
NAMESPACE = "kube-system"


def daemon(folder: Path, *, kubeconfig: Path, log: Path) -> Daemon:
    """Give the process; its own certificate is made in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    flags = {
        "kubeconfig": kubeconfig,
        "authentication-kubeconfig": kubeconfig,
        "authorization-kubeconfig": kubeconfig,
        "bind-address": ADDRESS,
        "secure-port": PORT,
        "cert-dir": folder,
        "kubelet-insecure-tls": "true",
        "kubelet-preferred-address-types": "InternalIP",
        "metric-resolution": "15s",
    }
    arguments = tuple(f"--{name}={value}" for name, value in flags.items())
    # It is ready only once it has measured twice; nobody waits for that here.
    health = f"https://{ADDRESS}:{PORT}/livez"
    return Daemon(name=NAME, program=METRICS_SERVER.path, arguments=arguments, log=log, health=health)


def objects() -> list[dict[str, Any]]:
    """Give what makes the API server pass metrics.k8s.io on: a Service without selector, and where it leads."""
    meta = {"name": NAME, "namespace": NAMESPACE}
    service = {"ports": [{"name": "https", "port": 443, "targetPort": PORT}]}
    api = {
        "group": "metrics.k8s.io",
        "version": "v1beta1",
        "groupPriorityMinimum": 100,
        "versionPriority": 100,
        "insecureSkipTLSVerify": True,
        "service": meta,
    }
    return [
        {"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": service},
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {**meta, "labels": {"kubernetes.io/service-name": NAME}},
            "addressType": "IPv4",
            "endpoints": [{"addresses": [ADDRESS], "conditions": {"ready": True}}],
            "ports": [{"name": "https", "port": PORT, "protocol": "TCP"}],
        },
        {
            "apiVersion": "apiregistration.k8s.io/v1",
            "kind": "APIService",
            "metadata": {"name": "v1beta1.metrics.k8s.io"},
            "spec": api,
        },
    ]
