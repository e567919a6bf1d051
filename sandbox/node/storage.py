"""Storage for claims that no plan has: the default StorageClass, and what makes a folder for each claim of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sandbox.node.addresses import ADDRESS, NODE
from sandbox.node.addresses import PROVISIONER as PORT
from sandbox.node.daemons import Daemon
from sandbox.tools import PROVISIONER

CLASS = "folder"
NAME = "flotilla.dev/folder"
"""What the class calls its provisioner."""


def daemon(folder: Path, *, kubeconfig: Path, log: Path) -> Daemon:
    """Give the process that makes volumes as folders in ``folder``, which nobody else on this machine gets into."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    address = f"{ADDRESS}:{PORT}"
    flags = {"address": address, "folder": folder, "kubeconfig": kubeconfig, "name": NAME, "node": NODE}
    arguments = tuple(f"-{name}={value}" for name, value in flags.items())
    health = f"http://{address}/healthz"
    return Daemon(name="provisioner", program=PROVISIONER.path, arguments=arguments, log=log, health=health)


def objects() -> list[dict[str, Any]]:
    """Give the class that a claim gets which names none; its folder is made where its first pod runs."""
    default = {"storageclass.kubernetes.io/is-default-class": "true"}
    return [
        {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {"name": CLASS, "annotations": default},
            "provisioner": NAME,
            "reclaimPolicy": "Delete",
            "volumeBindingMode": "WaitForFirstConsumer",
        }
    ]
