"""What stands in front of the market's checkout and splits its traffic, as Traefik does for a canary."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from tests.verify.split import Split

COOKIE = "checkout-release"
VERSIONS = {"stable": "1.4.2", "canary": "1.5.0"}
_OWN = ("host", "content-length", "connection", "accept-encoding")
_ITS = ("content-length", "transfer-encoding", "connection", "content-encoding", "date", "server")


class Front(ThreadingHTTPServer):
    """Both releases are the one checkout behind it; one on a track in ``broken`` sells nothing. ``sold`` has the track
    of each call of the buy script, ``asked`` the methods and paths of all calls."""

    daemon_threads = True

    def __init__(self, behind: str, broken: tuple[str, ...] = ()) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behind, self.broken, self.split = behind, broken, Split(COOKIE)
        # No connection is kept: the checkout closes one that was idle for 5 s, maybe while it is used again.
        self.client = httpx.Client(trust_env=False, timeout=60, limits=httpx.Limits(max_keepalive_connections=0))
        self.sold: list[str] = []
        self.asked: list[tuple[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Front
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        given = {name.lower(): value for name, value in self.headers.items()}
        track, kept = self.server.split.track(given)
        self.server.asked.append((self.command, self.path))
        answer = self._answer(track, given, body)
        content = self._of(track, answer)
        self.send_response(answer.status_code)
        for name, value in [*answer.headers.multi_items(), *kept.items()]:
            if name.lower() not in _ITS:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_OPTIONS = do_GET  # noqa: N815  (http.server's names)

    def _answer(self, track: str, given: dict[str, str], body: bytes) -> httpx.Response:
        url, kept = f"{self.server.behind}{self.path}", {n: v for n, v in given.items() if n not in _OWN}
        if self.command == "POST" and self.path == "/api/checkout":
            self.server.sold.append(track)
            if track in self.server.broken:
                allowed = {
                    "Access-Control-Allow-Origin": given.get("origin", ""),
                    "Access-Control-Allow-Credentials": "true",
                }
                return httpx.Response(500, headers=allowed, json={"error": {"code": "internal"}})
        return self.server.client.request(self.command, url, headers=kept, content=body)

    def _of(self, track: str, answer: httpx.Response) -> bytes:
        if self.path != "/health":
            return answer.content
        said: dict[str, Any] = answer.json() | {"track": track, "version": VERSIONS[track]}
        return json.dumps(said).encode()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def front(behind: str, broken: tuple[str, ...] = ()) -> Iterator[Front]:
    """Run it until the block ends."""
    server = Front(behind, broken)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        server.client.close()
