"""A private control plane: etcd, kube-apiserver, controller-manager, scheduler and kwok, run by kwokctl.

kwokctl wires certificates and flags as upstream does; kwok plays the kubelet, so pods become ready and Jobs complete
without a container run.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import yaml

from fleet.errors import PlaceError
from sandbox import places, ports, processes
from sandbox.kubectl import Kubectl
from sandbox.kwokctl import PORTS, configuration
from sandbox.tools import KUBECTL, KWOKCTL, TOOLS

PROGRAMS = {"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok-controller"}
"""What the running components are called."""
PKI = "kwok/clusters/{name}/pki"
"""Where kwokctl makes the cluster's certificates: an authority, and an administrator's pair."""
START_SECONDS = 90
"""A start takes 4 seconds, on a machine with nothing else to do."""
ETCD = "etcd"
UNREADABLE = re.compile(
    r"(?!.*(no space|denied|read-only|too many open|cannot allocate|input/output))"
    r"(panic: |.*(wal: |walpb|snap: |crc mismatch|unexpected EOF|failed to (recover|open|read|find)|invalid database))"
)
"""What etcd says when it ends because of what its data is, and not because of the machine it is on."""
COMPLAINT = re.compile(r'\{"level":"(error|panic|fatal)"|panic: ')
LOOK_SECONDS, LOOKS = 0.5, 4
"""How often in a row etcd must not be seen to count as ended: it has no name while it begins."""
REMEDY = "run the command again, or `flotilla sandbox down` first to begin anew"


class LostError(PlaceError):
    """What is there can't be started again with its data: only a cluster that is made anew will do."""


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
        """Start what does not run, or ``everything`` again, with etcd's data.

        Raises LostError when a port was taken meanwhile or etcd can't read its data, and PlaceError as ``create`` does.

        What goes on keeps its watches, and so do the node and Traefik, who find back to a new API server only slowly.
        kwokctl takes a zombie, or another program under a reused pid, for the component it once started: nothing that
        has ended may be left for it to find.
        """
        if everything:
            self.end()
        running = {process.name for process in self.processes()}
        for stale in self.folder.glob("kwok/clusters/*/pids/*.pid"):
            if stale.stem not in running:
                stale.unlink()
        # Others of the cluster's ports are the node's, which goes on meanwhile.
        own = {name: chosen[name] for name in PORTS}
        if not running and (taken := ports.taken(own)):
            raise LostError(f"port {taken} was taken meanwhile")
        named = ["start", "cluster", "--name", self.name, "--wait", f"{START_SECONDS}s"]
        try:
            self.kwokctl(*named, chosen=chosen, limit_seconds=START_SECONDS + 30)
        except PlaceError:
            if self.etcd_ended() and UNREADABLE.match(said := self.etcd_complaint()):
                raise LostError(f"etcd can't read its data: {said}") from None
            raise

    def delete(self) -> None:
        """End every process of this cluster and remove every file of it, whatever state it is in.

        Raises PlaceError naming what can't be.
        """
        self.end()
        places.remove(self.folder)

    def end(self) -> None:
        """End every process of this cluster. Raises PlaceError naming one that does not end."""
        processes.kill(self.folder, [tool.path for tool in TOOLS])

    def kwokctl(self, *arguments: str, chosen: Mapping[str, int], limit_seconds: float) -> None:
        """Run kwokctl to its end, to its limit, or until etcd has ended, for nothing comes up without it."""
        deadline = time.monotonic() + limit_seconds
        with tempfile.TemporaryFile("w+") as output:
            command = [str(KWOKCTL.path), *arguments]
            running = subprocess.Popen(command, env=self.environment, stdout=subprocess.DEVNULL, stderr=output)
            try:
                ended = self.await_kwokctl(running, deadline)
            finally:
                running.kill()
                code = running.wait()
            output.seek(0)
            said = output.read()
        if self.etcd_ended():
            raise PlaceError(f"sandbox {self.name}: etcd ended: {self.etcd_complaint()}; {REMEDY}")
        if not ended:
            raise PlaceError(f"sandbox {self.name}: the control plane did not start in {limit_seconds:.0f} s; {REMEDY}")
        if code != 0:
            raise PlaceError(self.failure(said, chosen))

    def await_kwokctl(self, running: subprocess.Popen[bytes], deadline: float) -> bool:
        """Wait as long as there is hope, and say whether kwokctl ended by itself."""
        looks = 0
        while time.monotonic() < deadline and looks < LOOKS:
            with suppress(subprocess.TimeoutExpired):
                running.wait(timeout=LOOK_SECONDS)
                return True
            looks = looks + 1 if self.etcd_ended() else 0
        return False

    def etcd_ended(self) -> bool:
        """Say whether etcd was started and does not run; for a moment that is also true of one that begins."""
        started = any(self.folder.glob(f"kwok/clusters/*/pids/{ETCD}.pid"))
        return started and ETCD not in {process.name for process in self.processes()}

    def etcd_complaint(self) -> str:
        """Give what etcd last complained of, in one line."""
        logs = self.folder.glob(f"kwok/clusters/*/logs/{ETCD}.log")
        lines = [line for log in logs for line in log.read_text(encoding="utf-8", errors="replace").splitlines()]
        return next((line for line in reversed(lines) if COMPLAINT.match(line)), "no message")

    def failure(self, output: str, chosen: Mapping[str, int]) -> str:
        """Give the one line that says why the control plane did not start."""
        ours = {process.name for process in self.processes()}
        if not ours and (taken := ports.taken(chosen)):
            return f"sandbox {self.name}: port {taken} is in use; `flotilla sandbox up` chooses another"
        return f"sandbox {self.name}: the control plane did not start: {reason_of(output)}; run the command again"


def reason_of(output: str) -> str:
    """Give kwokctl's last words; when no terminal reads it, it logs one JSON object per line."""
    lines = [line for line in output.splitlines() if line.strip()] or ["no message"]
    try:
        said = json.loads(lines[-1])
    except ValueError:
        return lines[-1].strip()
    return str(said.get("err") or said.get("msg") or lines[-1])
