"""DNS and certificates: real sockets, real TLS."""

from __future__ import annotations

import asyncio
import socket
import ssl
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from sandbox import authority
from tests.verify.results import FAIL, PASS, UNKNOWN
from tests.verify.scripted import scripted
from verify.checks import names
from verify.results import Result
from verify.target import Shop, Target
from verify.web import Web

HOST = "hero.shops.test"


@pytest.fixture(autouse=True)
def own_authority(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def served(folder: Path, host: str, lifetime: timedelta) -> ssl.SSLContext:
    """Give a server's TLS with a certificate of the authority for a host."""
    issuer, issuer_key = authority.ensure()
    key = ec.generate_private_key(ec.SECP256R1())
    made = (
        authority.builder(authority.named("test"), issuer.subject, key.public_key(), lifetime)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
    (folder / "tls.crt").write_bytes(authority.pem(made))
    (folder / "tls.key").write_bytes(authority.pem_key(key))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "tls.crt", folder / "tls.key")
    return context


def certificate(folder: Path, host: str = HOST, days: float = 90, *, trusted: bool = True) -> Result:
    tls = served(folder, host, timedelta(days=days))
    with scripted(lambda *_: (200, {}, ""), tls) as server:
        target = Target(
            name="t", purpose="test", shops=(), checkout="", resolve={HOST: "127.0.0.1"},
            trust=authority.path() if trusted else None,
        )  # fmt: skip
        return asyncio.run(names.certificate(target, "hero", f"https://{HOST}:{server.server_port}"))


def test_a_certificate_that_is_trusted_for_the_host_and_lasts_is_well(tmp_path: Path) -> None:
    found = certificate(tmp_path)
    assert found.outcome is PASS, found.message
    assert found.message.startswith(f"trusted for {HOST} until 20")


@pytest.mark.parametrize(
    ("how", "seen"),
    [
        ({"trusted": False}, "unable to get local issuer certificate"),
        ({"host": "brutal.shops.test"}, f"certificate is not valid for '{HOST}'"),
        ({"days": 13}, "expected 14 days more"),
        ({"days": 0.0}, "certificate has expired"),
    ],
)
def test_a_certificate_that_a_browser_would_refuse_or_soon_will_fails(tmp_path: Path, how: Any, seen: str) -> None:
    found = certificate(tmp_path, **how)
    assert found.outcome is FAIL
    assert seen in found.message
    assert found.resource
    assert found.remedy


def test_a_port_that_nobody_listens_on_tells_nothing_of_a_certificate() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    target = Target(name="t", purpose="test", shops=(), checkout="", resolve={HOST: "127.0.0.1"})
    found = asyncio.run(names.certificate(target, "hero", f"https://{HOST}:{port}"))
    assert (found.outcome, found.elsewhere) == (UNKNOWN, False)


def test_plain_http_is_excused_on_this_machine_alone() -> None:
    target = Target(name="t", purpose="test", shops=(), checkout="")
    here = asyncio.run(names.certificate(target, "hero", "http://127.0.0.1:8080"))
    assert (here.outcome, here.elsewhere) == (UNKNOWN, True)
    assert asyncio.run(names.certificate(target, "hero", "http://shop.example")).outcome is FAIL
    assert asyncio.run(names.certificate(target, "hero", "http://203.0.113.7")).outcome is FAIL
    led = replace(target, resolve={HOST: "203.0.113.7", "near.test": "::1"})
    assert asyncio.run(names.certificate(led, "hero", f"http://{HOST}")).outcome is FAIL
    assert asyncio.run(names.certificate(led, "hero", "http://near.test")).elsewhere


def test_a_host_that_nobody_knows_has_no_address() -> None:
    target = Target(name="t", purpose="test", shops=(), checkout="")
    assert asyncio.run(names.dns(target, "hero", "hero.shops.invalid")).outcome is FAIL
    assert asyncio.run(names.dns(target, "hero", "hero.shops.localhost")).outcome is PASS


@pytest.mark.parametrize(
    ("status", "location", "well"),
    [
        (308, "https://hero.shops.test/", True),
        (301, "https://hero.shops.test/", True),
        (302, "https://hero.shops.test/", False),
        (308, "https://brutal.shops.test/", False),
        (308, "https://hero.shops.test.evil.test/", False),
        (308, "https://hero.shops.test@evil.test/", False),
        (308, "/", False),
        (200, "", False),
    ],
)
def test_plain_http_must_lead_to_https_for_good(status: int, location: str, *, well: bool) -> None:
    async def ask() -> Result:
        shop = Shop(name="hero", url=f"https://{HOST}")
        async with Web(
            Target(name="t", purpose="test", shops=(shop,), checkout="", resolve={HOST: "127.0.0.1"})
        ) as web:
            # Port 80 of this machine is not a test's to take; the judgement is the same.
            web.http = Answering(status, location)  # type: ignore[assignment]
            return await names.redirect(web, "hero", f"https://{HOST}")

    assert (asyncio.run(ask()).outcome is PASS) == well


class Answering:
    def __init__(self, status: int, location: str) -> None:
        self.answer = httpx.Response(status, headers={"location": location} if location else {})

    async def get(self, *_: Any, **__: Any) -> Any:
        return self.answer

    async def aclose(self) -> None:
        return None
