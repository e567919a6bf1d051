"""A sandbox with a real node for tests that need real pods: root only, one a machine, gone at the end."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any

import pytest

from fleet.errors import PlaceError
from sandbox import authority, builder, certificate, places
from sandbox.cluster import Cluster
from sandbox.images import recipes
from sandbox.kubectl import as_list
from sandbox.node import machine
from sandbox.progress import Progress
from sandbox.tools import NODE_TOOLS, TOOLS
from tests.node.fleet import fleet_in_place, running_fleet

__all__ = ["fleet_in_place", "running_fleet"]

OWN = "node-tests-"
STANDIN = Path(__file__).parent / "standin"
IMAGE = "registry.tests.example/standin:1.0.0"
NEWER = "registry.tests.example/standin:1.1.0"
NAMESPACE = "node-tests"
DOMAIN = "node.tests.localhost"
TLS = "tls"
Json = dict[str, Any]


@pytest.fixture(scope="session")
def before() -> dict[str, set[str]]:
    """Give what the machine had before any node of these tests."""
    if (obstacle := machine.obstacle()) is not None:
        pytest.skip(f"node: not run, {obstacle}")
    for folder in places.cache().glob(f"sandbox/{OWN}*"):
        if not Path(f"/proc/{folder.name.removeprefix(OWN)}").exists():
            Cluster(folder.name).stop()
    return snapshot()


@pytest.fixture(scope="session")
def real_cluster(before: dict[str, set[str]]) -> Iterator[Cluster]:
    """Give a running cluster whose node is this machine."""
    cluster = Cluster(f"{OWN}{os.getpid()}", real=True)
    try:
        builder.build(Progress(), (*TOOLS, *NODE_TOOLS))
        begin(cluster)
    except PlaceError as error:
        cluster.stop()
        pytest.skip(f"node: not run, {error}")
    try:
        yield cluster
    finally:
        cluster.stop()


def begin(cluster: Cluster) -> None:
    """Start the cluster with the stand-in's images and a namespace for them."""
    cluster.start()
    image = recipes.service(STANDIN)
    cluster.node.publish({IMAGE: image, NEWER: image})
    objects = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta("pods")},
        tls_secret(),
    ]
    cluster.kubectl.run("apply", "--server-side", "-f", "-", stdin=as_list(objects))


def snapshot() -> dict[str, set[str]]:
    """Give what a node could leave behind, kind by kind."""
    cache = str(places.cache())
    commands = [file.read_bytes().replace(b"\0", b" ").decode() for file in Path("/proc").glob("[0-9]*/cmdline")
                if file.exists()]  # fmt: skip
    rules = [line for family in ("iptables", "ip6tables") for line in output(f"{family}-save").splitlines()]
    folders = ("/run", "/var/lib", "/var/log", "/etc", "/opt", "/run/netns", "/var/run/netns", "/var/lib/cni")
    return {
        "processes": {words for words in commands if cache in words and "pytest" not in words},
        "mounts": {line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()},
        "cgroups": {str(folder) for folder in machine.CGROUPS.rglob("*flotilla*") if folder.is_dir()},
        "devices": {link.name for link in Path("/sys/class/net").iterdir()},
        "rules": {line.split("[")[0] for line in rules if line.startswith("-A") or line.startswith((":KUBE", ":CNI"))},
        "sysctls": {f"{name} {(machine.SYSCTLS / name).read_text()}" for name in machine.CHANGED},
        "files": {str(each) for folder in map(Path, folders) if folder.is_dir() for each in folder.iterdir()},
        "sockets": {line.split()[-1] for line in Path("/proc/net/unix").read_text().splitlines() if cache in line},
        "ports": {line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines() if ":01BB " in line},
    }


def output(program: str) -> str:
    path = shutil.which(program, path="/usr/sbin:/sbin:/usr/bin")
    return subprocess.run([path], capture_output=True, text=True, check=True).stdout if path else ""


