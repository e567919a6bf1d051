"""A real Traefik, started once, that reads one file of routers: what it does is what the rules must say."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from sandbox import builder, ports
from sandbox.progress import Progress
from sandbox.tools import TRAEFIK
from tests.promised import skipping

Json = dict[str, Any]
ANSWERED_BY = "X-Answered-By"
LIMIT_SECONDS = 30
SECURE = "websecure"
READY = "ready"
MARKER = "load-"


@dataclass
class Traefik:
    """A running Traefik. Every HTTP router's answer carries the router's name, from a middleware of its own."""

    folder: Path
    ports: Mapping[str, int]
    loads: Iterator[int] = field(default_factory=lambda: count(1))

    def load(self, routers: Mapping[str, Json], *, middlewares: Mapping[str, Json] | None = None, **more: Json) -> None:
        """Replace all that Traefik serves, and wait until it has; ``more`` is what is not HTTP, such as ``tcp``."""
        marker = f"{MARKER}{next(self.loads)}"
        named = {name: {"headers": {"customResponseHeaders": {ANSWERED_BY: name}}} for name in (marker, *routers)}
        served = {
            name: {"entryPoints": ["web"], "service": "noop@internal"}
            | router
            | {"middlewares": [name, *router.get("middlewares", ())]}
            for name, router in routers.items()
        }
        served[marker] = {
            "rule": "PathPrefix(`/`)",
            "entryPoints": [READY],
            "service": "noop@internal",
            "middlewares": [marker],
        }
        draft = self.folder / "draft"
        draft.write_text(
            json.dumps({"http": {"middlewares": named | dict(middlewares or {}), "routers": served}, **more})
        )
        draft.rename(self.folder / "dynamic.yaml")
        end = time.monotonic() + LIMIT_SECONDS
        while self.answers("any", entry_point=READY) != marker:
            assert time.monotonic() < end, f"Traefik did not read its file: {(self.folder / 'log').read_text()[-2000:]}"
            time.sleep(0.02)

    def errors(self, kind: str = "http") -> dict[str, str]:
        """Give what Traefik objects to, by router; an empty text for a router that it serves."""
        return {
            one["name"].removesuffix("@file"): "" if one["status"] == "enabled" else "; ".join(one.get("error", ["?"]))
            for one in self._get(f"/api/{kind}/routers")
            if one["provider"] == "file" and not one["name"].startswith(MARKER)
        }

    def answers(
        self, host: str, path: str = "/", *, entry_point: str = "web", method: str = "GET", field: str = ANSWERED_BY
    ) -> str | None:
        """Give the name of the router that answers a request (or another field of the answer), None for nobody."""
        with closing(self._connection(entry_point, host)) as connection:
            connection.putrequest(method, path, skip_host=True)
            connection.putheader("Host", host)
            connection.endheaders()
            try:
                return connection.getresponse().getheader(field)
            except HTTPException as error:
                return str(error).strip()

    def _connection(self, entry_point: str, host: str) -> HTTPConnection:
        if entry_point != SECURE:
            return HTTPConnection("127.0.0.1", self.ports[entry_point], timeout=LIMIT_SECONDS)
        connection = HTTPSConnection("127.0.0.1", self.ports[entry_point], timeout=LIMIT_SECONDS)
        plain = socket.create_connection(("127.0.0.1", self.ports[entry_point]), timeout=LIMIT_SECONDS)
        connection.sock = _trusting_all().wrap_socket(plain, server_hostname=host)
        return connection

    def _get(self, path: str) -> list[Json]:
        found: list[Json] = []
        for page in count(1):
            with closing(HTTPConnection("127.0.0.1", self.ports["traefik"], timeout=LIMIT_SECONDS)) as connection:
                connection.request("GET", f"{path}?per_page=1000&page={page}")
                answer = connection.getresponse()
                if answer.status != HTTPStatus.OK:
                    raise ConnectionError(f"{path}: {answer.status}")
                found += json.loads(answer.read())
                if answer.getheader("X-Next-Page") in {None, "1"}:
                    break
        return found


def _trusting_all() -> ssl.SSLContext:
    """Give a client that takes the certificate that Traefik makes up for want of another."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@pytest.fixture(scope="session")
def traefik(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traefik]:
    """Give a running Traefik; tests that need it are skipped, saying why, only where it can't be built."""
    with skipping("traefik"):
        builder.build(Progress(), [TRAEFIK])
    folder = tmp_path_factory.mktemp("traefik")
    chosen = ports.choose(["traefik", READY, "web", SECURE, "datagrams"])
    (folder / "dynamic.yaml").write_text("{}")
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([TRAEFIK.path, *_flags(folder, chosen)], stdout=log, stderr=log, cwd=folder)
    try:
        running = Traefik(folder, chosen)
        _await(running, process)
        yield running
    finally:
        process.terminate()
        process.wait()


def _flags(folder: Path, chosen: Mapping[str, int]) -> list[str]:
    protocol = {"datagrams": "/udp"}
    return [
        *(f"--entryPoints.{name}.address=127.0.0.1:{port}{protocol.get(name, '')}" for name, port in chosen.items()),
        "--api.insecure=true",
        "--log.level=ERROR",
        "--global.checkNewVersion=false",
        "--global.sendAnonymousUsage=false",
        "--providers.providersThrottleDuration=0s",
        f"--providers.file.filename={folder / 'dynamic.yaml'}",
        "--providers.file.watch=true",
    ]


def _await(traefik: Traefik, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + LIMIT_SECONDS
    while True:
        try:
            traefik.errors()
        except OSError:
            text = (traefik.folder / "log").read_text()
            assert process.poll() is None, f"Traefik stopped: {text}"
            assert time.monotonic() < end, f"Traefik does not answer: {text}"
            time.sleep(0.05)
        else:
            return


@contextmanager
def speaker(word: str, kind: socket.SocketKind = socket.SOCK_STREAM) -> Iterator[str]:
    """Run a server that says one word to whoever comes; give its address."""
    with socket.socket(socket.AF_INET, kind) as server:
        server.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            server.listen()
        serve = _speak if kind == socket.SOCK_STREAM else _echo
        threading.Thread(target=serve, args=(server, word.encode()), daemon=True).start()
        host, port = server.getsockname()
        yield f"{host}:{port}"
        server.shutdown(socket.SHUT_RDWR) if kind == socket.SOCK_STREAM else None


def _speak(server: socket.socket, word: bytes) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection, suppress(OSError):  # whoever came may be gone
            connection.sendall(word + b"\n")


def _echo(server: socket.socket, word: bytes) -> None:
    while True:
        try:
            _, sender = server.recvfrom(1024)
            server.sendto(word, sender)
        except OSError:
            return


@pytest.fixture(name="speaker")
def _speaker() -> Any:
    return speaker
