"""What a tag stands for now, asked of the registry by the OCI distribution specification; one HEAD for each image.

Pods know what was pulled; only the registry knows whether that is still what the tag names.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from verify.web import TIMEOUT_SECONDS, why

_MANIFESTS = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
"""An index first, as container runtimes ask: a pod's imageID is the digest of what the tag named."""
_DIGEST = "docker-content-digest"
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')
DOCKER_HUB = "docker.io"
_HUB_API = "registry-1.docker.io"
"""Where Docker Hub's API is (Docker documentation, Registry)."""


class UntoldError(Exception):
    """The registry did not say; one line with its reason."""


@dataclass(frozen=True, slots=True)
class Registry:
    """Asks registries. ``mirror`` answers for all of them where there is one, as containerd asks it (hosts.md, ns).

    ``logins`` has ``user:password`` in base64 by host, as pull secrets do.
    """

    mirror: str = ""
    logins: Mapping[str, str] | None = None

    async def digest(self, reference: str) -> str:
        """Give the digest that a whole reference, host and tag and all, stands for now; raises UntoldError."""
        host, _, named = reference.partition("/")
        repository, _, tag = named.rpartition(":")
        api = self.mirror or f"https://{_HUB_API if host == DOCKER_HUB else host}"
        query = {"ns": host} if self.mirror else {}
        # A mirror is this machine's own: no proxy stands before it.
        async with httpx.AsyncClient(
            timeout=TIMEOUT_SECONDS, headers={"Accept": ", ".join(_MANIFESTS)}, trust_env=not self.mirror
        ) as http:
            try:
                url = f"{api}/v2/{repository}/manifests/{tag}"
                answer = await http.head(url, params=query)
                if answer.status_code == 401:
                    headers = await self._authorized(http, host, answer.headers.get("www-authenticate", ""))
                    answer = await http.head(url, params=query, headers=headers)
            except (httpx.HTTPError, ValueError, KeyError) as error:
                raise UntoldError(f"{host}: {why(error)}") from None
        if answer.status_code != 200 or _DIGEST not in answer.headers:
            raise UntoldError(f"{host} answers {answer.status_code} for {repository}:{tag}")
        return answer.headers[_DIGEST]

    async def _authorized(self, http: httpx.AsyncClient, host: str, challenge: str) -> dict[str, str]:
        """Give the header that a challenge asks for (distribution documentation, Token authentication)."""
        login = (self.logins or {}).get(host)
        basic = {"Authorization": f"Basic {login}"} if login else {}
        if not challenge.lower().startswith("bearer"):
            return basic
        asked = dict(_CHALLENGE.findall(challenge))
        answer = await http.get(asked.pop("realm"), params=asked, headers=basic)
        token = answer.raise_for_status().json()
        return {"Authorization": f"Bearer {token.get('token') or token['access_token']}"}


def logins(secrets: Mapping[str, str]) -> dict[str, str]:
    """Give the logins in a fleet's pull secrets, by host; what is none is passed over."""
    found: dict[str, str] = {}
    for name, value in secrets.items():
        if name.endswith("key .dockerconfigjson"):
            for host, entry in _auths(value).items():
                user, password = entry.get("username"), entry.get("password")
                plain = base64.b64encode(f"{user}:{password}".encode()).decode() if user and password else ""
                found[host.removeprefix("https://").split("/")[0]] = str(entry.get("auth") or plain)
    return {host: login for host, login in found.items() if login}


def _auths(value: str) -> Mapping[str, Mapping[str, str]]:
    try:
        auths = json.loads(value).get("auths", {})
    except (ValueError, AttributeError):
        return {}
    return auths if isinstance(auths, dict) else {}
