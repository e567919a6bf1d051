"""How checks speak to the fleet: one HTTP client that finds every host of the target and trusts what it names."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from verify.target import Target

TIMEOUT_SECONDS = 10.0
"""What takes longer has failed: twenty times what an answer may take (systems.md E)."""
AGENT = "flotilla-verify"
BUSY = 429
"""What the rate limit in front of the checkout answers (RFC 6585, 4)."""
_AGAIN = 8
_PAUSE_SECONDS = 1.0
"""How often, and after how long, what the rate limit refused is asked again: its allowance is by the second."""
FOREIGN_ORIGIN = "https://flotilla-verify.invalid"
"""An origin that nobody can own (RFC 6761, 6.4)."""


class _At(httpx.AsyncHTTPTransport):
    """Connects to one address, whatever the name; certificate and Host are the name's all the same."""

    def __init__(self, address: str, context: ssl.SSLContext) -> None:
        super().__init__(verify=context, retries=1)
        self._address = address

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; the Host header was written when it was made."""
        request.extensions = {**request.extensions, "sni_hostname": request.url.host}
        request.url = request.url.copy_with(host=self._address)
        return await super().handle_async_request(request)


@cache
def context(trust: Path | None) -> ssl.SSLContext:
    """Give what certificates are checked against: the system's authorities, and those in ``trust``.

    Raises OSError when the file can't be read or holds no certificate.
    """
    made = ssl.create_default_context()
    if trust is not None:
        made.load_verify_locations(cafile=trust)
    return made


class BusyError(Exception):
    """The rate limit refuses again and again: what was asked could not be told."""


@dataclass(slots=True)
class Web:
    """HTTP to the target's hosts, as an asynchronous context; redirects are never followed by themselves.

    It keeps no cookie, so that every request is a new visitor's; ``cookie`` is what all of them send.
    """

    target: Target
    cookie: str = ""
    http: httpx.AsyncClient = field(init=False)

    async def __aenter__(self) -> Self:
        trusted = context(self.target.trust)
        hosts = {shop.host for shop in self.target.shops} | {self.target.checkout_host}
        found = {host: self.target.address_of(host) for host in hosts}
        self.http = httpx.AsyncClient(
            verify=trusted,
            timeout=TIMEOUT_SECONDS,
            headers={"User-Agent": AGENT},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            # A transport of its own for each host: connections may not be shared between names at one address.
            mounts={f"all://{host}": _At(address, trusted) for host, address in found.items() if address},
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.http.aclose()

    def pinned(self, cookie: str) -> Web:
        """Give the same client for a visitor who holds a cookie: all that it asks is led to one release."""
        made = Web(self.target, cookie)
        made.http = self.http
        return made

    async def get(self, url: str, **headers: str) -> httpx.Response:
        """Get an address; raises httpx.HTTPError."""
        return await self.http.get(url, headers=headers | self._held())

    async def ask(self, method: str, path: str, *, token: str | None = None, **more: Any) -> httpx.Response:  # noqa: ANN401
        """Ask the checkout, again where its rate limit refuses; ``more`` is httpx's.

        Raises httpx.HTTPError, and BusyError where the rate limit goes on refusing.
        """
        headers = {**more.pop("headers", {}), **self._held()}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return await self._patiently(method, f"{self.target.checkout}{path}", headers=headers, **more)

    async def visit(self, url: str) -> httpx.Response:
        """Get an address, again where a rate limit refuses; raises as ``ask`` does."""
        return await self._patiently("GET", url, headers=self._held())

    async def _patiently(self, method: str, url: str, **more: Any) -> httpx.Response:  # noqa: ANN401
        for _ in range(_AGAIN):
            answer = await self.http.request(method, url, **more)
            if answer.status_code != BUSY:
                return answer
            await asyncio.sleep(_PAUSE_SECONDS)
        raise BusyError(f"{method} {url}: the rate limit refused it {_AGAIN} times (HTTP {BUSY})")

    def _held(self) -> dict[str, str]:
        return {"Cookie": self.cookie} if self.cookie else {}


@contextmanager
def timed() -> Iterator[list[float]]:
    """Give a list that holds the block's seconds once it has ended."""
    taken: list[float] = []
    started = time.perf_counter()
    try:
        yield taken
    finally:
        taken.append(time.perf_counter() - started)


def why(error: Exception) -> str:
    """Give one line for what went wrong on the way to an answer."""
    if isinstance(error, httpx.TimeoutException):
        return f"no answer within {TIMEOUT_SECONDS:.0f} s"
    return str(error).strip().split("\n")[0] or type(error).__name__
