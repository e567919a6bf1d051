"""Host names: which ones a client can ask for, which ones Kubernetes takes, and what a certificate's names cover."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from typing import Final

from policies.patterns import PatternError, compile_pattern

_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?", re.IGNORECASE | re.ASCII)
_SUBDOMAIN: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*", re.ASCII)
_TEMPLATE: Final = re.compile(r"\$\{|\{\{|\$\(|\[\[|<[^<>]+>|@@|\$[A-Za-z_]|__[A-Z_]+__|%[A-Z_]+%")
_LONGEST: Final = 253
_LONGEST_LABEL: Final = 63
_PROBES: Final = ("a", "x9.example", "deep.er.host-name.invalid", "xn--p1ai.test", "192.0.2.1")


def is_template(host: str) -> bool:
    """Say whether a name is still to be filled in by another tool, such as ``shop.${DOMAIN}``."""
    return _TEMPLATE.search(host) is not None


def problem(host: str) -> str | None:
    """Say why no client can ask for ``host``, in words that follow the host; None when one can.

    A proxy looks at the name alone: without scheme, port or path, as in a request's Host header.
    """
    if is_address(host):
        return None
    name = host.removesuffix(".")
    if "*" in name:
        return "has a wildcard, which stands for nothing here"
    return _in_words(host) or _too_long(name) or next(filter(None, map(_label_problem, name.split("."))), None)


def kubernetes_problem(host: str) -> str | None:
    """Say why the API server refuses ``host`` in an Ingress or a Gateway's route; None when it takes it."""
    name = host.removeprefix("*.")
    if is_address(host):
        return "is an IP address, where only a name may stand"
    if "*" in name:
        return "has a wildcard that is not the whole first label of a longer name"
    if found := _in_words(name):
        return found
    if name != name.lower():
        return "has upper-case letters, which Kubernetes refuses"
    if not _SUBDOMAIN.fullmatch(name):
        return "is no name of lower-case letters, digits, '-' and '.' that Kubernetes takes"
    return _too_long(host) or next(filter(None, map(_label_problem, name.split("."))), None)


def _too_long(name: str) -> str | None:
    return f"is longer than the {_LONGEST} characters that DNS allows" if len(name) > _LONGEST else None


def _label_problem(label: str) -> str | None:
    if not label:
        return "has an empty label: a dot too many"
    if len(label) > _LONGEST_LABEL:
        return f"has a label longer than the {_LONGEST_LABEL} characters that DNS allows"
    return None if _LABEL.fullmatch(label) else f"has the label {label!r}, which is no part of a host name"


def _in_words(host: str) -> str | None:
    """Say what is wrong in the words of the mistake, for the common ones."""
    if "://" in host:
        return "has a scheme, where only a name may stand"
    if any(char.isspace() for char in host):
        return "has a space in it"
    if "/" in host:
        return "has a path, where only a name may stand"
    if re.search(r":\d+$", host) and not is_address(host):
        return "has a port, where only a name may stand"
    return None


def matches_everything(text: str) -> bool:
    """Say whether a pattern for hosts takes any host, going by some that nobody would name."""
    try:
        pattern = compile_pattern(text)
    except PatternError:
        return False
    return pattern.is_comparable and all(pattern.found_in(probe) for probe in _PROBES)


def is_address(host: str) -> bool:
    """Say whether a host is an IP address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def covered(host: str, names: Iterable[str]) -> bool:
    """Say whether a certificate for ``names`` is one for ``host``; a wildcard stands for one label (RFC 6125)."""
    wanted = host.lower().removesuffix(".")
    parent = wanted.partition(".")[2]
    offered = {name.lower().removesuffix(".") for name in names}
    return wanted in offered or (bool(parent) and f"*.{parent}" in offered)
