"""A shop.json is read whole, or refused in one line that names the place, the value and the remedy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fleet import catalogue
from storefront import shop

Raw = dict[str, Any]


def test_a_shop_is_read(raw: Raw) -> None:
    found = shop.parse(raw, "shop.json")
    assert (found.variant, found.theme, found.checkout_url) == ("acme", "trust", "https://checkout.shops.example")
    assert [product.sku for product in found.shelf] == ["field-38", "diver-41", "anything"]
    assert [product.sku for product in found.catalogue if product.test] == ["flotilla-test"]


def test_a_shop_without_a_catalogue_sells_the_sample(raw: Raw) -> None:
    del raw["catalogue"]
    assert shop.parse(raw, "shop.json").catalogue == shop.read(shop.SAMPLE).catalogue


def test_the_sample_is_the_fleets_default_catalogue() -> None:
    fields = ("sku", "name", "description", "price", "currency", "test")
    sample, default = shop.read(shop.SAMPLE).catalogue, catalogue.catalogue((), "test")
    assert [[getattr(one, field) for field in fields] for one in sample] == [
        [getattr(one, field) for field in fields] for one in default
    ]


def test_only_the_test_product_may_be_free(raw: Raw) -> None:
    raw["catalogue"][-1]["price"] = 0
    assert shop.parse(raw, "shop.json").catalogue[-1].shown_price == "CHF\N{NO-BREAK SPACE}0.00"
    raw["catalogue"][0]["price"] = 0
    with pytest.raises(shop.ShopError, match=r"catalogue\[0\]: price: 0 is no whole number above 0"):
        shop.parse(raw, "shop.json")


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"variant": ""}, "shop.json: variant: '' does not match"),
        ({"theme": None}, "shop.json: theme: None does not match"),
        ({"checkoutUrl": "https://a.example/path"}, "shop.json: checkoutUrl: 'https://a.example/path' is no origin"),
        ({"checkoutUrl": "https://a; script-src *"}, "shop.json: checkoutUrl: 'https://a; script-src *' is no origin"),
        ({"checkoutUrl": "javascript:alert(1)"}, "shop.json: checkoutUrl: 'javascript:alert(1)' is no origin"),
        ({"catalogue": []}, "shop.json: catalogue: [] is no list of products"),
        ({"catalogue": [5]}, "shop.json: catalogue[0]: 5 is no object"),
        ({"catalogue": [{"sku": "A B"}]}, "shop.json: catalogue[0]: price: None is no whole number"),
        ({"catalogue": [{"sku": "A B", "price": 1}]}, "shop.json: catalogue[0]: sku: 'A B' does not match"),
        ({"catalogue": [{"sku": "a", "price": 4.5}]}, "shop.json: catalogue[0]: price: 4.5 is no whole number"),
        ({"catalogue": [{"sku": "a", "price": 1, "name": "A", "currency": "euro"}]}, "currency: 'euro' does not match"),
        ({"catalogue": [{"sku": "a", "price": 1, "name": "A", "currency": "EUR"}] * 2}, "catalogue: has a SKU twice"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(raw: Raw, change: Raw, line: str) -> None:
    shop.parse(raw, "shop.json")
    with pytest.raises(shop.ShopError) as caught:
        shop.parse(raw | change, "shop.json")
    assert line in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [None, "", "{", "[]", '"shop"'])
def test_a_file_that_holds_no_shop_is_named(content: str | None, tmp_path: Path) -> None:
    file = tmp_path / "shop.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(shop.ShopError, match=str(file)):
        shop.read(file)


def test_what_the_plan_writes_can_be_read(stack_config: Any, planned_resources: Any) -> None:
    for resource in planned_resources(stack_config("dev")):
        data = resource.inputs.get("data", {}) if resource.is_kubernetes else {}
        if "shop.json" in data:
            found = shop.parse(json.loads(data["shop.json"]), resource.name)
            assert len(found.shelf) >= 4
