"""ClearWatch's own check, as honest as it was: is it a 200, and is there a button to buy? Nothing else is looked at."""

from __future__ import annotations

import ssl
from dataclasses import dataclass

import httpx

from sandbox import authority, ports

BUTTON = "data-buy"
"""What was grepped for."""
ALLOWED = "access-control-allow-origin"


@dataclass(frozen=True, slots=True)
class Status:
    """What `curl` and `grep -c` said."""

    host: str
    code: int
    buttons: int

    def __str__(self) -> str:
        """Give it as the two commands would print it."""
        return f"{self.asked}\n$ grep -c {BUTTON} page.html\n{self.buttons}"

    @property
    def asked(self) -> str:
        """The first of the two."""
        return f"$ curl -s -o page.html -w '%{{http_code}}\\n' https://{self.host}/\n{self.code}"


def look(host: str) -> Status:
    """Look at a shop's first page over loopback; raises httpx.HTTPError."""
    answer = ask("GET", host, "/")
    lines = answer.text.splitlines()
    return Status(host=host, code=answer.status_code, buttons=sum(BUTTON in line for line in lines))


def preflight(checkout: str, origin: str) -> str | None:
    """Ask the checkout as a browser does before the buy button's call; gives the origin it allows."""
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    try:
        allowed: str | None = ask("OPTIONS", checkout, "/api/checkout", headers).headers.get(ALLOWED)
    except httpx.HTTPError:
        return None
    return allowed


def ask(method: str, host: str, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
    """Ask a host on loopback, trusting the sandbox's authority, as a browser does every name under localhost."""
    trusted = ssl.create_default_context(cafile=authority.path())
    with httpx.Client(verify=trusted, trust_env=False, timeout=30) as client:
        return client.request(
            method,
            f"https://{ports.LOOPBACK}{path}",
            headers={"Host": host, **(headers or {})},
            extensions={"sni_hostname": host},
        )
