"""Traefik in front of the pods: HTTPS on loopback for every host, with a certificate of the local authority."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from fleet.errors import PlaceError
from sandbox import certificate, ports
from sandbox.node.addresses import ADDRESS, HTTP, HTTPS
from sandbox.node.daemons import Daemon
from sandbox.tools import TRAEFIK

DEFAULT_HOSTS = ("localhost",)
"""Whom the certificate is for that hosts without one of their own get; every fleet brings its own."""
PANEL = "traefik"
"""The name of the port for the API, metrics and pings, as in ``ControlPlane``'s ports."""


def daemon(folder: Path, *, kubeconfig: Path, panel: int, log: Path) -> Daemon:
    """Write the configuration into ``folder`` and give the process; ``panel`` is a free port of loopback."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    entry_points = {
        "web": f"{ports.LOOPBACK}:{HTTP}",
        "websecure": f"{ports.LOOPBACK}:{HTTPS}",
        "pods-web": f"{ADDRESS}:{HTTP}",
        "pods-websecure": f"{ADDRESS}:{HTTPS}",
        "traefik": f"{ports.LOOPBACK}:{panel}",
    }
    arguments = (
        *(f"--entryPoints.{name}.address={address}" for name, address in entry_points.items()),
        "--api.insecure=true",
        "--ping=true",
        "--metrics.prometheus=true",
        "--metrics.prometheus.addRoutersLabels=true",
        "--accesslog=true",
        "--log.level=INFO",
        "--global.checkNewVersion=false",
        "--global.sendAnonymousUsage=false",
        "--providers.kubernetescrd=true",
        f"--providers.file.filename={folder / 'dynamic.yaml'}",
    )
    write_dynamic(folder, DEFAULT_HOSTS)
    environment = {**os.environ, "KUBECONFIG": str(kubeconfig)}
    return Daemon(
        name="traefik",
        program=TRAEFIK.path,
        arguments=arguments,
        log=log,
        health=f"http://{ports.LOOPBACK}:{panel}/ping",
        environment=environment,
    )


def write_dynamic(folder: Path, hosts: Iterable[str]) -> None:
    """Write the default certificate, and what lets pods reach the shops by the same names as a browser."""
    file = folder / "dynamic.yaml"
    if file.exists():
        return
    chain, key = certificate.signed(list(hosts))
    for name, content in (("tls.crt", chain), ("tls.key", key)):
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o600)
    default = {"certFile": str(folder / "tls.crt"), "keyFile": str(folder / "tls.key")}
    relays = {"web": HTTP, "websecure": HTTPS}
    dynamic: dict[str, Any] = {
        "tls": {"stores": {"default": {"defaultCertificate": default}}},
        "tcp": {
            "routers": {
                f"pods-{name}": {
                    "rule": "HostSNI(`*`)",
                    "entryPoints": [f"pods-{name}"],
                    "service": f"pods-{name}",
                    **({"tls": {"passthrough": True}} if name == "websecure" else {}),
                }
                for name in relays
            },
            "services": {
                f"pods-{name}": {"loadBalancer": {"servers": [{"address": f"{ports.LOOPBACK}:{port}"}]}}
                for name, port in relays.items()
            },
        },
    }
    file.write_text(yaml.safe_dump(dynamic), encoding="utf-8")


def refuse_taken_ports() -> None:
    """Raise PlaceError when somebody else serves where the shops would be."""
    if taken := [str(port) for port in (HTTP, HTTPS) if not ports.is_free(port)]:
        raise PlaceError(
            f"port {' and '.join(taken)}: in use on this machine, and the shops' addresses name no other; "
            "stop what listens there, or use --simulated"
        )
