"""A real node of one cluster: started, healed and removed without a trace."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from fleet.errors import FlotillaError
from sandbox import debian, places, processes
from sandbox.control_plane import ControlPlane
from sandbox.debian import Unpacked
from sandbox.images import recipes
from sandbox.images.image import Image
from sandbox.kubectl import as_list
from sandbox.node import containerd, device, dns, edge, kubelet, machine, metrics, network, registry, remains, storage
from sandbox.node.addresses import NODE
from sandbox.node.containerd import Containerd
from sandbox.node.daemons import Daemon
from sandbox.progress import Progress, Stage
from sandbox.tools import KUBE_PROXY, NODE_TOOLS, PAUSE

PACKAGES = ("containerd", "runc", "containernetworking-plugins", "iptables", "conntrack", "iproute2")
SHIM = "containerd-shim-runc-v2"
PORTS = (edge.PANEL, registry.PORT)
"""What a node needs of chosen ports; all others are on an address of its own."""
START_SECONDS = 60.0
ANSWER_SECONDS = 10.0
TIME = "%Y-%m-%dT%H:%M:%SZ"
"""How the API server writes a time, of UTC."""
CONTAINERD = "containerd"
SOCKETS = (f"{CONTAINERD}/{containerd.SOCKET}.ttrpc", "kubelet/root/pod-resources/kubelet.sock")
"""The longest that are made in a node's folder."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """The real node beside ``control_plane``; everything of it lies in that one's folder."""

    control_plane: ControlPlane
    progress: Progress

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return self.control_plane.folder / "node"

    @property
    def sysctls(self) -> Path:
        """What the machine's sysctls were before."""
        return self.folder / "sysctls.json"

    @property
    def controllers(self) -> Path:
        """Which cgroup controllers the machine's roots kept to themselves before."""
        return self.folder / "cgroups.json"

    @cached_property
    def tools(self) -> Unpacked:
        """The programs that come from Debian."""
        return debian.unpacked(PACKAGES, self.progress)

    @property
    def containerd(self) -> Containerd:
        """The container runtime."""
        return Containerd(folder=self.folder / CONTAINERD, tools=self.tools)

    @property
    def programs(self) -> list[Path]:
        """What its processes run: also what an earlier version of Flotilla built or fetched and started."""
        fetched = [places.cache() / name for name in ("tools", "debian")]
        return [*fetched, *(self.tools.program(name) for name in (CONTAINERD, SHIM))]

    @property
    def expected(self) -> set[str]:
        """The names of the programs that run while it is healthy."""
        return {CONTAINERD, *(tool.name for tool in NODE_TOOLS if tool is not PAUSE)}

    def processes(self) -> list[processes.Process]:
        """Give its running processes: the daemons, and a shim for each pod."""
        return processes.of_folder(self.folder, self.programs)

    def pods_bytes(self) -> int:
        """Give the resident memory of everything that runs in pods, in bytes."""
        return sum(processes.resident(processes.PROC / str(pid)) for pid in machine.inhabitants())

    def runs(self, daemon: Daemon) -> bool:
        """Say whether that daemon runs."""
        return any(each.name == daemon.program.name for each in self.processes())

    def log(self, name: str) -> Path:
        """Give where a daemon's log is."""
        return self.folder / "logs" / f"{name}.log"

    def daemons(self, ports: Mapping[str, int]) -> list[Daemon]:
        """Give every daemon but containerd, the kubelet and kube-proxy first, with its configuration written."""
        plane, folder, tools = self.control_plane, self.folder, self.tools
        kubeconfig, authority = plane.kubeconfig, plane.pki / "ca.crt"
        return [
            kubelet.daemon(
                folder / "kubelet",
                socket=self.containerd.socket,
                kubeconfig=kubeconfig,
                authority=authority,
                tools=tools,
                log=self.log("kubelet"),
            ),
            network.proxy(folder / "kube-proxy", kubeconfig=kubeconfig, tools=tools, log=self.log("kube-proxy")),
            registry.daemon(self.names, port=ports[registry.PORT], log=self.log("registry")),
            storage.daemon(self.volumes, kubeconfig=kubeconfig, log=self.log("provisioner")),
            edge.daemon(folder / "traefik", kubeconfig=kubeconfig, panel=ports[edge.PANEL], log=self.log("traefik")),
            dns.daemon(folder / "coredns", kubeconfig=kubeconfig, log=self.log("coredns")),
            metrics.daemon(folder / "metrics-server", kubeconfig=kubeconfig, log=self.log("metrics-server")),
        ]

    def start(self, ports: Mapping[str, int]) -> None:
        """See that every part runs and says that it is well; ``ports`` has one for each of PORTS.

        Doing it again starts what has died, and mends what has been flushed out of iptables. Raises PlaceError naming
        the part that does not start.
        """
        with self.progress.stage("start the node") as stage:
            flushed = not network.is_whole(self.tools)
            self.prepare()
            self.publish({containerd.PAUSE: recipes.pause()})
            registry.write_mirror(self.containerd.registries, ports[registry.PORT])
            runtime = self.containerd.daemon(self.log(CONTAINERD))
            self.begin([runtime], stage)
            self.await_part(runtime, self.containerd.is_ready)
            if flushed:
                # kube-proxy puts all its rules back when it starts, and only then.
                processes.kill(self.folder, [KUBE_PROXY.path])
            daemons = self.daemons(ports)
            kubelet_itself, proxy = daemons[:2]
            since = None if self.runs(kubelet_itself) else datetime.now(UTC)
            self.begin(daemons, stage)
            made = as_list([*metrics.objects(), *storage.objects()])
            self.control_plane.kubectl.run("apply", "--server-side", "-f", "-", stdin=made)
            for daemon in daemons:
                stage.update(daemon.name)
                self.await_part(daemon, daemon.is_well)
            self.await_part(proxy, lambda: network.is_whole(self.tools))
            self.await_part(kubelet_itself, lambda: self.is_ready(since=since))

    @property
    def volumes(self) -> Path:
        """Where the provisioner makes volumes."""
        return self.folder / "volumes"

    @property
    def names(self) -> Path:
        """What the registry serves."""
        return self.folder / "registry"

    def publish(self, images: Mapping[str, Image]) -> None:
        """Let pods have these images under the references they are named by."""
        for reference, image in images.items():
            image.publish(reference, self.names)

    def admit(self) -> None:
        """Raise PlaceError when something of somebody else's is in the way; nothing has been touched then."""
        machine.refuse_long([self.folder / name for name in SOCKETS])
        device.refuse_another(self.folder)
        if device.holder() is None:
            network.refuse_foreign(self.tools)
        if not self.processes():
            edge.refuse_taken_ports()

    def prepare(self) -> None:
        """Make what the machine lacks."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        device.claim(self.tools, self.folder)
        machine.set_sysctls(self.sysctls)
        machine.make_cgroups(self.controllers)
        network.let_through(self.tools)
        self.containerd.network_folder.mkdir(parents=True, exist_ok=True)
        network.write_cni(self.containerd.network_folder, self.folder / "leases")

    def begin(self, daemons: Sequence[Daemon], stage: Stage) -> None:
        """Start those that do not run."""
        for daemon in daemons:
            if not self.runs(daemon):
                stage.update(daemon.name)
                daemon.start()

    def await_part(self, daemon: Daemon, ready: Callable[[], bool]) -> None:
        """Wait until a daemon is ready. Raises PlaceError when it ends or takes too long."""
        daemon.await_until(ready, runs=lambda: self.runs(daemon), limit_seconds=START_SECONDS)

    def is_ready(self, *, since: datetime | None = None) -> bool:
        """Say whether the API server calls the node ready, with ``since`` because its kubelet has said so later.

        What one said that was killed stands for 40 s, and a new one may first call the node unready for a moment.
        """
        ready = "{.status.conditions[?(@.type=='Ready')]"
        path = f"jsonpath={ready}.status}} {ready}.lastHeartbeatTime}}"
        asked = ("get", "node", NODE, "--ignore-not-found", "-o", path)
        try:
            said = self.control_plane.kubectl.run(*asked, timeout_seconds=ANSWER_SECONDS)
        except FlotillaError:
            return False
        status, _, heard = said.strip().partition(" ")
        return status == "True" and (since is None or heard > f"{since:{TIME}}")

    def is_healthy(self) -> bool:
        """Say whether every daemon runs, the node is ready and packets reach pods."""
        runs = self.expected <= {each.name for each in self.processes()}
        return runs and self.is_ready() and network.is_whole(self.tools)

    def remove(self) -> None:
        """End every process and undo every change to the machine, whatever state the node is in.

        What belongs to the machine is left alone while the node of another cluster has it. Raises PlaceError naming
        what can't be undone; what tells whose it is then stays for the next try.
        """
        holder = device.holder()
        if holder != self.folder and not self.folder.exists():
            return
        free = holder in {None, self.folder}
        processes.kill(self.folder, self.programs, but=SHIM)
        if free:
            machine.remove_cgroups(self.controllers)
        processes.kill(self.folder, self.programs)
        remains.unmount(self.folder)
        remains.remove_files(self.folder, results=free)
        if free:
            network.unplug(self.tools)
            network.clear(self.tools, ours=holder == self.folder)
            machine.restore_sysctls(self.sysctls)
            device.remove(self.tools)
        places.remove(self.folder)
