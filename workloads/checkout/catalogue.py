"""What is sold where, and for how much: the browser names a product, the price always comes from here."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checkout.settings import SettingsError

TEST_SKU = "flotilla-test"
"""The marked product, in every catalogue, for whoever checks that a shop can sell; they may refund its orders."""


@dataclass(frozen=True)
class Product:
    """Something that can be bought; ``price`` in the currency's smallest unit."""

    sku: str
    name: str
    price: int
    currency: str


@dataclass(frozen=True)
class Shop:
    """One variant: where its pages live, and its products by sku."""

    variant: str
    origin: str
    products: dict[str, Product]


Catalogue = dict[str, Shop]


def load(path: Path | None) -> Catalogue:
    """Read ``{"products": [{"sku", "name", "price", "currency"}], "variants": {name: {"origin", "products"?}}}``.

    A variant without products of its own sells the shared ones. Without a file nothing is sold. Raises SettingsError
    naming the file and the place in it.
    """
    if path is None:
        return {}
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        shared = _products(raw["products"])
        return {variant: _shop(variant, one, shared) for variant, one in raw["variants"].items()}
    except OSError as error:
        raise SettingsError(f"SHOPS_FILE: {path} can't be read ({error.strerror}); mount the file") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(
            f"SHOPS_FILE: {path} is no catalogue ({error!r}); see workloads/checkout/README.md"
        ) from None


def _shop(variant: str, raw: dict[str, Any], shared: dict[str, Product]) -> Shop:
    return Shop(variant, str(raw["origin"]), _products(raw["products"]) if "products" in raw else shared)


def _products(raw: list[dict[str, Any]]) -> dict[str, Product]:
    return {product.sku: product for product in map(_product, raw)}


def _product(raw: dict[str, Any]) -> Product:
    price = raw["price"]
    # Only the test product may be free: where keys are live, nobody pays for a test.
    least = 0 if raw["sku"] == TEST_SKU else 1
    if not isinstance(price, int) or isinstance(price, bool) or price < least:
        raise ValueError(f"price of {raw['sku']} is {price!r}; it must be a whole number of the smallest unit")
    # Stripe writes currencies in small letters, and what it reports is compared with what we asked for.
    return Product(str(raw["sku"]), str(raw["name"]), price, str(raw["currency"]).lower())
