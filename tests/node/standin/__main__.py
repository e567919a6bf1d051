"""The smallest service that a node can be tried with; never shipped."""

from __future__ import annotations

import os
import signal
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlparse


class Handler(BaseHTTPRequestHandler):
    broken = threading.Event()

    def do_GET(self) -> None:
        url = urlparse(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        answer = getattr(self, url.path.strip("/") or "root", lambda _: (404, "?"))
        self.say(*answer(query))

    def root(self, _: dict[str, str]) -> tuple[int, str]:
        return 200, f"version {os.environ['VERSION']} build {os.environ.get('BUILD', 'unnamed')}"

    def ready(self, _: dict[str, str]) -> tuple[int, str]:
        return 200, "ready"

    def live(self, _: dict[str, str]) -> tuple[int, str]:
        return (500, "broken") if self.broken.is_set() else (200, "alive")

    def breaks(self, _: dict[str, str]) -> tuple[int, str]:
        self.broken.set()
        return 200, "as you wish"

    def write(self, query: dict[str, str]) -> tuple[int, str]:
        Path("/data/kept").write_text(query["text"])
        return 200, "written"

    def read(self, _: dict[str, str]) -> tuple[int, str]:
        return 200, Path("/data/kept").read_text()

    def say(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


server = ThreadingHTTPServer(("", int(os.environ["PORT"])), Handler)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
server.serve_forever()
