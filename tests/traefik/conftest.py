"""A real Traefik, started once, that reads one file of routers: what it answers is what the rules must say."""

from __future__ import annotations

import json
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPSConnection
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from fleet.errors import PlaceError
from sandbox import builder, ports
from sandbox.progress import Progress
from sandbox.tools import TRAEFIK

Json = dict[str, Any]
ANSWERED_BY = "X-Answered-By"
LIMIT_SECONDS = 30


@dataclass
class Traefik:
    """A running Traefik. Every router's answer carries the router's name, from a middleware of its own."""

    folder: Path
    ports: Mapping[str, int]
    loads: count[int] = field(default_factory=lambda: count(1))

    def load(self, routers: Mapping[str, Json], **more: Json) -> None:
        """Replace all HTTP routers, and wait until Traefik has read them; ``more`` is the rest, such as ``tcp``."""
        marker = f"load-{next(self.loads)}"
        marking = {"headers": {"customResponseHeaders": {ANSWERED_BY: ""}}}
        named: Json = {marker: marking}
        for name in routers:
            named[name] = {"headers": {"customResponseHeaders": {ANSWERED_BY: name}}}
        http: Json = {"middlewares": named | more.pop("middlewares", {}), "routers": {}}
        for name, router in routers.items():
            own = [name, *router.get("middlewares", ())]
            http["routers"][name] = {"entryPoints": ["web"], "service": "noop@internal"} | router | {"middlewares": own}
        draft = self.folder / "draft"
        draft.write_text(json.dumps({"http": {key: value for key, value in http.items() if value}, **more}))
        draft.rename(self.folder / "dynamic.yaml")
        end = time.monotonic() + LIMIT_SECONDS
        while marker not in {one["name"].partition("@")[0] for one in self._get("/api/http/middlewares")}:
            assert time.monotonic() < end, f"Traefik did not read {self.folder}"
            time.sleep(0.02)

    def errors(self, kind: str = "http") -> dict[str, str]:
        """Give what Traefik says of every router of ours: nothing for one that it serves."""
        routers = self._get(f"/api/{kind}/routers")
        return {
            one["name"].partition("@")[0]: "" if one["status"] == "enabled" else "; ".join(one.get("error", ["?"]))
            for one in routers
            if one["provider"] == "file"
        }

    def answers(self, host: str, path: str = "/", *, entry_point: str = "web", method: str = "GET") -> str | None:
        """Give the name of the router that answers a request, None where there is none."""
        connection = HTTPConnection("127.0.0.1", self.ports[entry_point], timeout=LIMIT_SECONDS)
        try:
            connection.putrequest(method, path, skip_host=True)
            connection.putheader("Host", host)
            connection.endheaders()
            return connection.getresponse().getheader(ANSWERED_BY)
        finally:
            connection.close()

    def _get(self, path: str) -> list[Json]:
        found: list[Json] = []
        for page in count(1):
            connection = HTTPConnection("127.0.0.1", self.ports["traefik"], timeout=LIMIT_SECONDS)
            connection.request("GET", f"{path}?per_page=1000&page={page}")
            answer = connection.getresponse()
            if answer.status != HTTPStatus.OK:
                raise ConnectionError(f"{path}: {answer.status}")
            found += json.loads(answer.read())
            following = answer.getheader("X-Next-Page")
            connection.close()
            if following in {None, "1"}:
                break
        return found


@pytest.fixture(scope="session")
def traefik(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traefik]:
    """Give a running Traefik; tests that need it are skipped, saying why, only where it can't be built."""
    try:
        builder.build(Progress(), [TRAEFIK])
    except PlaceError as error:
        pytest.skip(f"traefik: not run, {error}")
    folder = tmp_path_factory.mktemp("traefik")
    chosen = ports.choose(["traefik", "web", "websecure", "raw", "datagrams"])
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
    suffixes = {"datagrams": "/udp"}
    points = [f"--entryPoints.{name}.address=127.0.0.1:{port}{suffixes.get(name, '')}" for name, port in chosen.items()]
    return [
        *points,
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