@dataclass
class Served:
    """One Deployment of the stand-in behind a Service and a route of its own host."""

    cluster: Cluster
    name: str

    @property
    def host(self) -> str:
        return f"{self.name}.{DOMAIN}"

    def apply(self, *, image: str = IMAGE, replicas: int = 1, **more: Any) -> None:
        """Apply it and wait until it is rolled out; ``more`` are fields of the container."""
        objects = [deployment(self.name, image, replicas, more), service(self.name), route(self.name, self.host)]
        self.cluster.kubectl.run("apply", "--server-side", "-f", "-", stdin=as_list(objects))
        self.rolled_out()

    def rolled_out(self) -> None:
        self.kubectl("rollout", "status", f"deployment/{self.name}", "--timeout=90s")

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        return self.cluster.kubectl.run("-n", NAMESPACE, *arguments, stdin=stdin)

    def pods(self) -> list[Json]:
        return self.cluster.kubectl.items("get", "pods", "-n", NAMESPACE, "-l", f"app={self.name}")

    def get(self, path: str = "/") -> tuple[int, str]:
        """Ask as a browser that trusts the authority would, by name and over loopback."""
        return get(self.host, path)

    def await_answer(self, text: str, path: str = "/") -> None:
        wait(lambda: text in answer_or_error(self.host, path), f"{self.host} to say {text}")


@pytest.fixture
def served(real_cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[Served]:
    """Give a Deployment, not applied yet, that is removed after the test."""
    name = f"s{abs(hash(request.node.name)) % 10**8}"
    yield Served(real_cluster, name)
    kinds = "deployment,service,ingressroute.traefik.io"
    real_cluster.kubectl.run("delete", kinds, name, "-n", NAMESPACE, "--ignore-not-found", "--wait=false")


class Loopback(HTTPSConnection):
    """HTTPS to a host that is on loopback, as browsers have every name under localhost; not every resolver agrees."""

    def connect(self) -> None:
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=self.timeout)
        context = ssl.create_default_context(cafile=authority.path() if self.trusting else None)
        self.sock = context.wrap_socket(plain, server_hostname=self.host)

    trusting = True


def get(host: str, path: str = "/", *, trusting: bool = True) -> tuple[int, str]:
    connection = Loopback(host, 443, timeout=20)
    connection.trusting = trusting
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def answer_or_error(host: str, path: str) -> str:
    """Give what a host says; before Traefik knows it, it has no certificate for it either."""
    try:
        return get(host, path)[1]
    except OSError as error:
        return repr(error)


def wait(ready: Callable[[], bool], what: str, limit_seconds: float = 60) -> None:
    end = time.monotonic() + limit_seconds
    while not ready():
        assert time.monotonic() < end, f"waited {limit_seconds} s for {what}"
        time.sleep(0.1)


def deployment(name: str, image: str, replicas: int, more: Mapping[str, Any]) -> Json:
    more = dict(more)
    volumes = more.pop("volumes", [])
    container = {
        "name": "app",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "ports": [{"name": "http", "containerPort": 8080}],
        "env": [{"name": "PORT", "value": "8080"}, {"name": "VERSION", "value": image.rpartition(":")[2]}],
        "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}, "periodSeconds": 1},
        "lifecycle": {"preStop": {"sleep": {"seconds": 5}}},
        **more,
    }
    labels = {"app": name}
    pod = {"serviceAccountName": "pods", "automountServiceAccountToken": False, "containers": [container]}
    spec = {
        "replicas": replicas,
        "strategy": {"rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": {**pod, "volumes": volumes}},
    }
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta(name), "spec": spec}


def service(name: str) -> Json:
    ports = [{"name": "http", "port": 80, "targetPort": "http"}]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": meta(name),
        "spec": {"selector": {"app": name}, "ports": ports},
    }


def route(name: str, host: str) -> Json:
    backend = {"name": name, "port": 80}
    rule = {"kind": "Rule", "match": f"Host(`{host}`)", "services": [backend]}
    spec = {"entryPoints": ["websecure"], "routes": [rule], "tls": {"secretName": TLS}}
    return {"apiVersion": "traefik.io/v1alpha1", "kind": "IngressRoute", "metadata": meta(name), "spec": spec}


def tls_secret() -> Json:
    chain, key = certificate.signed([f"*.{DOMAIN}"])
    data = {"tls.crt": chain.decode(), "tls.key": key.decode()}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": meta(TLS),
        "type": "kubernetes.io/tls",
        "stringData": data,
    }


def meta(name: str) -> Json:
    return {"name": name, "namespace": NAMESPACE}


class Clicking(threading.Thread):
    """A customer who asks again and again; ``failures`` has whatever was not a 200."""

    def __init__(self, served: Served) -> None:
        super().__init__(daemon=True)
        self.served, self.ended = served, threading.Event()
        self.answers: list[str] = []
        self.failures: list[str] = []

    def run(self) -> None:
        while not self.ended.is_set():
            try:
                status, body = self.served.get()
            except OSError as error:
                self.failures.append(repr(error))
            else:
                self.answers.append(body)
                if status != 200:
                    self.failures.append(f"{status} {body}")
            time.sleep(0.02)

    def end(self) -> None:
        self.ended.set()
        self.join()
