"""A Kubernetes API server over HTTP, found as client-go finds it: kubeconfig, context, discovery."""

from __future__ import annotations

import base64
import json
import os
import ssl
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

Manifest = dict[str, Any]
APPLY = "application/apply-patch+yaml"
JSON_PATCH = "application/json-patch+json"


class ApiError(Exception):
    """The API server's refusal: its status code, reason and message."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason


class UnknownKindError(ApiError):
    """The API server serves no such apiVersion and kind."""

    def __init__(self, version: str, kind: str) -> None:
        super().__init__(404, "NotFound", f'no matches for kind "{kind}" in version "{version}"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The cluster and user that a kubeconfig (a path, or its text) names under a context."""

    cluster: Manifest
    user: Manifest

    @classmethod
    def of(cls, kubeconfig: str | None, context: str | None) -> Target:
        """Read it; without a kubeconfig the one in KUBECONFIG or the home directory is used."""
        text = kubeconfig or os.environ.get("KUBECONFIG") or str(Path.home() / ".kube" / "config")
        read = yaml.safe_load(text if "\n" in text or text.startswith("{") else Path(text).read_text())
        chosen = _named(read["contexts"], context or read["current-context"])["context"]
        cluster = _named(read["clusters"], chosen["cluster"])["cluster"]
        return cls(cluster=cluster, user=_named(read["users"], chosen["user"]).get("user") or {})


class ApiServer:
    """The calls that a provider makes, strictly validated; every refusal is raised as ApiError."""

    def __init__(self, target: Target) -> None:
        token = target.user.get("token")
        self._http = httpx.Client(
            base_url=target.cluster["server"],
            verify=_trust(target),
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=30,
        )
        self._lock = threading.Lock()
        self._kinds: dict[tuple[str, str], Manifest] = {}

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def serves(self, manifest: Manifest) -> bool:
        """Tell whether the kind of the manifest is known to the server."""
        try:
            self.path(manifest)
        except UnknownKindError:
            return False
        return True

    def path(self, manifest: Manifest, *, named: bool = False) -> str:
        """Give the path of the manifest's collection, or of the object itself; raises UnknownKindError."""
        kind = self._kind(manifest["apiVersion"], manifest["kind"])
        metadata = manifest["metadata"]
        place = f"/namespaces/{metadata.get('namespace') or 'default'}" if kind["namespaced"] else ""
        collection = f"{_group(manifest['apiVersion'])}{place}/{kind['name']}"
        return f"{collection}/{metadata['name']}" if named else collection

    def get(self, manifest: Manifest) -> Manifest:
        """Read the object that the manifest names."""
        return self._answer(self._http.get(self.path(manifest, named=True)))

    def lists(self, path: str, **query: str) -> list[Manifest]:
        """List a collection."""
        items: list[Manifest] = self._answer(self._http.get(path, params=query)).get("items") or []
        return items

    def post(self, manifest: Manifest, *, manager: str, dry_run: bool) -> Manifest:
        """Create the object; one that exists is refused with 409 AlreadyExists."""
        query = {"fieldManager": manager, **_strictly(dry_run=dry_run)}
        return self._answer(self._http.post(self.path(manifest), params=query, json=manifest))

    def apply(self, manifest: Manifest, *, manager: str, force: bool, dry_run: bool) -> Manifest:
        """Apply the object on the server's side; a field of another manager is refused with 409 Conflict."""
        query = {"fieldManager": manager, "force": str(force).lower(), **_strictly(dry_run=dry_run)}
        body = json.dumps(manifest)
        headers = {"Content-Type": APPLY}
        path = self.path(manifest, named=True)
        return self._answer(self._http.patch(path, params=query, content=body, headers=headers))

    def json_patch(self, manifest: Manifest, patch: list[Manifest]) -> Manifest:
        """Patch the object that the manifest names by RFC 6902."""
        headers = {"Content-Type": JSON_PATCH}
        path = self.path(manifest, named=True)
        return self._answer(self._http.patch(path, content=json.dumps(patch), headers=headers))

    def delete(self, manifest: Manifest, *, propagation: str) -> None:
        """Begin to delete the object."""
        path = self.path(manifest, named=True)
        self._answer(self._http.request("DELETE", path, json={"propagationPolicy": propagation}))

    def _kind(self, version: str, kind: str) -> Manifest:
        with self._lock:
            if (version, kind) not in self._kinds:
                self._discover(version)
            if found := self._kinds.get((version, kind)):
                return found
        raise UnknownKindError(version, kind)

    def _discover(self, version: str) -> None:
        response = self._http.get(_group(version))
        for entry in response.json().get("resources", []) if response.is_success else []:
            if "/" not in entry["name"]:
                self._kinds[version, entry["kind"]] = entry

    @staticmethod
    def _answer(response: httpx.Response) -> Manifest:
        answer: Manifest = response.json()
        if response.is_success:
            return answer
        raise ApiError(response.status_code, answer.get("reason", ""), answer.get("message", response.text))


def _group(version: str) -> str:
    return f"/apis/{version}" if "/" in version else f"/api/{version}"


def _strictly(*, dry_run: bool) -> dict[str, str]:
    return {"fieldValidation": "Strict"} | ({"dryRun": "All"} if dry_run else {})


def _named(entries: list[Manifest], name: str) -> Manifest:
    return next(entry for entry in entries if entry["name"] == name)


def _trust(target: Target) -> ssl.SSLContext | bool:
    if not target.cluster["server"].startswith("https"):
        return False
    context = ssl.create_default_context()
    if target.cluster.get("insecure-skip-tls-verify"):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif authority := _file(target.cluster, "certificate-authority"):
        context.load_verify_locations(authority)
    if certificate := _file(target.user, "client-certificate"):
        context.load_cert_chain(certificate, _file(target.user, "client-key"))
    return context


def _file(entry: Manifest, key: str) -> str | None:
    if data := entry.get(f"{key}-data"):
        with tempfile.NamedTemporaryFile(delete=False) as file:
            file.write(base64.b64decode(data))
        return file.name
    path: str | None = entry.get(key)
    return path
