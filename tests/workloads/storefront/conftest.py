"""Shops to look at: as pages, over HTTP, and as a process of their own."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from storefront import app, shop
from storefront.assets import Assets
from storefront.journal import Journal
from storefront.site import Release, Site

WORKLOADS = Path(__file__).resolve().parents[3] / "workloads"
RELEASE = Release(track="canary", version="2.4.1")
CHECKOUT = "https://checkout.shops.example"
Raw = dict[str, Any]

PRODUCTS = [
    {"sku": "field-38", "name": "Field <38>", "description": "Hand & wound.", "price": 148900, "currency": "EUR"},
    {"sku": "diver-41", "name": "Diver 41", "description": "", "price": 48900, "currency": "JPY"},
    {"sku": "anything", "name": "Anything", "description": "?", "price": 5, "currency": "CHF"},
    {"sku": "flotilla-test", "name": "Test purchase", "price": 5, "currency": "CHF", "test": True},
]


@pytest.fixture
def raw() -> Raw:
    """Give a shop.json."""
    return {
        "variant": "acme",
        "theme": "trust",
        "url": "https://acme.shops.example",
        "checkoutUrl": CHECKOUT,
        "catalogue": [dict(product) for product in PRODUCTS],
    }


@pytest.fixture
def site(raw: Raw) -> Callable[..., Site]:
    """Give the pages of a shop, with what is said otherwise."""
    return lambda **other: Site(shop.parse(raw | other, "shop.json"), RELEASE, Assets())


class Client:
    """Asks an application in this process, one request after the other."""

    def __init__(self, asked: ASGIApp) -> None:
        self._transport = httpx.ASGITransport(asked)

    def request(self, method: str, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(transport=self._transport, base_url="http://shop.example") as client:
                return await client.request(method, f"http://shop.example{path}", headers=headers)

        return asyncio.run(ask())

    def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        return self.request("GET", path, headers)

    def head(self, path: str) -> httpx.Response:
        return self.request("HEAD", path)


class Served:
    """A shop over HTTP, and what it logs."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._log = io.StringIO()
        self.http = Client(app.make(str(file), RELEASE, None, Journal(self._log)))

    @property
    def log(self) -> list[Raw]:
        return [json.loads(line) for line in self._log.getvalue().splitlines()]


@pytest.fixture
def served(raw: Raw, tmp_path: Path) -> Served:
    """Give the shop over HTTP."""
    file = tmp_path / "shop.json"
    file.write_text(json.dumps(raw))
    return Served(file)


@contextmanager
def process(file: Path, port: int, output: int = subprocess.PIPE) -> Iterator[subprocess.Popen[str]]:
    """Run the image's command until the block ends; a pipe that nobody reads would stop it once it is full."""
    environment = {"SHOP_FILE": str(file), "PORT": str(port), "HOST": "127.0.0.1", "PYTHONPATH": str(WORKLOADS)}
    with subprocess.Popen(
        [sys.executable, "-m", "storefront"],
        env=os.environ | environment,
        stdout=output,
        stderr=subprocess.STDOUT,
        text=True,
    ) as running:
        try:
            while running.poll() is None and not answers(port):
                time.sleep(0.05)
            yield running
        finally:
            if running.poll() is None:
                running.send_signal(signal.SIGTERM)


def answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
