"""What shops sell: the spec of every catalogue, the default one, and the product that only a test buys."""

from __future__ import annotations

from collections.abc import Iterable

from fleet.config import Purpose
from fleet.config_catalogue import ProductConfig
from fleet.model import ProductSpec

TEST_SKU = "flotilla-test"
"""The marked test product: in every catalogue, on no shelf; what verify buys (docs/glossary.md)."""


def catalogue(products: Iterable[ProductConfig], purpose: Purpose) -> tuple[ProductSpec, ...]:
    """Give what a shop sells, the default where nothing is said, and the test product after it."""
    sold = tuple(_spec(product) for product in products) or DEFAULT
    return (*sold, _test_product(sold, purpose))


def _spec(product: ProductConfig) -> ProductSpec:
    return ProductSpec(
        sku=product.sku,
        name=product.name,
        description=product.description,
        price=product.price,
        currency=product.currency,
    )


def _test_product(sold: Iterable[ProductSpec], purpose: Purpose) -> ProductSpec:
    # The amount of a real product: no currency's least amount can refuse it. In production no test may need a live
    # card, so it is free there: Stripe asks no card for an order of 0 (Stripe documentation, No-cost orders).
    cheapest = min(sold, key=lambda product: product.price)
    return ProductSpec(
        sku=TEST_SKU,
        name="Test purchase",
        description="Bought and refunded by the machine that watches over this shop. Nothing is delivered.",
        price=0 if purpose == "production" else cheapest.price,
        currency=cheapest.currency,
        test=True,
    )


def _watch(sku: str, name: str, price: int, description: str) -> ProductSpec:
    return ProductSpec(sku=sku, name=name, description=description, price=price, currency="EUR")


DEFAULT = (
    _watch(
        "field-38",
        "Field 38",
        24900,
        "Hand-wound, 38 mm, bead-blasted steel. Full numerals that read at a glance, day or night.",
    ),
    _watch(
        "diver-41",
        "Diver 41",
        48900,
        "Automatic, 41 mm, water-resistant to 300 m. A ceramic bezel with 120 clicks and a screw-down crown.",
    ),
    _watch(
        "pilot-42",
        "Pilot 42",
        42900,
        "Automatic, 42 mm. An oversized crown for gloved hands and a dial that was drawn for night flights.",
    ),
    _watch(
        "chrono-40",
        "Chronograph 40",
        69900,
        "Column-wheel chronograph, 40 mm. Two registers, a tachymeter scale and 60 hours of power reserve.",
    ),
    _watch(
        "dress-36",
        "Dress 36",
        35900,
        "Hand-wound, 36 mm, 7.2 mm thin. Applied markers on a dial of eggshell lacquer.",
    ),
    _watch(
        "gmt-39",
        "GMT 39",
        58900,
        "Automatic with a second time zone, 39 mm. The local hour jumps without stopping the watch.",
    ),
)
"""Without a catalogue in the stack file a new fleet still has shops that can be bought from."""
