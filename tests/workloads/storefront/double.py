"""A checkout that does what a test tells it, over real HTTP, so that the browser's own rules are at work."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Raw = dict[str, Any]


class Double(ThreadingHTTPServer):
    """What it was asked stands in ``orders``; ``answer`` is the next answer, ``held`` keeps answers back while set."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.orders: list[tuple[Raw, dict[str, str]]] = []
        self.answer: tuple[int, Raw] = (200, {"url": f"{self.url}/pay", "orderId": "o-1"})
        self.statuses: list[str] = ["paid"]
        self.allowed = True
        self.free = threading.Event()
        self.free.set()


class _Handler(BaseHTTPRequestHandler):
    server: Double

    def do_OPTIONS(self) -> None:
        self._send(204, None)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.orders.append((json.loads(body), {name.lower(): value for name, value in self.headers.items()}))
        self.server.free.wait()
        self._send(*self.server.answer)

    def do_GET(self) -> None:
        if self.path == "/pay":
            self._send(200, {"page": "pay here"})
            return
        statuses = self.server.statuses
        status = statuses.pop(0) if len(statuses) > 1 else statuses[0]
        self._send(404 if status == "none" else 200, {"status": status})

    def _send(self, status: int, answer: Raw | None) -> None:
        self.send_response(status)
        if self.server.allowed:
            self.send_header("Access-Control-Allow-Origin", self.headers.get("Origin", "*"))
            self.send_header("Access-Control-Allow-Credentials", "true")
            self.send_header("Set-Cookie", "checkout-release=canary; Path=/; HttpOnly")
            self.send_header("Access-Control-Allow-Headers", "Content-Type, Idempotency-Key, X-Correlation-Id")
        content = b"" if answer is None else json.dumps(answer).encode()
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing: what was asked stands in ``orders``."""


@contextmanager
def double() -> Iterator[Double]:
    """Run a checkout until the block ends."""
    server = Double()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.free.set()
        server.shutdown()
        server.server_close()
        thread.join()
