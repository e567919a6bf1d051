"""What a stack file may say of the products that shops sell."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from fleet.fields import Currency, Section, Sku

HIGHEST_PRICE = 99_999_999
"""Stripe takes eight digits at most (API reference, unit_amount)."""


class ProductConfig(Section):
    """One product, at the one price that the shop shows and the checkout charges."""

    sku: Sku
    """The product's identity: its page, and what an order names."""
    name: Annotated[str, Field(min_length=1, max_length=80)]
    """What the shop and the receipt call it."""
    description: Annotated[str, Field(max_length=400)] = ""
    """One or two sentences for the customer."""
    price: Annotated[int, Field(ge=1, le=HIGHEST_PRICE, strict=True)]
    """In the currency's minor units: 48900 is EUR 489.00, and JPY 48,900."""
    currency: Currency
    """The ISO 4217 code, like EUR."""


Catalogue = Annotated[tuple[ProductConfig, ...], Field(min_length=1)]
