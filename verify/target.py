"""What is verified: shops and their checkout, where they are, and what is known of them beforehand.

What isn't known (of two bare addresses hardly anything is) is not expected, and the checks say so.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from fleet import naming
from fleet.catalogue import TEST_SKU
from fleet.errors import UsageError
from fleet.model import FleetSpec, ProductSpec, VariantSpec, WorkloadSpec

CHECKOUT = "checkout"
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Release:
    """One version that may answer, and on which track; ``weight`` is its share of the traffic in percent."""

    track: str
    version: str
    weight: int = field(default=100, compare=False)

    def __str__(self) -> str:
        return f"{self.version} ({self.track})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A product as the plan has it; ``amount`` in the currency's smallest unit."""

    sku: str
    amount: int
    currency: str
    test: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """One shop. An empty ``theme``, no ``releases`` or no ``products`` mean that they are not known."""

    name: str
    url: str
    theme: str = ""
    releases: frozenset[Release] = frozenset()
    products: tuple[Product, ...] = ()

    @property
    def host(self) -> str:
        """The host name."""
        return urlsplit(self.url).hostname or ""

    @property
    def test_product(self) -> Product | None:
        """The marked product that a test may buy; None where the catalogue is not known."""
        return next((product for product in self.products if product.test), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterAccess:
    """kubectl for the cluster: the words that every call starts with, and the fleet's namespace."""

    command: tuple[str, ...]
    namespace: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A fleet to verify.

    ``checkout`` is its address; ``trust`` a file with certificates to trust beside the system's; ``resolve`` has the
    address of hosts that DNS need not know; ``token`` opens test orders; ``spec`` is the stack, where there is one;
    ``registry`` a mirror that answers for all registries.
    """

    name: str
    purpose: str
    shops: tuple[Shop, ...]
    checkout: str
    checkout_releases: frozenset[Release] = frozenset()
    trust: Path | None = None
    resolve: Mapping[str, str] = field(default_factory=dict)
    token: str | None = field(default=None, repr=False)
    cluster: ClusterAccess | None = None
    spec: FleetSpec | None = None
    registry: str = ""

    def __post_init__(self) -> None:
        if self.token and urlsplit(self.checkout).scheme == "http" and not self._is_here(self.checkout_host):
            raise UsageError(f"--checkout {self.checkout}: the token would be sent in clear; name its https address")

    @property
    def checkout_host(self) -> str:
        """The checkout's host name."""
        return urlsplit(self.checkout).hostname or ""

    @property
    def namespace(self) -> str:
        """The fleet's namespace, empty where none is known."""
        if self.cluster is not None:
            return self.cluster.namespace
        return self.spec.namespace if self.spec is not None else ""

    def resource(self, kind: str, name: str) -> str:
        """Give a resource's name as results have it; without its namespace where none is known."""
        return "/".join(filter(None, (kind, self.namespace, name)))

    def mirrored(self, registry: str) -> Target:
        """Give the same target with a mirror that answers for all registries."""
        return replace(self, registry=registry)

    def address_of(self, host: str) -> str | None:
        """Give the address to connect to without asking DNS; None where DNS is to be asked.

        ``localhost`` and all below it are the loopback address, whatever a resolver says (RFC 6761, 6.3).
        """
        if host in self.resolve:
            return self.resolve[host]
        if host == "localhost" or host.endswith(".localhost"):
            return LOOPBACK
        return host if _is_address(host) else None

    def _is_here(self, host: str) -> bool:
        """Say whether what is sent to a host stays on this machine."""
        address = self.address_of(host)
        return address is not None and _is_address(address) and ipaddress.ip_address(address).is_loopback


def from_fleet(
    spec: FleetSpec,
    *,
    only: tuple[str, ...] = (),
    trust: Path | None = None,
    resolve: Mapping[str, str] | None = None,
    token: str | None = None,
    cluster: ClusterAccess | None = None,
) -> Target:
    """Give the target of a stack, of the shops in ``only`` or of all; raises UsageError for a shop it doesn't have."""
    known = {variant.name: variant for variant in spec.variants}
    for name in only:
        if name not in known:
            raise UsageError(f"--shop {name}: stack {spec.stack} has no such shop; it has {', '.join(known)}")
    return Target(
        name=spec.stack,
        purpose=spec.purpose,
        shops=tuple(_shop(known[name]) for name in only or known),
        checkout=spec.checkout.workload.url,
        checkout_releases=_releases(spec.checkout.workload),
        trust=trust,
        resolve=resolve or {},
        token=token,
        cluster=cluster,
        spec=spec,
    )


def from_urls(
    shop: str,
    checkout: str,
    *,
    trust: Path | None = None,
    resolve: Mapping[str, str] | None = None,
    token: str | None = None,
    name: str = "",
) -> Target:
    """Give the target of two addresses, a shop's and the checkout's; raises UsageError where one is no origin.

    Nothing is known of their purpose, so that what is only for tests (a card) stays with test keys.
    """
    for label, address in (("TARGET", shop), ("--checkout", checkout)):
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
            raise UsageError(f"{label} {address!r}: is no origin; write it like https://shop.example.com")
    shop, checkout = shop.rstrip("/"), checkout.rstrip("/")
    known = Shop(name=name or urlsplit(shop).hostname or "", url=shop)
    return Target(
        name=shop, purpose="test", shops=(known,), checkout=checkout, trust=trust, resolve=resolve or {}, token=token
    )


def workload_of(subject: str) -> str:
    """Give how the Deployment, the Service and the route of a shop or the checkout are called."""
    return naming.CHECKOUT if subject == CHECKOUT else naming.storefront(subject)


def _shop(variant: VariantSpec) -> Shop:
    return Shop(
        name=variant.name,
        url=variant.workload.url,
        theme=variant.theme,
        releases=_releases(variant.workload),
        products=tuple(map(_product, variant.catalogue)),
    )


def _product(spec: ProductSpec) -> Product:
    return Product(sku=spec.sku, amount=spec.price, currency=spec.currency, test=spec.sku == TEST_SKU)


def _releases(workload: WorkloadSpec) -> frozenset[Release]:
    return frozenset(
        Release(release.track.value, release.image.version, release.weight)
        for release in workload.releases
        if release.weight
    )


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
