"""Names and certificates: the host has an address, TLS is what it says, and plain HTTP leads to it."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import httpx

from verify.catalog import check
from verify.results import Result
from verify.target import Target
from verify.web import TIMEOUT_SECONDS, Web, context, why

LEFT = timedelta(days=14)
"""How long a certificate must last. cert-manager renews when a third is left (documentation, renewBefore), 30 days of
Let's Encrypt's 90: what has less than 14 has failed to renew for two weeks."""
_PERMANENT = (301, 308)


async def dns(target: Target, subject: str, host: str) -> Result:
    """Tell whether the host has an address."""
    known = target.address_of(host)
    if known is not None:
        return check("dns").passed(subject, f"{host} is {known} without asking DNS")
    loop = asyncio.get_running_loop()
    try:
        found = await asyncio.wait_for(loop.getaddrinfo(host, None), TIMEOUT_SECONDS)
    except (OSError, TimeoutError) as error:
        return check("dns").failed(
            subject,
            f"{host} has no address: {why(error)}",
            cause="there is no DNS record, or this machine's resolver is away",
            resource=f"DNS/{host}",
            remedy="make the record, or wait until it has spread",
        )
    return check("dns").passed(subject, f"{host} is {', '.join(sorted({str(entry[4][0]) for entry in found}))}")


async def certificate(target: Target, subject: str, url: str) -> Result:
    """Tell whether TLS is trusted, covers the host and lasts."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "http":
        return _plain(target, subject, host)
    try:
        expires = await asyncio.wait_for(_expiry(target, host, parts.port or 443), TIMEOUT_SECONDS)
    except ssl.SSLCertVerificationError as error:
        return _refused(subject, f"the certificate of {host} is refused: {error.verify_message}")
    except (OSError, TimeoutError) as error:
        return check("certificate").untold(
            subject, f"{host}:{parts.port or 443} does not take a connection: {why(error)}"
        )
    left = expires - datetime.now(UTC)
    if left < LEFT:
        return _refused(subject, f"the certificate of {host} ends {expires:%Y-%m-%d}, expected {LEFT.days} days more")
    return check("certificate").passed(subject, f"trusted for {host} until {expires:%Y-%m-%d}")


async def redirect(web: Web, subject: str, url: str) -> Result:
    """Tell whether plain HTTP leads to HTTPS for good."""
    parts = urlsplit(url)
    found = check("https-redirect")
    if parts.scheme == "http" or parts.port not in (None, 443):
        return found.untold(subject, f"{url} has no counterpart on port 80", elsewhere=True)
    try:
        answer = await web.get(f"http://{parts.hostname}/")
    except httpx.HTTPError as error:
        # Port 80 may be closed altogether: then nothing is served in plain, and nobody is led on either.
        return found.failed(subject, f"http://{parts.hostname}/ does not answer: {why(error)}")
    to = answer.headers.get("location", "nowhere")
    led = urlsplit(to)
    well = answer.status_code in _PERMANENT and (led.scheme, led.hostname) == ("https", parts.hostname)
    return found.judged(
        subject,
        "" if well else f"http://{parts.hostname}/ answers {answer.status_code} to {to}, expected 308 to {url}/",
        f"http leads to {to} for good ({answer.status_code})",
        cause="the redirect's IngressRoute is not there, or its Middleware is not",
        resource=f"IngressRoute of {parts.hostname} on entry point web",
    )


async def _expiry(target: Target, host: str, port: int) -> datetime:
    trusted = context(target.trust)
    address = target.address_of(host) or host
    _, writer = await asyncio.open_connection(address, port, ssl=trusted, server_hostname=host)
    try:
        seen: ssl.SSLObject = writer.get_extra_info("ssl_object")
        shown = seen.getpeercert() or {}
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)
    finally:
        # Nothing was said, so there is nothing to say goodbye to: a server that waits would keep us waiting too.
        writer.transport.abort()
        with suppress(OSError):
            await writer.wait_closed()


def on_this_machine(target: Target, host: str) -> bool:
    """Say whether a host is this machine's own address, which nobody else can listen to."""
    try:
        return ipaddress.ip_address(target.address_of(host) or "").is_loopback
    except ValueError:
        return False


def _plain(target: Target, subject: str, host: str) -> Result:
    if on_this_machine(target, host):
        return check("certificate").untold(subject, f"{host} is served in plain on this machine", elsewhere=True)
    return check("certificate").failed(
        subject, f"http://{host} is plain HTTP, expected https", cause="the address is not https", remedy="name it so"
    )


def _refused(subject: str, message: str) -> Result:
    return check("certificate").failed(
        subject,
        message,
        cause="the certificate was not renewed, is another host's, or its authority is not trusted here",
        resource=f"TLS certificate of {subject}",
        remedy="look at the Certificate and its Secret; --ca FILE trusts an authority of your own",
    )
