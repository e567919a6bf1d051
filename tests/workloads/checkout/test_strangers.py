"""What somebody from outside can make of the checkout: answers of ours, and neither 5xx nor news of our inside."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from checkout import app, settings
from checkout.api import Api
from checkout.buying import Buying, Opened
from checkout.logs import JsonFormatter
from tests.workloads.postgres import free_port
from tests.workloads.stage import ORIGIN, SHOPS, Stage

OUTSIDE = {"X-Forwarded-For": "192.0.2.1"}
TOKEN = {"Authorization": f"Bearer {'t' * 20}"}
BROWSER = {"Origin": ORIGIN, "Content-Type": "application/json"}


def _problem(answer: httpx.Response) -> tuple[int, str]:
    error = answer.json()["error"]
    assert error["correlationId"] == answer.headers["x-correlation-id"]
    return answer.status_code, error["code"]


@pytest.mark.parametrize("signature", ["t=1,v1=é", "t=é,v1=1", "é", "", "t=1", "v1=1", "t=x,v1=1"])
def test_a_signature_of_any_letters_is_only_wrong(stage: Stage, signature: str) -> None:
    url, headers = f"{stage.checkout.url}/webhooks/stripe", [(b"Stripe-Signature", signature.encode())]
    assert _problem(stage.client.post(url, content=b"{}", headers=headers)) == (400, "bad_signature")


@pytest.mark.parametrize("body", [b"[" * 200_000, b"{", b"\xff", b"[]", b"1" * 5000])
def test_a_body_of_any_depth_is_only_wrong(stage: Stage, body: bytes) -> None:
    url = f"{stage.checkout.url}/api/checkout"
    assert _problem(stage.client.post(url, content=body, headers=BROWSER)) == (400, "bad_request")


@pytest.mark.parametrize(
    "key", ["\ud800" * 8, "\u0000" * 8, "with a space", "k\u00e9yk\u00e9yk\u00e9y", "short", "x" * 201]
)
def test_a_key_that_nobody_could_keep_is_only_wrong(stage: Stage, key: str) -> None:
    body = json.dumps({"variant": "hero", "sku": "cape", "idempotencyKey": key})
    answer = stage.client.post(f"{stage.checkout.url}/api/checkout", content=body, headers=BROWSER)
    assert _problem(answer) == (400, "bad_request")


def test_who_hangs_up_is_no_failure_of_ours(stage: Stage) -> None:
    with socket.create_connection(("127.0.0.1", stage.checkout.port)) as caller:
        caller.sendall(b"POST /webhooks/stripe HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    deadline = time.monotonic() + 30
    while 'code="499"' not in (text := stage.client.get(f"{stage.checkout.url}/metrics").text):
        assert time.monotonic() < deadline, text
        time.sleep(0.1)
    assert 'code="500"' not in text


def test_the_router_s_own_refusals_are_like_all_others(stage: Stage) -> None:
    headers = {"Origin": ORIGIN, "X-Correlation-Id": "a-stranger"}
    missing = stage.client.get(f"{stage.checkout.url}/nowhere", headers=headers)
    assert _problem(missing) == (404, "not_found")
    assert missing.headers["access-control-allow-origin"] == ORIGIN
    wrong = stage.client.delete(f"{stage.checkout.url}/api/checkout", headers=headers)
    assert _problem(wrong) == (405, "method_not_allowed")
    assert wrong.headers["allow"] == "POST"


def test_a_stranger_reads_no_word_of_our_neighbours(stage: Stage) -> None:
    def health(**headers: str) -> dict[str, Any]:
        return dict(stage.client.get(f"{stage.checkout.url}/health", headers=headers).json())

    key = stage.folder / "key"
    right = key.read_text()
    try:
        key.write_text("sk_live_wrong")
        stage.checkout.stop()
        stage.checkout.start()
        assert health(**OUTSIDE)["stripe"]["error"] == "AuthenticationError"
        assert "Invalid API Key" in health(**OUTSIDE, **TOKEN)["stripe"]["error"]
        assert health(**OUTSIDE, Authorization="Bearer guessed")["stripe"]["error"] == "AuthenticationError"
        assert "Invalid API Key" in health()["stripe"]["error"]
    finally:
        key.write_text(right)
    stage.server.kill()
    try:
        ready = stage.client.get(f"{stage.checkout.url}/health/ready", headers=OUTSIDE)
        assert (ready.status_code, "127.0.0.1" in ready.text, " " in ready.text[10:]) == (503, False, False)
        assert "127.0.0.1" not in json.dumps(health(**OUTSIDE))
        texts = [json.dumps(line) for line in stage.checkout.logs() if line["message"] == "not well"]
        assert any("Invalid API Key" in text for text in texts)
    finally:
        stage.server.start()


def test_a_key_that_stripe_refuses_is_no_passing_trouble(stage: Stage) -> None:
    key = stage.folder / "key"
    right = key.read_text()
    try:
        key.write_text("sk_live_wrong")
        refused = stage.click()
        assert _problem(refused) == (502, "stripe_refused")
        assert "retry-after" not in refused.headers
        assert stage.checkout.run("reconcile").returncode == 3
    finally:
        key.write_text(right)
    stage.double.stop(signal.SIGKILL)
    passing = stage.click()
    assert (_problem(passing), passing.headers["retry-after"]) == ((503, "stripe_unavailable"), "2")
    assert "charged" not in passing.text


@pytest.fixture
def config(tmp_path: Path) -> settings.Settings:
    """Give the settings of a checkout whose Postgres is not there."""
    files = {"password": "p", "key": "sk_test_x", "secret": "whsec_x", "origins": ORIGIN, "shops": json.dumps(SHOPS)}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    return settings.load(
        {
            "DATABASE_HOST": "127.0.0.1",
            "DATABASE_PORT": str(free_port()),
            "DATABASE_NAME": "none",
            "DATABASE_USER": "none",
            "DATABASE_PASSWORD_FILE": str(tmp_path / "password"),
            "STRIPE_SECRET_KEY_FILE": str(tmp_path / "key"),
            "STRIPE_WEBHOOK_SECRET_FILE": str(tmp_path / "secret"),
            "ALLOWED_ORIGINS_FILE": str(tmp_path / "origins"),
            "SHOPS_FILE": str(tmp_path / "shops"),
        }
    )


def _client(application: ASGIApp) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://checkout.test", timeout=60)


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """Give what is logged, as the process writes it."""
    written: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(JsonFormatter().format(record))

    kept = Kept()
    logging.getLogger("checkout").addHandler(kept)
    yield written
    logging.getLogger("checkout").removeHandler(kept)


def test_a_defect_is_answered_and_logged_like_any_other_error(
    config: settings.Settings, monkeypatch: pytest.MonkeyPatch, lines: list[str]
) -> None:
    async def broken(_self: Api, _request: object) -> None:
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr(Api, "live", broken)

    async def ask() -> httpx.Response:
        async with _client(app.make(config)) as client:
            headers = {"Origin": ORIGIN, "X-Correlation-Id": "the-one-click"}
            return await client.get("/health/live", headers=headers)

    answer = asyncio.run(ask())
    assert _problem(answer) == (500, "internal_error")
    assert "defect" not in answer.json()["error"]["message"].replace("has a defect", "")
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    (said,) = [json.loads(line) for line in lines if "a defect" in line]
    assert (said["correlationId"], "ZeroDivisionError" in said["exception"]) == ("the-one-click", True)


def test_buyers_who_wait_for_stripe_keep_nobody_else_waiting(
    config: settings.Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = threading.Event()
    waiting = threading.Semaphore(0)

    def silent(_self: Buying, _purchase: object) -> Opened:
        waiting.release()
        free.wait(120)
        raise AssertionError("nobody reads this")

    monkeypatch.setattr(Buying, "buy", silent)
    body = json.dumps({"variant": "hero", "sku": "cape"})

    async def ask() -> int:
        async with _client(app.make(config)) as client:
            buyers = [
                asyncio.create_task(client.post("/api/checkout", content=body, headers=BROWSER)) for _ in range(60)
            ]
            for _ in range(24):
                assert await asyncio.to_thread(waiting.acquire, timeout=60)
            try:
                answer = await asyncio.wait_for(client.get("/health/ready"), 30)
            finally:
                free.set()
            await asyncio.gather(*buyers)
            return answer.status_code

    assert asyncio.run(ask()) == 503
