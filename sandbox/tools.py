"""The tools the sandbox runs: real Kubernetes, etcd, Traefik and more, pinned as Go tool dependencies.

Each module under ``sandbox/tools`` has its own go.mod, because one list of versions could not serve them all.
"""

from __future__ import annotations

import hashlib
import platform
import re
from dataclasses import dataclass
from pathlib import Path

from sandbox import places

MODULES = Path(__file__).parent / "tools"
FLAGS = ("-trimpath", "-buildvcs=false")
KUBERNETES_STAMPS = (
    ("k8s.io/component-base/version.gitVersion", "{version}"),
    ("k8s.io/component-base/version.gitMajor", "{major}"),
    ("k8s.io/component-base/version.gitMinor", "{minor}"),
    ("k8s.io/component-base/version.gitTreeState", "clean"),
)
"""What Kubernetes' own build stamps (hack/lib/version.sh); without it a binary calls itself v0.0.0-master."""
KWOK_STAMPS = (("sigs.k8s.io/kwok/pkg/consts.Version", "{version}"),)
"""What kwok's own build stamps (hack/releases.sh)."""
TRAEFIK_STAMPS = (("github.com/traefik/traefik/v3/pkg/version.Version", "{version}"),)
"""What Traefik's own build stamps (its Makefile)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A binary: the ``package`` it is built from, pinned through ``source`` in the go.mod of ``module``.

    A program of our own has no ``source``.
    """

    name: str
    module: str
    package: str
    source: str
    stamps: tuple[tuple[str, str], ...] = ()

    @property
    def folder(self) -> Path:
        """The module that pins the tool."""
        return MODULES / self.module

    @property
    def version(self) -> str:
        """The pinned version, as go.mod has it: ``v1.36.3``; that of a program of our own is its text's digest."""
        if not self.source:
            return f"v0.0.0-{hashlib.sha256(self.pins).hexdigest()[:12]}"
        go_mod = (self.folder / "go.mod").read_text(encoding="utf-8")
        found = re.search(rf"^(?:require)?\s*{re.escape(self.source)} (v\S+)", go_mod, re.MULTILINE)
        if found is None:
            raise LookupError(f"{self.folder / 'go.mod'} does not require {self.source}")
        return found[1]

    @property
    def link_flags(self) -> str:
        """What the linker is told: no symbol table, and the version stamps."""
        major, minor = self.version.removeprefix("v").split(".")[:2]
        values = {"version": self.version, "major": major, "minor": minor}
        stamps = [f"-X {variable}={template.format(**values)}" for variable, template in self.stamps]
        return " ".join(["-s", "-w", *stamps])

    @property
    def pins(self) -> bytes:
        """What decides which source goes into the binary: the pins, and programs of our own."""
        files = [self.folder / "go.mod", self.folder / "go.sum", *sorted(self.folder.glob("*.go"))]
        return b"".join(file.read_bytes() for file in files if file.exists())

    @property
    def path(self) -> Path:
        """Where the built tool lies: the folder changes with anything that goes into the binary."""
        flags = " ".join([*FLAGS, self.link_flags, platform.system(), platform.machine()])
        return places.cache() / "tools" / hashlib.sha256(self.pins + flags.encode()).hexdigest()[:16] / self.name


def kubernetes(name: str) -> Tool:
    """Give the tool of that name from the Kubernetes module."""
    package = f"k8s.io/kubernetes/cmd/{name}"
    return Tool(name=name, module="kubernetes", package=package, source="k8s.io/kubernetes", stamps=KUBERNETES_STAMPS)


def kwok(name: str) -> Tool:
    """Give the tool of that name from the kwok module."""
    package = f"sigs.k8s.io/kwok/cmd/{name}"
    return Tool(name=name, module="kwok", package=package, source="sigs.k8s.io/kwok", stamps=KWOK_STAMPS)


APISERVER = kubernetes("kube-apiserver")
CONTROLLER_MANAGER = kubernetes("kube-controller-manager")
SCHEDULER = kubernetes("kube-scheduler")
KUBECTL = kubernetes("kubectl")
ETCD = Tool(name="etcd", module="etcd", package="go.etcd.io/etcd/server/v3", source="go.etcd.io/etcd/server/v3")
KWOK = kwok("kwok")
KWOKCTL = kwok("kwokctl")
TOOLS = (APISERVER, CONTROLLER_MANAGER, SCHEDULER, KUBECTL, ETCD, KWOK, KWOKCTL)
"""What a control plane needs."""
TRAEFIK = Tool(
    name="traefik",
    module="traefik",
    package="github.com/traefik/traefik/v3/cmd/traefik",
    source="github.com/traefik/traefik/v3",
    stamps=TRAEFIK_STAMPS,
)
KUBELET = kubernetes("kubelet")
KUBE_PROXY = kubernetes("kube-proxy")
COREDNS = Tool(
    name="coredns", module="coredns", package="github.com/coredns/coredns", source="github.com/coredns/coredns"
)
METRICS_SERVER = Tool(
    name="metrics-server",
    module="metrics-server",
    package="sigs.k8s.io/metrics-server/cmd/metrics-server",
    source="sigs.k8s.io/metrics-server",
)
PAUSE = Tool(name="pause", module="pause", package="flotilla.dev/sandbox/tools/pause", source="")
REGISTRY = Tool(name="registry", module="registry", package="flotilla.dev/sandbox/tools/registry", source="")
CRANE = Tool(
    name="crane",
    module="crane",
    package="github.com/google/go-containerregistry/cmd/crane",
    source="github.com/google/go-containerregistry",
)
"""What pushes images, where a cluster pulls from a registry; built when it is needed."""
PROVISIONER = Tool(
    name="provisioner", module="provisioner", package="flotilla.dev/sandbox/tools/provisioner", source=""
)
NODE_TOOLS = (KUBELET, KUBE_PROXY, PAUSE, REGISTRY, PROVISIONER, COREDNS, METRICS_SERVER, TRAEFIK)
"""What a real node needs beside it, the slow ones last."""
