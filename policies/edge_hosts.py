"""Hosts at Cloudflare's edge: who claims one, and which DNS records stand for it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from policies import cloudflare
from policies.account import Account
from policies.resources import Resource
from policies.values import UNKNOWN, Path, scalar

DOMAINS: Final = {
    cloudflare.WORKERS_CUSTOM_DOMAIN: "hostname",
    cloudflare.R2_CUSTOM_DOMAIN: "domain",
    cloudflare.PAGES_DOMAIN: "name",
}
"""Types that give a whole host to one thing, and where they name it."""
_ADDRESSES: Final = frozenset({"A", "AAAA", "CNAME"})
_PATTERN: Final = re.compile(r"(?:(https?)://)?([^/]*)(/.*)?", re.IGNORECASE | re.DOTALL)
_SIMPLE_ZONE: Final = 2


@dataclass(frozen=True, slots=True)
class Pattern:
    """A route's pattern in its parts; ``path`` is empty where none is written."""

    scheme: str
    host: str
    path: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two patterns one: hosts compare without case, and no path is the root."""
        return self.scheme, self.host, self.path or "/"


def pattern(text: str) -> Pattern:
    """Cut a route's pattern into scheme, host and path; any text has some."""
    match = _PATTERN.fullmatch(text)
    scheme, host, path = match.groups() if match else ("", text, "")
    return Pattern((scheme or "").lower(), host.lower(), path or "")


def domain_of(resource: Resource) -> tuple[Path, str | None]:
    """Give the host that a custom domain takes, and its path."""
    name = DOMAINS[cloudflare.type_of(resource)]
    value = cloudflare.text(resource, name)
    return (name,), value.lower().rstrip(".") if value else None


class Records:
    """The address records of a stack's zones, by every host that each may stand for."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def of(self, host: str, zone: Any) -> Iterator[Resource]:  # noqa: ANN401  (a zone's id, may be unknown)
        """Give the records of a host, whether they name it whole or within its zone."""
        yield from self._by_name.get(host, ())
        first, _, rest = host.partition(".")
        for record in self._by_name.get(first, ()):
            same_zone = isinstance(zone, str) and scalar(record.inputs, "zoneId") == zone
            if rest in self._zones or (same_zone and rest.count(".") == _SIMPLE_ZONE - 1):
                yield record
        if host in self._zones:
            yield from (record for record in self._by_name.get("@", ()) if scalar(record.inputs, "zoneId") == zone)

    @cached_property
    def _by_name(self) -> dict[str, list[Resource]]:
        index: dict[str, list[Resource]] = defaultdict(list)
        for record in self._account.of(cloudflare.DNS_RECORD):
            name = cloudflare.text(record, "name")
            if name and scalar(record.inputs, "type") in _ADDRESSES:
                index[name.lower().rstrip(".")].append(record)
        return index

    @cached_property
    def _zones(self) -> frozenset[str]:
        return frozenset(_names(self._account))


def _names(account: Account) -> Iterable[str]:
    for domain in account.of(cloudflare.WORKERS_CUSTOM_DOMAIN):
        if name := cloudflare.text(domain, "zoneName"):
            yield name.lower()
    for zone in account.of(cloudflare.ZONE):
        named = cloudflare.name_of(zone)[1]
        if isinstance(named, str):
            yield named.lower()


def zone_of(resource: Resource, zones: dict[str, str]) -> str | None:
    """Give the name of the zone that a resource says it is in; ``zones`` leads from ids to names."""
    if name := cloudflare.text(resource, "zoneName"):
        return name.lower()
    identifier = scalar(resource.inputs, "zoneId")
    return zones.get(identifier) if identifier is not UNKNOWN else None


def zones(account: Account) -> dict[str, str]:
    """Give the names of the stack's zones by their ids, as far as both are known."""
    found = {}
    for zone in account.of(cloudflare.ZONE):
        name, identifier = cloudflare.name_of(zone)[1], cloudflare.identifier_of(zone)
        if isinstance(name, str) and identifier:
            found[identifier] = name.lower()
    return found
