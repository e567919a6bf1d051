"""A stand-in for a shop on the real node: a Deployment, a Service, a route of its own host, and who asks it."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any

from sandbox import authority, certificate, ports
from sandbox.cluster import Cluster
from sandbox.kubectl import KubectlError, as_list
from sandbox.node.addresses import HTTPS
from tests.waiting import wait

STANDIN = Path(__file__).parent / "standin"
IMAGE = "registry.tests.example/standin:1.0.0"
NEWER = "registry.tests.example/standin:1.1.0"
NAMESPACE = "node-tests"
DOMAIN = "node.tests.localhost"
TLS = "tls"
LIMIT_SECONDS = 240
Json = dict[str, Any]


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
        self.apply_only(image=image, replicas=replicas, **more)
        self.rolled_out()

    def apply_only(self, *, image: str = IMAGE, replicas: int = 1, **more: Any) -> None:
        objects = [deployment(self.name, image, replicas, more), service(self.name), route(self.name, self.host)]
        self.cluster.kubectl.run("apply", "--server-side", "-f", "-", stdin=as_list(objects))

    def rolled_out(self) -> None:
        self.kubectl("rollout", "status", f"deployment/{self.name}", f"--timeout={LIMIT_SECONDS - 30}s")

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        return self.cluster.kubectl.run("-n", NAMESPACE, *arguments, stdin=stdin, timeout_seconds=LIMIT_SECONDS)

    def python(self, program: str) -> str:
        """Run a line of Python in its pod and give what it prints, or why it failed."""
        try:
            return self.kubectl("exec", f"deploy/{self.name}", "--", "python3", "-c", program).strip()
        except KubectlError as error:
            return error.output

    def pods(self) -> list[Json]:
        return self.cluster.kubectl.items("get", "pods", "-n", NAMESPACE, "-l", f"app={self.name}")

    def statuses(self) -> list[Json]:
        return [status for pod in self.pods() for status in pod["status"].get("containerStatuses", [])]

    def pods_gone(self) -> None:
        """Delete its pods and wait for those that take their place."""
        self.kubectl("delete", "pod", "--selector", f"app={self.name}", "--wait=true", "--grace-period=1")
        self.rolled_out()

    def remove(self) -> None:
        """Remove it, and wait for its pods to end."""
        self.kubectl("delete", "service,ingressroute.traefik.io", self.name, "--ignore-not-found")
        deployment = ("delete", "deployment", self.name, "--ignore-not-found", "--cascade=foreground")
        self.kubectl(*deployment, "--wait=false")
        self.kubectl("delete", "pod", "--selector", f"app={self.name}", "--grace-period=1", "--wait=false")
        self.kubectl(*deployment, f"--timeout={LIMIT_SECONDS - 30}s")

    def get(self, path: str = "/") -> tuple[int, str]:
        """Ask as a browser that trusts the authority would, by name and over loopback."""
        return get(self.host, path)

    def await_answer(self, text: str, path: str = "/") -> None:
        wait(lambda: text in answer_or_error(self.host, path), f"{self.host} to say {text}")


class Loopback(HTTPSConnection):
    """HTTPS to a host that is on loopback, as browsers have every name under localhost; not every resolver agrees."""

    def __init__(self, host: str, *, trusting: bool) -> None:
        super().__init__(host, HTTPS, timeout=20)
        self.context = ssl.create_default_context(cafile=authority.path() if trusting else None)

    def connect(self) -> None:
        plain = socket.create_connection((ports.LOOPBACK, self.port), timeout=self.timeout)
        self.sock = self.context.wrap_socket(plain, server_hostname=self.host)


def get(host: str, path: str = "/", *, trusting: bool = True) -> tuple[int, str]:
    connection = Loopback(host, trusting=trusting)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def answers(host: str, path: str = "/") -> bool:
    """Say whether a host answers with 200."""
    try:
        return get(host, path)[0] == 200
    except (OSError, HTTPException):
        return False


def answer_or_error(host: str, path: str) -> str:
    """Give what a host says; before Traefik knows it, it has no certificate for it either."""
    try:
        return get(host, path)[1]
    except (OSError, HTTPException) as error:
        return repr(error)


def remove_namespace(cluster: Cluster, name: str) -> None:
    """Remove a namespace, and wait for its pods to end: with their probes they would be in other tests' way."""
    wanted = ("delete", "namespace", name, "--ignore-not-found", f"--timeout={2 * LIMIT_SECONDS}s")
    cluster.kubectl.run(*wanted, timeout_seconds=3 * LIMIT_SECONDS)


def deployment(name: str, image: str, replicas: int, more: Mapping[str, Any]) -> Json:
    more = dict(more)
    volumes = more.pop("volumes", [])
    container = {
        "name": "app",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "ports": [{"name": "http", "containerPort": 8080}],
        "env": [{"name": "PORT", "value": "8080"}, {"name": "VERSION", "value": image.rpartition(":")[2]}],
        "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}, "periodSeconds": 1, "timeoutSeconds": 10},
        "lifecycle": {"preStop": {"sleep": {"seconds": 5}}},
        "securityContext": {"readOnlyRootFilesystem": True, "allowPrivilegeEscalation": False, "runAsNonRoot": True},
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
    spec = {"selector": {"app": name}, "ports": ports}
    return {"apiVersion": "v1", "kind": "Service", "metadata": meta(name), "spec": spec}


def route(name: str, host: str) -> Json:
    rule = {"kind": "Rule", "match": f"Host(`{host}`)", "services": [{"name": name, "port": 80}]}
    spec = {"entryPoints": ["websecure"], "routes": [rule], "tls": {"secretName": TLS}}
    return {"apiVersion": "traefik.io/v1alpha1", "kind": "IngressRoute", "metadata": meta(name), "spec": spec}


def surroundings() -> list[Json]:
    """Give what every stand-in needs beside it."""
    chain, key = certificate.signed([f"*.{DOMAIN}"])
    data = {"tls.crt": chain.decode(), "tls.key": key.decode()}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": meta(TLS), "type": "kubernetes.io/tls"}
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta("pods")},
        {**secret, "stringData": data},
    ]


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
