"""What shops and the checkout know of products: one source, so that the checkout charges what the shop shows."""

from __future__ import annotations

import json
from typing import Any

from fleet.model import FleetSpec, ProductSpec, VariantSpec

SHOP = "shop.json"
"""What makes one shop different from the others, as the storefront reads it."""
SHOPS = "shops.json"
"""Every shop with its origin and its prices, as the checkout reads it."""


def shop_json(fleet: FleetSpec, variant: VariantSpec) -> str:
    """Give ``shop.json`` of one variant."""
    shop = {
        "variant": variant.name,
        "theme": variant.theme,
        "url": variant.workload.url,
        "checkoutUrl": fleet.checkout.workload.url,
        "catalogue": [_priced(one) | {"description": one.description} for one in variant.catalogue],
    }
    return json.dumps(shop, indent=2) + "\n"


def shops_json(fleet: FleetSpec) -> str:
    """Give ``shops.json``: what all shops sell, then a line for each shop, with its own products if it has any.

    Said once and not for every shop, because a ConfigMap holds 1 MiB (kubernetes.io, ConfigMaps).
    """
    shops = ",\n".join(f"{json.dumps(one.name)}: {_compact(_shop(fleet, one))}" for one in fleet.variants)
    products = ",\n".join(_compact(_priced(one)) for one in fleet.catalogue)
    return f'{{"products": [\n{products}\n],\n"variants": {{\n{shops}\n}}}}\n'


def _shop(fleet: FleetSpec, variant: VariantSpec) -> dict[str, Any]:
    shop: dict[str, Any] = {"origin": variant.workload.url}
    if variant.catalogue != fleet.catalogue:
        shop["products"] = [_priced(one) for one in variant.catalogue]
    return shop


def _priced(product: ProductSpec) -> dict[str, Any]:
    """Give what both sides have to agree on; the price is in minor units."""
    priced: dict[str, Any] = {
        "sku": product.sku,
        "name": product.name,
        "price": product.price,
        "currency": product.currency,
    }
    return priced | {"test": True} if product.test else priced


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
