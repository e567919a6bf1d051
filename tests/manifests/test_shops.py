"""What a shop shows and what the checkout charges come from one catalogue."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fleet.catalogue import TEST_SKU

Raw = dict[str, Any]
Fleets = st.SearchStrategy[Raw]
Objects = Callable[..., Any]

FIELD = {"sku": "field", "name": "Field", "price": 100, "currency": "EUR"}


def mounted(found: Any, deployment: str, file: str) -> Any:
    """Give the content of a file as the pods of a Deployment find it."""
    template = found.named("Deployment", deployment)["spec"]["template"]["spec"]
    (name,) = (one["configMap"]["name"] for one in template["volumes"] if "configMap" in one)
    return json.loads(found.named("ConfigMap", name)["data"][file])


def shown(found: Any, variant: str) -> dict[str, Any]:
    shop = mounted(found, f"storefront-{variant}", "shop.json")
    return {one["sku"]: one for one in shop["catalogue"]}


def charged(found: Any, variant: str) -> dict[str, Any]:
    shops = mounted(found, "checkout", "shops.json")
    return {one["sku"]: one for one in shops["variants"][variant].get("products", shops["products"])}


@given(data=st.data())
def test_the_checkout_charges_what_every_shop_shows(any_fleet: Fleets, objects: Objects, data: st.DataObject) -> None:
    raw = data.draw(any_fleet)
    found = objects(raw)
    for variant in (one if isinstance(one, str) else one["name"] for one in raw["variants"]):
        shop, prices = shown(found, variant), charged(found, variant)
        assert shop.keys() == prices.keys()
        assert all(shop[sku] == prices[sku] | {"description": shop[sku]["description"]} for sku in prices)
        assert [sku for sku, one in shop.items() if one.get("test")] == [TEST_SKU]


def test_a_variant_with_a_catalogue_of_its_own_sells_that_alone(minimal: Raw, objects: Objects) -> None:
    minimal["storefront"]["catalogue"] = [FIELD]
    minimal["variants"][0] = {"name": "brutal", "catalogue": [FIELD | {"price": 7, "currency": "JPY"}]}
    found = objects(minimal)
    assert {sku: (one["price"], one["currency"]) for sku, one in charged(found, "brutal").items()} == {
        "field": (7, "JPY"),
        TEST_SKU: (7, "JPY"),
    }
    assert shown(found, "hero")["field"]["price"] == charged(found, "hero")["field"]["price"] == 100


def test_a_fleet_without_a_catalogue_still_sells(minimal: Raw, objects: Objects) -> None:
    assert len(shown(objects(minimal), "hero")) == 7


def test_the_test_product_is_free_where_keys_are_live(minimal: Raw, objects: Objects) -> None:
    minimal["storefront"]["catalogue"] = [FIELD]
    prices = {}
    for purpose in ("disposable", "production"):
        found = objects(minimal | {"purpose": purpose})
        prices[purpose] = charged(found, "hero")[TEST_SKU]["price"]
    assert prices == {"disposable": 100, "production": 0}


def test_the_origin_that_the_checkout_knows_is_the_shops_own(minimal: Raw, objects: Objects) -> None:
    found = objects(minimal)
    shops = mounted(found, "checkout", "shops.json")["variants"]
    assert {name: one["origin"] for name, one in shops.items()} == {
        name: mounted(found, f"storefront-{name}", "shop.json")["url"] for name in ("brutal", "hero")
    }


def test_ten_thousand_shops_fit_into_the_checkouts_config_map(minimal: Raw, objects: Objects) -> None:
    minimal["variants"] = [f"shop-{number}" for number in range(10_000)]
    (config,) = (one for one in objects(minimal).of("ConfigMap") if one["metadata"]["name"].startswith("checkout-"))
    assert sum(len(key) + len(value) for key, value in config["data"].items()) < 1_048_576
