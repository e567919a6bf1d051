"""What ``flotilla verify`` is pointed at: a stack in the sandbox, a stack elsewhere, or two bare addresses."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fleet import naming
from fleet.errors import FlotillaError, PlaceError, UsageError
from fleet.model import FleetSpec
from ops import stackfile
from sandbox import authority, foreign
from sandbox.cluster import CONTEXT, Cluster
from sandbox.kubectl import Kubectl, find_kubectl
from sandbox.ports import LOOPBACK
from verify.target import ClusterAccess, Target, from_fleet, from_urls

TOKEN_VARIABLE = "FLOTILLA_VERIFY_TOKEN"  # noqa: S105  (a variable's name)
TOKEN_KEY = "token"  # noqa: S105  (a key's name)
"""In the Secret by which test orders open (manifests/secrets.py)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What was said on the command line; None and empty where nothing was."""

    config: Path | None = None
    shops: tuple[str, ...] = ()
    checkout: str | None = None
    token_file: Path | None = None
    ca: Path | None = None
    kubeconfig: Path | None = None
    context: str | None = None
    cluster: bool = True
    resolve: tuple[str, ...] = ()


def find(target: str, options: Options) -> Target:
    """Give the target; raises UsageError for what can't be read, PlaceError where the sandbox does not run."""
    if "://" in target:
        return _addresses(target, options)
    spec = stackfile.read(target, options.config).fleet()
    if options.checkout:
        raise UsageError("--checkout: a stack knows its own; give it with a shop's address only")
    kubectl = _kubectl(spec, options) if options.cluster else None
    sandboxed = is_sandbox(spec, options)
    found = from_fleet(
        spec,
        only=options.shops,
        trust=options.ca or (authority.path() if sandboxed else None),
        resolve=_resolved(options.resolve),
        token=_token(options) or (secret_token(kubectl, spec.namespace) if kubectl else None),
        cluster=ClusterAccess(command=tuple(kubectl.command), namespace=spec.namespace) if kubectl else None,
    )
    return found.mirrored(_mirror()) if sandboxed else found


def is_sandbox(spec: FleetSpec, options: Options) -> bool:
    """Say whether a stack's cluster is the sandbox of this machine: by its context, and unless another is named."""
    return spec.cluster.context == CONTEXT and not (options.kubeconfig or options.context or foreign.is_named())


def _mirror() -> str:
    """Give the sandbox's own registry, which answers for all; empty where no node runs."""
    known = Cluster().record
    return f"http://{LOOPBACK}:{known.ports['registry']}" if known is not None and known.real else ""


def _addresses(target: str, options: Options) -> Target:
    if not options.checkout:
        raise UsageError(f"{target}: is a shop's address; name its checkout's too: --checkout https://...")
    if options.shops or options.config:
        raise UsageError(f"{target}: is one shop and no stack; leave --shop and --config out")
    return from_urls(
        target, options.checkout, trust=options.ca, resolve=_resolved(options.resolve), token=_token(options)
    )


def _kubectl(spec: FleetSpec, options: Options) -> Kubectl:
    if is_sandbox(spec, options):
        cluster = Cluster()
        if cluster.record is None:
            raise PlaceError(
                f"stack {spec.stack}: its sandbox does not run; `flotilla sandbox up {spec.stack}` starts it"
            )
        return cluster.kubectl
    # A foreign kubeconfig's own context counts, as for `flotilla sandbox`: a stack's context is the sandbox's there.
    named = options.context or (None if spec.cluster.context == CONTEXT else spec.cluster.context)
    return Kubectl(path=find_kubectl(), kubeconfig=options.kubeconfig, context=named)


def secret_token(kubectl: Kubectl, namespace: str) -> str | None:
    """Give the token that the fleet's checkout takes; None where the cluster doesn't have it or doesn't tell."""
    try:
        secret = kubectl.json("get", "secret", naming.VERIFY_SECRET, "-n", namespace, "--ignore-not-found")
    except FlotillaError:
        # What the cluster does not tell is said by the checks that need it.
        return None
    try:
        return base64.b64decode(secret["data"][TOKEN_KEY]).decode().strip() if secret else None
    except (KeyError, binascii.Error, UnicodeDecodeError):
        raise UsageError(
            f"Secret {namespace}/{naming.VERIFY_SECRET}: has no key {TOKEN_KEY} with a text; put the token there"
        ) from None


def _token(options: Options) -> str | None:
    if options.token_file is None:
        return os.environ.get(TOKEN_VARIABLE) or None
    try:
        token = options.token_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--token-file {options.token_file}: can't be read: {error}") from None
    if not token:
        raise UsageError(f"--token-file {options.token_file}: is empty; it must hold the token")
    return token


def _resolved(given: Sequence[str]) -> Mapping[str, str]:
    pairs = [one.partition("=") for one in given]
    for host, equals, address in pairs:
        if not (host and equals and address):
            raise UsageError(f"--resolve {host}{equals}{address}: is no HOST=ADDRESS; write shop.example.com=192.0.2.1")
    return {host: address for host, _, address in pairs}
