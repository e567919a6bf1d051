"""The kubelet: its configuration and its process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from sandbox.debian import Unpacked
from sandbox.node.addresses import ADDRESS, CGROUP, CLUSTER_DOMAIN, NODE
from sandbox.node.addresses import KUBELET as PORT
from sandbox.node.daemons import Daemon
from sandbox.tools import KUBELET

LABELS = {"topology.kubernetes.io/region": "sandbox", "topology.kubernetes.io/zone": "zone-a"}


def daemon(folder: Path, *, socket: Path, kubeconfig: Path, authority: Path, tools: Unpacked, log: Path) -> Daemon:
    """Write the configuration into ``folder`` and give the process; ``authority`` signs who may ask it."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "config.yaml"
    file.write_text(yaml.safe_dump(configuration(folder, socket, authority)), encoding="utf-8")
    flags = {
        "config": file,
        "kubeconfig": kubeconfig,
        "root-dir": folder / "root",
        "cert-dir": folder / "pki",
        "hostname-override": NODE,
        "node-ip": ADDRESS,
        "node-labels": ",".join(f"{name}={value}" for name, value in LABELS.items()),
    }
    arguments = tuple(f"--{name}={value}" for name, value in flags.items())
    return Daemon(name="kubelet", program=KUBELET.path, arguments=arguments, log=log, environment=tools.environment)


def configuration(folder: Path, socket: Path, authority: Path) -> dict[str, Any]:
    """Give the configuration (Kubernetes reference, KubeletConfiguration v1beta1)."""
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": ADDRESS,
        "port": PORT,
        "healthzPort": 0,
        "authentication": {"anonymous": {"enabled": False}, "x509": {"clientCAFile": str(authority)}},
        "containerRuntimeEndpoint": f"unix://{socket}",
        "clusterDNS": [ADDRESS],
        "clusterDomain": CLUSTER_DOMAIN,
        "podLogsDir": str(folder / "logs"),
        "volumePluginDir": str(folder / "plugins"),
        "staticPodPath": "",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{CGROUP}",
        "failCgroupV1": False,
        "failSwapOn": False,
        "enforceNodeAllocatable": [],
        "localStorageCapacityIsolation": False,
        # The user's disk is none of our business: no image and no pod goes because somebody else filled it.
        "imageGCHighThresholdPercent": 100,
        "imageGCLowThresholdPercent": 99,
        "evictionHard": {"nodefs.available": "0%", "imagefs.available": "0%", "nodefs.inodesFree": "0%"},
        # A preloaded image that once failed an Always pull would otherwise be pulled under IfNotPresent (since 1.35).
        "imagePullCredentialsVerificationPolicy": "NeverVerify",
        # Whoever fixes what made a pod fail shall not wait five minutes to see it.
        "crashLoopBackOff": {"maxContainerRestartPeriod": "10s"},
        "maxPods": 200,
        "serializeImagePulls": False,
        "syncFrequency": "10s",
        "nodeStatusUpdateFrequency": "5s",
        "registerWithTaints": [],
    }
