"""containerd with runc: its configuration and its process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fleet.errors import PlaceError
from sandbox.debian import Unpacked
from sandbox.node import commands, machine
from sandbox.node.daemons import Daemon

PAUSE = "flotilla.dev/pause:1"
NAMESPACE = "k8s.io"
"""In which containerd keeps what the kubelet asks for."""
CRI = "io.containerd.grpc.v1.cri"
UNUSED = (
    *(f"io.containerd.snapshotter.v1.{name}" for name in ("aufs", "btrfs", "devmapper", "zfs")),
    # It would make /opt/containerd.
    "io.containerd.internal.v1.opt",
)
ANSWER_SECONDS = 5.0
SOCKET = "containerd.sock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Containerd:
    """The container runtime of one node; all its files lie in ``folder``, programs come from ``tools``."""

    folder: Path
    tools: Unpacked

    @property
    def socket(self) -> Path:
        """Where it listens."""
        return self.folder / SOCKET

    @property
    def network_folder(self) -> Path:
        """Where the CNI configuration lies."""
        return self.folder / "cni"

    @property
    def registries(self) -> Path:
        """Where it is said how registries are reached."""
        return self.folder / "certs.d"

    def daemon(self, log: Path) -> Daemon:
        """Write the configuration and give the process that reads it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        self.network_folder.mkdir(exist_ok=True)
        file = self.folder / "config.toml"
        file.write_text(toml(self.configuration()), encoding="utf-8")
        return Daemon(
            name="containerd",
            program=self.tools.program("containerd"),
            arguments=("--config", str(file)),
            log=log,
            environment=self.tools.environment,
        )

    def configuration(self) -> dict[str, Any]:
        """Give the configuration (containerd documentation, CRI Plugin Config Guide, version 2)."""
        options = {
            "BinaryName": str(self.tools.program("runc")),
            "Root": str(self.folder / "runc"),
            "SystemdCgroup": False,
        }
        runtime = {"runtime_type": "io.containerd.runc.v2", "options": options}
        network = {
            "bin_dir": str(self.tools.folder("usr/lib/cni", "opt/cni/bin")),
            "conf_dir": str(self.network_folder),
        }
        cri = {
            "sandbox_image": PAUSE,
            # Without the capability runc dies when it lowers a score ("can't get final child's PID from pipe: EOF").
            "restrict_oom_score_adj": not machine.has_capability(machine.CAP_SYS_RESOURCE),
            "disable_apparmor": True,
            "netns_mounts_under_state_dir": True,
            "containerd": {"default_runtime_name": "runc", "runtimes": {"runc": runtime}},
            "cni": network,
            "registry": {"config_path": str(self.registries)},
        }
        return {
            "version": 2,
            "root": str(self.folder / "root"),
            "state": str(self.folder / "state"),
            "disabled_plugins": list(UNUSED),
            "grpc": {"address": str(self.socket)},
            "plugins": {CRI: cri},
        }

    def is_ready(self) -> bool:
        """Say whether it answers."""
        named = ("--address", str(self.socket), "--namespace", NAMESPACE)
        try:
            answer = commands.run(self.tools, "ctr", *named, "version", limit_seconds=ANSWER_SECONDS)
        except PlaceError:
            return False
        return answer.returncode == 0


def toml(tables: dict[str, Any], path: tuple[str, ...] = ()) -> str:
    """Write nested tables as TOML; JSON's strings, booleans, numbers and lists are TOML's too."""
    plain = {key: value for key, value in tables.items() if not isinstance(value, dict)}
    lines = [f"{json.dumps(key)} = {json.dumps(value)}" for key, value in plain.items()]
    for key, value in tables.items():
        if isinstance(value, dict):
            inner = (*path, key)
            lines.append(f"\n[{'.'.join(map(json.dumps, inner))}]\n{toml(value, inner)}")
    return "\n".join(lines)
