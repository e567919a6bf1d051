"""A private control plane: etcd, kube-apiserver, controller-manager, scheduler and kwok, run by kwokctl.

kwokctl wires certificates and flags as upstream does; kwok plays the kubelet, so pods become ready and Jobs complete
without a container run.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from fleet.errors import PlaceError
from sandbox import ports, processes
from sandbox.kubectl import Kubectl
from sandbox.kwokctl import PORTS, configuration
from sandbox.tools import KUBECTL, KWOKCTL, TOOLS

PROGRAMS = {"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok-controller"}
"""What the running components are called."""
PKI = "kwok/clusters/{name}/pki"
"""Where kwokctl makes the cluster's certificates: an authority, and an administrator's pair."""
START_SECONDS = 90
RESTART_SECONDS = 40
"""A restart takes 4 seconds; one that takes longer than this has data it can't read, and a new cluster is quicker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlPlane:
    """The processes of one cluster, whose files all lie in ``folder``."""

    name: str
    folder: Path

    @property
    def kubeconfig(self) -> Path:
        """The file with which kubectl and Pulumi reach the cluster as its administrator."""
        return self.folder / "kubeconfig"

    @property
    def pki(self) -> Path:
        """Where its certificates are."""
        return self.folder / PKI.format(name=self.name)

    @property
    def kubectl(self) -> Kubectl:
        """Kubectl for this cluster."""
        return Kubectl(
            path=KUBECTL.path, kubeconfig=self.kubeconfig, cache_dir=self.folder / "kubectl", timeout_seconds=300
        )

    @property
    def environment(self) -> dict[str, str]:
        """What kwokctl needs beside its configuration: where it works, and local paths for what it would fetch."""
        local = {"KWOK_WORKDIR": str(self.folder / "kwok"), "KWOK_KUBECTL_BINARY": str(KUBECTL.path)}
        return {**os.environ, **local, "KWOK_ETCDCTL_BINARY": str(KUBECTL.path), "KUBECONFIG": str(self.kubeconfig)}

    def processes(self) -> list[processes.Process]:
        """Give the running processes of this cluster, also those of an interrupted start."""
        return processes.of_folder(self.folder, [tool.path for tool in TOOLS])

    def is_healthy(self) -> bool:
        """Say whether every component runs and the API server calls itself ready."""
        if not {process.name for process in self.processes()} >= PROGRAMS:
            return False
        try:
            return self.kubectl.run("get", "--raw", "/readyz", timeout_seconds=10).strip() == "ok"
        except Exception:  # noqa: BLE001  (whatever it is, the answer is no)
            return False

    def create(self, chosen: Mapping[str, int], *, real: bool) -> None:
        """Make and start the cluster on the ports ``chosen``, one for each of PORTS; it answers when this returns.

        ``real`` says which nodes it will have.

        Raises PlaceError naming a port that is taken, or what kwokctl said last.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "kwokctl.yaml"
        config.write_text(yaml.safe_dump(configuration(chosen, self.pki, real=real)), encoding="utf-8")
        named = ["--config", str(config), "create", "cluster", "--name", self.name]
        self.kwokctl(
            *named,
            "--kubeconfig",
            str(self.kubeconfig),
            "--wait",
            f"{START_SECONDS}s",
            chosen=chosen,
            limit_seconds=START_SECONDS + 30,
        )

    def restart(self, chosen: Mapping[str, int], *, everything: bool) -> None:
        """Start what does not run, or ``everything`` again, with etcd's data. Raises PlaceError as ``create`` does.

        What goes on keeps its watches, and so do the node and Traefik, who find back to a new API server only slowly.
        kwokctl takes a zombie, or another program under a reused pid, for the component it once started: nothing that
        has ended may be left for it to find.
        """
        if everything:
            processes.kill(self.folder, [tool.path for tool in TOOLS])
        running = {process.name for process in self.processes()}
        for stale in self.folder.glob("kwok/clusters/*/pids/*.pid"):
            if stale.stem not in running:
                stale.unlink()
        # Others of the cluster's ports are the node's, which goes on meanwhile.
        own = {name: chosen[name] for name in PORTS}
        if not running and not ports.become_free(own.values()):
            raise PlaceError(self.failure("", own))
        named = ["start", "cluster", "--name", self.name, "--wait", f"{RESTART_SECONDS}s"]
        self.kwokctl(*named, chosen=chosen, limit_seconds=RESTART_SECONDS)

    def delete(self) -> None:
        """End every process of this cluster and remove every file of it, whatever state it is in."""
        processes.kill(self.folder, [tool.path for tool in TOOLS])
        shutil.rmtree(self.folder, ignore_errors=True)

    def kwokctl(self, *arguments: str, chosen: Mapping[str, int], limit_seconds: float) -> None:
        """Run kwokctl to its end, or to its limit."""
        command = [str(KWOKCTL.path), *arguments]
        try:
            answer = subprocess.run(
                command, env=self.environment, capture_output=True, text=True, timeout=limit_seconds, check=False
            )
        except subprocess.TimeoutExpired:
            raise PlaceError(
                f"sandbox {self.name}: the control plane did not start in {limit_seconds:.0f} s; try again"
            ) from None
        if answer.returncode != 0:
            raise PlaceError(self.failure(answer.stderr, chosen))

    def failure(self, output: str, chosen: Mapping[str, int]) -> str:
        """Give the one line that says why the control plane did not start."""
        ours = {process.name for process in self.processes()}
        if not ours and (taken := [f"{port} ({name})" for name, port in chosen.items() if not ports.is_free(port)]):
            return f"sandbox {self.name}: port {', '.join(taken)} is in use; `flotilla sandbox up` chooses another"
        return f"sandbox {self.name}: the control plane did not start: {reason_of(output)}; run the command again"


def reason_of(output: str) -> str:
    """Give kwokctl's last words; when no terminal reads it, it logs one JSON object per line."""
    lines = [line for line in output.splitlines() if line.strip()] or ["no message"]
    try:
        said = json.loads(lines[-1])
    except ValueError:
        return lines[-1].strip()
    return str(said.get("err") or said.get("msg") or lines[-1])
