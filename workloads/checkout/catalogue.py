"""What is sold where, and for how much: the browser names a product, the price always comes from here."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from checkout.settings import SettingsError

TEST_SKU = "flotilla-test"
"""The marked product that every shop sells to whoever checks that it can sell; its orders may be refunded by them."""
_TEST_PRICE = 100


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
    """Read ``{"currency": "usd", "shops": [{"variant", "origin", "products": [{"sku", "name", "price"}]}]}``.

    Without a file nothing is sold. Raises SettingsError naming the file and the place in it.
    """
    if path is None:
        return {}
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        shops = [_shop(one, one.get("currency") or raw["currency"]) for one in raw["shops"]]
    except OSError as error:
        raise SettingsError(f"SHOPS_FILE: {path} can't be read ({error.strerror}); mount the file") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(
            f"SHOPS_FILE: {path} is no catalogue ({error!r}); see workloads/checkout/README.md"
        ) from None
    return {shop.variant: shop for shop in shops}


def _shop(raw: dict[str, object], currency: str) -> Shop:
    currency = currency.lower()
    products = [_product(one, currency) for one in raw["products"]]  # type: ignore[attr-defined]
    products.append(Product(TEST_SKU, "Test purchase", _TEST_PRICE, currency))
    return Shop(str(raw["variant"]), str(raw["origin"]), {product.sku: product for product in products})


def _product(raw: dict[str, object], currency: str) -> Product:
    price = raw["price"]
    if not isinstance(price, int) or isinstance(price, bool) or price < 1:
        raise ValueError(f"price of {raw['sku']} is {price!r}; it must be a whole number of the smallest unit")
    return Product(str(raw["sku"]), str(raw["name"]), price, currency)
