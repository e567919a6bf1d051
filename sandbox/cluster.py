"""A private cluster, by name: started, healed and removed; the entry for everything that needs a real API server.

    cluster = Cluster("my-tests")
    kubeconfig = cluster.start()      # seconds once the tools are built; safe to repeat
    cluster.kubectl.run("get", "nodes")
    cluster.stop()                    # no process and no file of it is left

Each name has its own ports, state folder and processes, so clusters never collide.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fleet.errors import PlaceError
from sandbox import builder, crds, lock, places, ports, record
from sandbox.control_plane import PROGRAMS, ControlPlane, LostError
from sandbox.kubectl import Kubectl, as_list
from sandbox.kwokctl import PORTS
from sandbox.node import edge, routing
from sandbox.node.node import PORTS as NODE_PORTS
from sandbox.node.node import Node
from sandbox.processes import Process
from sandbox.progress import Progress, Stage
from sandbox.record import Record
from sandbox.simulated import nodes
from sandbox.tools import NODE_TOOLS, TOOLS

DEFAULT = "flotilla"
CONTEXT = "flotilla-sandbox"
ATTEMPTS = 3
"""Between choosing a port and binding it somebody else may take it; thrice in a row is no accident."""


class Cluster:
    """A control plane of kwokctl with the CRDs a fleet uses, and nodes.

    With ``real`` there is one node, this machine, on which pods run; otherwise there are three that kwok plays. Only
    ``start`` asks which: everything else goes by what is there.
    """

    def __init__(self, name: str = DEFAULT, *, real: bool = False, progress: Progress | None = None) -> None:
        self.name = name
        self.real = real
        self.progress = progress or Progress()
        self.control_plane = ControlPlane(name=name, folder=places.state(name))
        self.node = Node(control_plane=self.control_plane, progress=self.progress)

    @property
    def kubectl(self) -> Kubectl:
        """Kubectl for this cluster."""
        return self.control_plane.kubectl

    @property
    def kubeconfig(self) -> Path:
        """The cluster's kubeconfig file."""
        return self.control_plane.kubeconfig

    @property
    def volumes(self) -> Path:
        """Where the volumes of its fleets are made."""
        return self.control_plane.folder / "volumes"

    @property
    def context(self) -> str:
        """The one context in that file, under which stack files name the cluster."""
        return CONTEXT if self.name == DEFAULT else f"{CONTEXT}-{self.name}"

    @property
    def record(self) -> Record | None:
        """What is known of the cluster, None when there is no whole one."""
        return record.read(self.control_plane.folder)

    def start(self) -> Path:
        """See that the cluster runs and is healthy, and give its kubeconfig.

        Builds the tools when they are missing. A cluster that runs is left alone; one with a dead component is
        restarted with its data; what can't be kept is made anew, and the user is told why. Raises PlaceError when this
        machine can't.
        """
        if self.real:
            self.node.admit()
        builder.build(self.progress, (*TOOLS, *NODE_TOOLS) if self.real else TOOLS)
        definitions = crds.files(self.progress)
        with self.alone():
            known = self.record
            why = self.heal_or_why_not(known) if known is not None else self.unfinished()
            if known is None or why:
                self.say_anew(why)
                self.create(definitions)
                self.complete()
        return self.kubeconfig

    def heal_or_why_not(self, known: Record) -> str:
        """Heal a cluster that is there, or give why it can't be kept; empty when it is well.

        Raises PlaceError when it may yet become so: nobody's data is thrown away because a machine is slow.
        """
        if known.real and not self.real:
            raise PlaceError(f"sandbox {self.name}: its node is real; run `flotilla sandbox down` before --simulated")
        if known.real != self.real:
            return "its nodes were simulated"
        if known.tools != record.tools_digest():
            return "this Flotilla brings other versions of what it runs"
        try:
            self.heal(known)
        except LostError as error:
            return str(error)
        return ""

    def unfinished(self) -> str:
        """Give why there is data without a whole cluster, empty when there is none: then no start ever ended."""
        return "its record can't be read" if self.volumes.exists() else ""

    def say_anew(self, why: str) -> None:
        """Tell the user what it costs that a cluster can't be kept."""
        if why:
            line = f"sandbox {self.name}: made anew because {why}; its data is gone"
            self.progress.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def stop(self) -> bool:
        """Remove the cluster with all its processes and files, and say whether there was anything to remove."""
        with self.alone():
            there = bool(self.control_plane.processes()) or self.control_plane.folder.exists()
            self.delete()
        return there

    def delete(self) -> None:
        """Remove the node, then the control plane."""
        self.node.remove()
        self.control_plane.delete()

    def is_healthy(self) -> bool:
        """Say whether the control plane, and the real node if there is one, are as they should be."""
        known = self.record
        healthy = self.control_plane.is_healthy()
        return healthy and (known is None or not known.real or self.node.is_healthy())

    def dead(self) -> list[str]:
        """Give the programs that should run and don't."""
        known = self.record
        expected = PROGRAMS | (self.node.expected if known is not None and known.real else set())
        return sorted(expected - {each.name for each in self.processes()})

    def processes(self) -> list[Process]:
        """Give all its processes but those of pods."""
        known = self.record
        return [*self.control_plane.processes(), *(self.node.processes() if known is not None and known.real else ())]

    def pods_bytes(self) -> int:
        """Give the resident memory of what runs in pods, in bytes."""
        known = self.record
        return self.node.pods_bytes() if known is not None and known.real else 0

    def await_served(self, namespace: str) -> None:
        """Wait until a real node's Traefik serves what a namespace has. Raises FlotillaError naming what it doesn't."""
        known = self.record
        if known is not None and known.real:
            with self.progress.stage("wait until Traefik serves all of it"):
                routing.await_served(self.kubectl, namespace, known.ports[edge.PANEL])

    def logs(self) -> list[Path]:
        """Give the log of every component, each named after it."""
        folder = self.control_plane.folder
        return [*folder.glob("kwok/clusters/*/logs/*.log"), *folder.glob("node/logs/*.log")]

    def heal(self, known: Record) -> None:
        """Restart what has died, if anything, with its data.

        Raises LostError when it can't be had again, and PlaceError naming what is not well all the same.
        """
        if self.is_healthy():
            return
        if not self.control_plane.is_healthy():
            with self.progress.stage(f"restart the control plane {self.name}"):
                self.restart(known)
                Record.now(known.ports, real=known.real).write(self.control_plane.folder)
        if known.real and not self.node.is_healthy():
            self.node.start(known.ports)
        if not self.is_healthy():
            what = ", ".join(self.dead()) or "the node"
            raise PlaceError(f"sandbox {self.name}: {what} ended again at once, or is not ready; run the command again")

    def restart(self, known: Record) -> None:
        """Restart what has died of the control plane, and all of it where that does not heal it.

        After all of it, what gave up while the API server was still coming is started again, as ``complete`` does.
        Raises as ControlPlane.restart.
        """
        # Where nothing runs the second try would be the first again.
        tries = (False, True, False) if self.control_plane.processes() else (True, False)
        for everything in tries:
            try:
                self.control_plane.restart(known.ports, everything=everything)
            except LostError:
                raise
            except PlaceError:
                if everything:
                    raise
            if self.control_plane.is_healthy():
                return

    def complete(self) -> None:
        """Start again what gave up while the others were still coming. Raises PlaceError when it does so again.

        Controller-manager and scheduler wait 10 seconds for the API server and then end (Kubernetes, WaitForAPIServer),
        which a slow start outlasts; kwokctl does not look after them.
        """
        if (known := self.record) is not None and self.dead():
            self.heal(known)

    def create(self, definitions: list[Path]) -> None:
        """Make the cluster from nothing, after removing what is left of an older one."""
        with self.progress.stage(f"start the control plane {self.name}") as stage:
            self.delete()
            chosen = self.create_on_free_ports(stage)
            stage.update("custom resources")
            crds.install(self.kubectl, definitions)
            given = self.kubectl.run("config", "current-context").strip()
            self.kubectl.run("config", "rename-context", given, self.context)
            if not self.real:
                stage.update("nodes")
                self.kubectl.run("apply", "--server-side", "-f", "-", stdin=as_list(nodes()))
        if self.real:
            self.node.start(chosen)
        Record.now(chosen, real=self.real).write(self.control_plane.folder)

    def create_on_free_ports(self, stage: Stage) -> dict[str, int]:
        """Create the control plane and give its ports; other ports are tried when one was taken meanwhile.

        Any other failure would only come again.
        """
        for attempt in range(1, ATTEMPTS + 1):
            chosen = ports.choose((*PORTS, *NODE_PORTS) if self.real else PORTS)
            try:
                self.control_plane.create(chosen, real=self.real)
            except PlaceError:
                # What is left of our own would hold its ports.
                self.control_plane.end()
                taken = ports.taken(chosen)
                if attempt == ATTEMPTS or not taken:
                    raise
                stage.note(f"port {taken} was taken meanwhile, others are tried")
                self.control_plane.delete()
            else:
                break
        return chosen

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other processes from starting or stopping this cluster meanwhile."""
        with lock.held(f"sandbox-{self.name}", waiting=self.say_waiting):
            yield

    def say_waiting(self) -> None:
        """Tell the user why nothing happens."""
        self.progress.console.print(f"waiting for another process that works on the sandbox {self.name}")
