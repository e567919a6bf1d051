"""The node's registry: images made here, served on loopback to containerd, whatever registry a pod names.

So ``Always`` and ``IfNotPresent`` mean what they mean anywhere. What it does not have is asked of the real registry.
"""

from __future__ import annotations

from pathlib import Path

from sandbox import ports
from sandbox.images.layers import blobs
from sandbox.node.daemons import Daemon
from sandbox.tools import REGISTRY

PORT = "registry"
"""What its port is called among the cluster's."""
MIRROR = """\
[host."http://{address}"]
  capabilities = ["pull", "resolve"]
"""


def daemon(names: Path, *, port: int, log: Path) -> Daemon:
    """Give the process that serves what is published under ``names``."""
    names.mkdir(parents=True, exist_ok=True)
    address = f"{ports.LOOPBACK}:{port}"
    flags = {"address": address, "blobs": blobs(), "names": names}
    arguments = tuple(f"-{name}={value}" for name, value in flags.items())
    health = f"http://{address}/v2/"
    return Daemon(name="registry", program=REGISTRY.path, arguments=arguments, log=log, health=health)


def write_mirror(folder: Path, port: int) -> None:
    """Tell containerd to ask here first, for every registry (containerd documentation, hosts.md)."""
    file = folder / "_default" / "hosts.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(MIRROR.format(address=f"{ports.LOOPBACK}:{port}"), encoding="utf-8")
