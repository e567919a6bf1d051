"""The shop that an image is told to be: ``shop.json`` read and checked."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from storefront import money

SAMPLE = Path(__file__).parent / "sample_shop.json"
"""What is served without a SHOP_FILE; its catalogue stands in for one that a shop.json lacks."""
_SKU = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_NAME = re.compile(r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_CURRENCY = re.compile(r"[A-Z]{3}")


class ShopError(Exception):
    """What is wrong with a shop.json, in one line: file, place, value, rule, remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One product; its price is in the currency's minor units."""

    sku: str
    name: str
    description: str
    price: int
    currency: str
    test: bool = False
    """Whether only a test buys it: it has a page, and stands on no shelf."""

    @property
    def shown_price(self) -> str:
        """The price as a customer reads it."""
        return money.formatted(self.price, self.currency)

    @property
    def plain_price(self) -> str:
        """The price as a machine reads it."""
        return money.decimal(self.price, self.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """One variant of the fleet."""

    variant: str
    theme: str
    url: str
    checkout_url: str
    catalogue: tuple[Product, ...]

    @property
    def shelf(self) -> tuple[Product, ...]:
        """What is for sale to anybody."""
        return tuple(product for product in self.catalogue if not product.test)


def read(path: Path) -> Shop:
    """Read a shop; ShopError says in one line what is wrong with the file."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ShopError(f"{path}: can't be read ({error}); mount the shop's shop.json there") from error
    return parse(raw, str(path))


def parse(raw: object, source: str) -> Shop:
    """Check a shop that was read from ``source``."""
    written = _mapping(raw, source)
    return Shop(
        variant=_text(written, "variant", source, _NAME),
        theme=_text(written, "theme", source, _NAME),
        url=_origin(written, "url", source),
        checkout_url=_origin(written, "checkoutUrl", source),
        catalogue=_catalogue(written, source),
    )


def _catalogue(written: Mapping[str, Any], source: str) -> tuple[Product, ...]:
    if "catalogue" not in written:
        return read(SAMPLE).catalogue
    listed = written["catalogue"]
    if not isinstance(listed, list) or not listed:
        raise ShopError(f"{source}: catalogue: {listed!r} is no list of products; name at least one")
    products = tuple(_product(one, f"{source}: catalogue[{index}]") for index, one in enumerate(listed))
    if len({product.sku for product in products}) < len(products):
        raise ShopError(f"{source}: catalogue: has a SKU twice; change or remove one")
    return products


def _product(raw: object, place: str) -> Product:
    written = _mapping(raw, place)
    price, test = written.get("price"), written.get("test") is True
    # Only the test product may be free: where keys are live, nobody pays for a test.
    if not isinstance(price, int) or isinstance(price, bool) or price < (0 if test else 1):
        raise ShopError(f"{place}: price: {price!r} is no whole number above 0; write minor units")
    return Product(
        sku=_text(written, "sku", place, _SKU),
        name=_text(written, "name", place),
        description=str(written.get("description", "")),
        price=price,
        currency=_text(written, "currency", place, _CURRENCY),
        test=test,
    )


def _mapping(raw: object, place: str) -> Mapping[str, Any]:
    if not isinstance(raw, dict):
        raise ShopError(f"{place}: {raw!r:.60} is no object; write {{...}}")
    return raw


def _text(written: Mapping[str, Any], key: str, place: str, pattern: re.Pattern[str] | None = None) -> str:
    value = written.get(key)
    if not isinstance(value, str) or not value or (pattern and not pattern.fullmatch(value)):
        rule = f"does not match {pattern.pattern}" if pattern else "is no text"
        raise ShopError(f"{place}: {key}: {value!r} {rule}; correct it")
    return value


def _origin(written: Mapping[str, Any], key: str, place: str) -> str:
    """Check an origin: it goes into the Content-Security-Policy, where a space or ';' would say something else."""
    value = _text(written, key, place)
    parts = urlsplit(value)
    plain = f"{parts.scheme}://{parts.netloc}"
    if parts.scheme not in {"http", "https"} or value != plain or not re.fullmatch(r"[a-z0-9.:\[\]-]+", parts.netloc):
        raise ShopError(f"{place}: {key}: {value!r} is no origin; write it like https://shop.example.com")
    return value
