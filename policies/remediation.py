"""Fixes that are certain, for those who opt in: the pull policy of an image that moves, Traefik's dead API group.

A fix is made of a finding, so what no rule finds is never touched, and an exempted finding is left as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from policies.findings import Finding
from policies.images import parse
from policies.rules.api_groups import DEAD_GROUP, LIVE_API, LIVE_GROUP, LIVE_VERSION
from policies.rules.pull_policy import PULL_POLICY
from policies.values import Path, at

ALWAYS: Final = "Always"
_CARRIED_OVER: Final = frozenset(
    {"IngressRoute", "IngressRouteTCP", "IngressRouteUDP", "MiddlewareTCP", "ServersTransport", "TLSOption", "TLSStore"}
    | {"TraefikService", "Middleware"}
)
"""Kinds of the dead group that the live one has under the same name (Traefik, "Migrate from v2 to v3")."""


@dataclass(frozen=True, slots=True)
class Fix:
    """A field and the value that it gets."""

    path: Path
    value: Any


def fixes(findings: Iterable[Finding]) -> Iterator[Fix]:
    """Give the fixes of those findings that have one and only one."""
    for finding in findings:
        if finding.rule is PULL_POLICY:
            yield from _pull_policy(finding)
        elif finding.rule is LIVE_API:
            yield from _api_group(finding)


def _pull_policy(finding: Finding) -> Iterator[Fix]:
    container = finding.path[:-1]
    written = at(finding.resource.inputs, *container, "image")
    image = parse(written) if isinstance(written, str) else None
    if image is not None and image.mutable:
        yield Fix((*container, "imagePullPolicy"), ALWAYS)


def _api_group(finding: Finding) -> Iterator[Fix]:
    group, _, kind = finding.resource.api
    if group.lower() == DEAD_GROUP and kind in _CARRIED_OVER:
        yield Fix(("apiVersion",), f"{LIVE_GROUP}/{LIVE_VERSION}")
